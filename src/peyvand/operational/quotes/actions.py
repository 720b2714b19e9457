"""Verbs of quotes: from a deal, approval, sending, the answer, new editions and copies."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from peyvand.kernel import clock
from peyvand.kernel.errors import NotAllowed, RuleViolation, msg
from peyvand.operational.numbering.public import next_number
from peyvand.operational.quotes.agreeing import digest_of, sides_of
from peyvand.operational.quotes.customers import demand_seen
from peyvand.operational.quotes.events import (
    ApprovalAsked,
    ApprovalRefused,
    Approved,
    QuoteAccepted,
    QuoteRejected,
    QuoteRevised,
    QuoteSent,
    QuoteViewed,
    QuoteWantedAgain,
)
from peyvand.operational.quotes.hooks import draft_name, is_over, lines_field, lines_of_deal, reduction_now
from peyvand.operational.quotes.limits import as_text, limit_of
from peyvand.operational.quotes.models import OPEN, REVISABLE, WANTED, Quote, QuoteTrace
from peyvand.operational.quotes.objects import QUOTE
from peyvand.operational.quotes.worth import let_deal_follow, seen_accepted, take_worth
from peyvand.operational.sales.public import Deal
from peyvand.platform.actions.action import action, perform
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import Text
from peyvand.platform.objects.records import create_records, update_records
from peyvand.platform.objects.references import about

_NOTE = Text(key="note", label=_("Note to whoever decides"), max_length=500)
_REASON = Text(key="reason", label=_("Reason"), max_length=500)
_SIGNER = Text(key="signer", label=_("Name of who accepted it"), max_length=200)
_LONGEST: Final = {"name": 200, "signature": 200, "reason": 500, "agent": 300}
# What a copy takes over.
_COPIED = (
    "name",
    "deal_id",
    "company_id",
    "person_id",
    "price_list_id",
    "language",
    "discount",
    "notes",
    "terms",
)


@action("deal.quote", label=_("Make a quote"), icon="file", button=False, opens=True)
def quote_deal(ctx: Context, deal: Deal) -> Quote:
    """Make a quote of a deal: its customer, and its products with their quantities, prices and discounts."""
    values = {"deal": deal.id, "lines": lines_of_deal(ctx, deal)}
    quote: Quote = create_records(ctx, QUOTE, [values])[0]
    return quote


@action("deal.take_quote", label=_("Take over from the quote"), icon="file", button=False)
def take_quote(ctx: Context, deal: Deal) -> None:
    """Take the lines and the amount before tax of the quote over that the customer accepted last.

    Raises:
        RuleViolation: none was accepted that the actor sees.
    """
    found = seen_accepted(ctx, [deal]).get(deal.id)
    if found is None:
        raise RuleViolation(msg("You see no accepted quote of this deal."), code="quote")
    take_worth(ctx, [(deal, Quote.objects.get(id=found.id))])


@action(
    "quote.ask", label=_("Ask for approval"), icon="help", inputs=(_NOTE,), offered=lambda quote: quote.status in ("draft", "approved"),
    useful=lambda ctx, quote: reduction_now(ctx, quote) > granted(ctx, quote), final=True,
)  # fmt: skip
def ask_approval(ctx: Context, quote: Quote, *, note: str = "") -> None:
    """Ask somebody with a higher limit to approve the discount; ``note`` tells them why.

    Raises:
        RuleViolation: it is no draft, or needs no approval.
        Invalid: its customer is out of sight, so that it could not be sent.
    """
    _lock(quote)
    if quote.status != "approved":
        _demand_status(quote, "draft")
    demand_seen(ctx, quote)
    if reduction_now(ctx, quote) <= granted(ctx, quote):
        raise RuleViolation(msg("This discount is within your limit; the quote can be sent."), "discount")
    _turn(ctx, quote, status="waiting")
    ctx.record(ApprovalAsked(**about(QUOTE, quote), reduction=as_text(quote.reduction), note=note))
    trace(ctx, quote, "asked", reason=note)


@action(
    "quote.approve", label=_("Approve the discount"), icon="check", tone="good",
    offered=lambda quote: quote.status == "waiting",
    useful=lambda ctx, quote: reduction_now(ctx, quote) <= limit_of(ctx.actor), final=True,
)  # fmt: skip
def approve(ctx: Context, quote: Quote) -> None:
    """Approve the discount of a quote, by whoever may give as much themselves.

    Raises:
        RuleViolation: nobody asks for approval.
        NotAllowed: the discount is beyond one's own limit.
    """
    _lock(quote)
    _demand_status(quote, "waiting")
    if (asked := reduction_now(ctx, quote)) > (most := limit_of(ctx.actor)):
        raise NotAllowed(_beyond(asked, most))
    _turn(ctx, quote, status="approved", approved_by=ctx.actor.user_id)
    ctx.record(Approved(**about(QUOTE, quote), reduction=as_text(quote.reduction)))
    trace(ctx, quote, "approved")


@action(
    "quote.refuse", label=_("Refuse the discount"), icon="xc", tone="danger", inputs=(_REASON,),
    offered=lambda quote: quote.status == "waiting",
    useful=lambda ctx, quote: reduction_now(ctx, quote) <= limit_of(ctx.actor), final=True,
)  # fmt: skip
def refuse(ctx: Context, quote: Quote, *, reason: str = "") -> None:
    """Send a quote back to its writer, who has to give less.

    Raises:
        RuleViolation: nobody asks for approval.
        NotAllowed: the discount is beyond one's own limit, so that it is not one's own to decide.
    """
    _lock(quote)
    _demand_status(quote, "waiting")
    if (asked := reduction_now(ctx, quote)) > (most := limit_of(ctx.actor)):
        raise NotAllowed(_beyond(asked, most))
    _turn(ctx, quote, status="draft")
    ctx.record(ApprovalRefused(**about(QUOTE, quote), reason=reason))
    trace(ctx, quote, "refused", reason=reason)


@action(
    "quote.send", label=_("Mark as sent"), icon="arrow", tone="good",
    offered=lambda quote: quote.status in ("draft", "approved"),
    useful=lambda ctx, quote: can_send(ctx, quote), final=True,
)  # fmt: skip
def send_quote(ctx: Context, quote: Quote) -> None:
    """Say that a quote goes to the customer: from now on it has a number and stays as it is, and its public page is open.

    Raises:
        RuleViolation: it was sent already, is empty, has no customer, is past its day, or its discount needs approval.
        Invalid: its customer is out of the sender's sight.
    """
    _lock(quote)
    if quote.status not in ("draft", "approved"):
        raise RuleViolation(msg("This quote cannot be sent any more."), "status")
    if not lines_field().load([quote.id]).get(quote.id):
        raise RuleViolation(msg("A quote without lines cannot be sent."), "lines")
    if quote.company_id is None and quote.person_id is None:
        raise RuleViolation(msg("Say first whom the quote is for."), "company")
    demand_seen(ctx, quote)
    if quote.valid_until < clock.today(ctx.tenant.tz):
        raise RuleViolation(msg("This quote is past the day until which it is valid."), "valid_until")
    if (asked := reduction_now(ctx, quote)) > (most := granted(ctx, quote)):
        raise RuleViolation(_beyond(asked, most), "discount", code="approval")
    _number(ctx, quote)
    _turn(ctx, quote, status="sent", sent_at=clock.now())
    quote.sides = sides_of(ctx.tenant, quote)
    quote.digest = digest_of(quote, quote.sides)
    Quote.objects.filter(id=quote.id).update(sides=quote.sides, digest=quote.digest)
    ctx.record(
        QuoteSent(**about(QUOTE, quote), number=quote.number, edition=quote.edition, total=quote.total)
    )
    trace(ctx, quote, "sent")


@action(
    "quote.accept", label=_("Record the acceptance"), icon="check", tone="good", inputs=(_SIGNER,),
    offered=lambda quote: quote.status == "sent", final=True,
)  # fmt: skip
def accept_quote(
    ctx: Context, quote: Quote, *, signer: str = "", signature: str = "", agent: str = ""
) -> None:
    """Write down that the customer accepted a quote.

    Raises:
        RuleViolation: it was not sent, was answered already, or is past its day.
    """
    _lock(quote)
    _demand_answerable(ctx, quote)
    _turn(ctx, quote, status="accepted", decided_at=clock.now(), signer=signer)
    ctx.record(
        QuoteAccepted(
            **about(QUOTE, quote), number=quote.number, edition=quote.edition, total=quote.total, signer=signer,
            deal_id=quote.deal_id, company_id=quote.company_id,
        )
    )  # fmt: skip
    trace(ctx, quote, "accepted", name=signer, signature=signature, agent=agent)
    let_deal_follow(ctx, quote)


@action(
    "quote.reject", label=_("Record the rejection"), icon="xc", tone="danger", inputs=(_REASON,),
    offered=lambda quote: quote.status == "sent", final=True,
)  # fmt: skip
def reject_quote(ctx: Context, quote: Quote, *, reason: str = "", signer: str = "", agent: str = "") -> None:
    """Write down that the customer rejected a quote, and why.

    Raises:
        RuleViolation: it was not sent, or was answered already.
    """
    _lock(quote)
    _demand_status(quote, "sent")
    _turn(ctx, quote, status="rejected", decided_at=clock.now(), reason=reason, signer=signer)
    ctx.record(
        QuoteRejected(
            **about(QUOTE, quote), number=quote.number, edition=quote.edition, signer=signer, reason=reason
        )
    )
    trace(ctx, quote, "rejected", name=signer, reason=reason, agent=agent)


@action(
    "quote.revise", label=_("New edition"), icon="copy", offered=lambda quote: quote.status in REVISABLE,
    opens=True,
)  # fmt: skip
def revise(ctx: Context, quote: Quote) -> Quote:
    """Take a sent quote up again as a draft under the same number; the sent one is replaced and can no longer be accepted.

    Raises:
        RuleViolation: it is still a draft, or was accepted or replaced already.
    """
    _lock(quote)
    if quote.status not in REVISABLE:
        raise RuleViolation(msg("Of this quote no new edition can be made."), "status")
    _turn(ctx, quote, status="replaced")
    new = _copied(ctx, quote, {"number": quote.number, "edition": quote.edition + 1, "replaces": quote.id})
    ctx.record(QuoteRevised(**about(QUOTE, new), edition=new.edition))
    trace(ctx, quote, "replaced")
    return new


@action(
    "quote.copy",
    label=_("Copy"),
    icon="copy",
    offered=lambda quote: quote.status != "sent",
    opens=True,
    aside=True,
)
def copy_quote(ctx: Context, quote: Quote) -> Quote:
    """Make a new draft with the customer, lines and words of this one; its number will be its own."""
    return _copied(ctx, quote, {})


def can_send(ctx: Context, quote: Quote) -> bool:
    """Whether a quote is on its way already, or the actor may bring it there as it is."""
    if quote.status in ("draft", "approved"):
        return reduction_now(ctx, quote) <= granted(ctx, quote)
    return quote.status == "sent"


def note_view(ctx: Context, quote: Quote, *, agent: str = "") -> None:
    """Note that the customer opened a quote for the first time."""

    def change() -> None:
        _lock(quote)
        if quote.viewed_at is None:
            _turn(ctx, quote, viewed_at=clock.now())
            ctx.record(QuoteViewed(**about(QUOTE, quote)))
            trace(ctx, quote, "viewed", agent=agent)

    perform(ctx, "quote.update", (quote,), change)


def want_again(ctx: Context, quote: Quote, *, note: str = "", agent: str = "") -> None:
    """Note that the customer asks for a new edition of a quote that can no longer be accepted; again only once it was told.

    Raises:
        RuleViolation: its answer is still awaited, or was accepted.
    """

    def change() -> None:
        _lock(quote)
        if not is_over(quote, clock.today(ctx.tenant.tz)):
            raise RuleViolation(msg("The quote is in another state by now; look at it again."), "status")
        if not QuoteTrace.objects.filter(quote_id=quote.id, what=WANTED).exists():
            ctx.record(QuoteWantedAgain(**about(QUOTE, quote), note=note))
            trace(ctx, quote, WANTED, reason=note, agent=agent)

    perform(ctx, "quote.update", (quote,), change)


def _copied(ctx: Context, quote: Quote, more: Mapping[str, Any]) -> Quote:
    lines = [dict(item) for item in lines_field().load([quote.id]).get(quote.id, ())]
    values = {name.removesuffix("_id"): getattr(quote, name) for name in _COPIED}
    new: Quote = create_records(
        ctx, QUOTE, [{**values, "lines": tuple(lines), "owner": quote.owner_id, **more}]
    )[0]
    return new


def trace(ctx: Context, quote: Quote, what: str, **more: str) -> None:
    """Add a step to the quote's way."""
    QuoteTrace.objects.create(
        quote_id=quote.id, at=clock.now(), what=what, by_id=ctx.actor.user_id, ip=ctx.ip, digest=quote.digest,
        **{key: text[: _LONGEST[key]] for key, text in more.items()},
    )  # fmt: skip


def _lock(quote: Quote) -> None:
    """Whoever presses at the same time waits here, and finds the quote as it has become."""
    Quote.objects.select_for_update(of=("self",)).get(id=quote.id)
    quote.refresh_from_db()


def _number(ctx: Context, quote: Quote) -> None:
    """A number of its own, unless it is an edition of one that has it."""
    if quote.number:
        return
    number = next_number("quote", quote.issued_on)
    name = number if quote.name == draft_name(ctx.tenant, quote) else quote.name
    Quote.objects.filter(id=quote.id).update(number=number, name=name)
    quote.number, quote.name = number, name


def _turn(ctx: Context, quote: Quote, **values: Any) -> None:
    update_records(ctx, QUOTE, [quote], [values])


def _demand_status(quote: Quote, status: str) -> None:
    if quote.status == status:
        return
    if status == "sent" and quote.status in OPEN:
        raise RuleViolation(msg("This quote was not sent yet."), "status")
    if quote.status in ("accepted", "rejected"):
        raise RuleViolation(msg("This quote was answered already."), "status")
    raise RuleViolation(msg("The quote is in another state by now; look at it again."), "status")


def _demand_answerable(ctx: Context, quote: Quote) -> None:
    _demand_status(quote, "sent")
    if quote.valid_until < clock.today(ctx.tenant.tz):
        raise RuleViolation(
            msg("This quote is past the day until which it was valid; make a new edition of it."),
            "valid_until",
        )


def granted(ctx: Context, quote: Quote) -> Decimal:
    """How far below the list prices the quote may go: by the actor's limit, or as it was approved."""
    return max(limit_of(ctx.actor), quote.reduction if quote.status == "approved" else Decimal(0))


def _beyond(asked: Decimal, most: Decimal) -> Any:
    return msg(
        "This is %(percent)s percent below the list prices, your limit is %(most)s percent; ask for approval.",
        percent=asked.normalize() + 0,
        most=most.normalize() + 0,
    )
