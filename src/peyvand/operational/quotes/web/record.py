"""Cards: a quote's way to its answer, and the quotes of a deal."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final
from urllib.parse import urlencode

from django.utils.translation import gettext_lazy as _

from peyvand.operational.quotes.actions import granted
from peyvand.operational.quotes.agreeing import SAYS, public_path
from peyvand.operational.quotes.customers import hidden_customers, reach
from peyvand.operational.quotes.hooks import reduction_now
from peyvand.operational.quotes.models import OPEN, WANTED, Quote, QuoteTrace
from peyvand.operational.quotes.objects import QUOTE
from peyvand.operational.quotes.worth import SOURCE, differing, seen_accepted
from peyvand.operational.sales.public import DEAL
from peyvand.platform.access.decisions import decide
from peyvand.platform.actions.context import Context
from peyvand.platform.events.facts import RecordUpdated
from peyvand.platform.events.reading import newest
from peyvand.platform.identity.models import User
from peyvand.platform.notifications.deciders import deciders
from peyvand.platform.workspaces.addresses import full_address
from peyvand.web.components.tags import say
from peyvand.web.objects.pages.access import Opened
from peyvand.web.objects.pages.answers import page_url
from peyvand.web.objects.pages.cards import record_card
from peyvand.web.objects.pages.forewords import Foreword, before_verb
from peyvand.web.objects.resolve import address
from peyvand.web.shell.today import Card

STEPS: Final = {
    "asked": _("Approval asked for"),
    "approved": _("Discount approved"),
    "refused": _("Discount refused"),
    "sent": _("Sent"),
    "viewed": _("Opened by the customer"),
    "accepted": _("Accepted"),
    "rejected": _("Rejected"),
    "replaced": _("Replaced by a new edition"),
    WANTED: _("A new edition is asked for"),
}
SHOWN: Final = 30


@record_card("quote", order=10)
def way(ctx: Context, opened: Opened) -> Card:
    """The paper, the address for the customer, whether approval is needed, and every step so far."""
    quote, seen = opened.record, opened.row.values
    hidden_ones = (
        [say(words) for _, words in hidden_customers(ctx.actor, quote)] if quote.status in OPEN else []
    )
    steps = QuoteTrace.objects.filter(quote_id=quote.id).select_related("by").order_by("at", "id")[:SHOWN]
    knows, hidden = "status" in seen and "total" in seen, ctx.actor.grants.hides("quote")
    # Whoever has the customer's address can answer by it, and reads there all that the paper says.
    may = not hidden & SAYS and bool(decide(ctx.actor, "quote.update", quote))
    public = (
        public_path(quote.workspace_id, quote.secret) if knows and may and quote.status not in OPEN else ""
    )
    asked, limit = reduction_now(ctx, quote) if quote.status in OPEN else quote.reduction, granted(ctx, quote)
    # Where mail and SMS go out from here, they do so by verbs of the quote.
    email, phone = (
        "" if decide(ctx.actor, verb, quote) else found
        for verb, found in zip(
            ("quote.mail", "quote.write_sms"), reach(ctx, quote) if public else ("", ""), strict=True
        )
    )
    return Card("quotes/record_way.html", {
        "asked_of": _asked_of(quote) if knows else (), "email": email, "phone": phone, "number": quote.number,
        "pdf": f"{address(ctx, QUOTE, quote.id)}/pdf",
        "public": public, "full": full_address(public) if public else None,
        "needs": knows and quote.status in ("draft", "approved") and asked > limit,
        "reduction": None if "reduction" in hidden else asked, "limit": limit, "unseen": hidden_ones,
        "steps": [(STEPS.get(step.what, step.what), _shown(step, hidden)) for step in steps] if knows else [],
    })  # fmt: skip


@before_verb("quote.ask")
def whom_it_asks(ctx: Context, opened: Opened, given: Mapping[str, Any]) -> Foreword:
    """Who will be asked, before one asks."""
    return Foreword("quotes/ask.html", {"names": _deciders(opened.record)})


def _asked_of(quote: Quote) -> list[str]:
    """Who is asked to approve a quote that waits for it: those who were told."""
    return _deciders(quote) if quote.status == "waiting" else []


def _deciders(quote: Quote) -> list[str]:
    [asked] = deciders("quote.approve", [quote])
    return list(User.objects.filter(id__in=asked).order_by("name").values_list("name", flat=True))


def _shown(step: QuoteTrace, hidden: Collection[str]) -> QuoteTrace:
    """A step without what the actor may not know of the quote."""
    if "reason" in hidden:
        step.reason = ""
    if "signer" in hidden:
        step.name = step.agent = ""
        step.ip = None
    return step


@record_card("deal", order=34)
def worth(ctx: Context, opened: Opened) -> Card | None:
    """What the customer accepted, beside what the deal says: the way to take it over, or back."""
    deal = opened.record
    found = seen_accepted(ctx, [deal]).get(deal.id)
    if found is None:
        return None
    at = page_url(ctx, opened.spec, deal.id)
    return Card("quotes/record_worth.html", {
        "accepted": found, "quote": page_url(ctx, QUOTE, found.id), "amount": deal.amount, "differs": found.net != deal.amount,
        "take": f"{at}do/take_quote" if found.net != deal.amount and decide(ctx.actor, "deal.take_quote", deal) else "",
        "undo": _undo(ctx, opened) if decide(ctx.actor, "deal.update", deal) else "",
    })  # fmt: skip


def _undo(ctx: Context, opened: Opened) -> str:
    """Where what was taken over from a quote is taken back, while nothing of the deal changed since."""
    deal = opened.record
    last = next(iter(newest(DEAL.key, deal.id, [RecordUpdated.wire], 1)), None)
    if last is None or last.data.get("source") != SOURCE:
        return ""
    return f"{page_url(ctx, opened.spec, deal.id, 'undo', str(last.id))}?version={deal.version}"


@before_verb("deal.win")
def sold_for(ctx: Context, opened: Opened, given: Mapping[str, Any]) -> Foreword | None:
    """Both figures, where the customer accepted another one than the deal says."""
    found = differing(ctx, [opened.record]).get(opened.record.id)
    if found is None:
        return None
    return Foreword("quotes/sold_for.html", {"accepted": found, "amount": opened.record.amount})


@record_card("deal", order=35)
def make(ctx: Context, opened: Opened) -> Card | None:
    """The way from a deal to its quote."""
    if not decide(ctx.actor, "deal.quote", opened.record) or not decide(
        ctx.actor, QUOTE.permission("create")
    ):
        return None
    return Card(
        "quotes/record_make.html",
        {"url": f"{address(ctx, QUOTE)}/new?{urlencode({'deal': opened.record.id})}"},
    )
