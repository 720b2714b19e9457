"""What happens when quotes are written, by whichever path: figures, names, and that what was sent stays as it is."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext, override

from peyvand.kernel import clock
from peyvand.kernel.errors import Message, Refusals, RuleViolation, msg
from peyvand.kernel.numbers import localize
from peyvand.operational.catalog.public import Product
from peyvand.operational.pricing.public import (
    PriceList,
    Terms,
    demand_currency,
    keep_settled,
    put_lines,
    reductions,
    settle_lines,
)
from peyvand.operational.quotes.fields import QuoteLines
from peyvand.operational.quotes.models import OPEN, Quote
from peyvand.operational.sales.public import Deal
from peyvand.platform.access.decisions import decide, visible
from peyvand.platform.access.rules import covered
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import Compound, whole_id
from peyvand.platform.identity.actor import Tenant
from peyvand.platform.objects.spec import object_named

Values = Mapping[str, Any]
VALID_DAYS: Final = 14
# What is agreed upon: it stays as it was sent.
CONTENT: Final = (
    "name", "company_id", "person_id", "deal_id", "price_list_id", "issued_on", "valid_until", "language", "discount",
    "notes", "terms",
)  # fmt: skip
# Whoever approved a discount approved these: words and days promise something too.
_APPROVED: Final = ("discount", "company_id", "price_list_id", "issued_on", "valid_until", "notes", "terms")
# What of a line was given, and not reckoned.
_GIVEN: Final = ("product", "description", "unit", "quantity", "price", "discount", "tax_by_hand")
FROZEN: Final = msg("A quote that was sent stays as it is; make a new edition of it.")


def lines_field() -> QuoteLines:
    return object_named("quote").field("lines", QuoteLines)


def prepare_quotes(ctx: Context, quotes: Sequence[Quote], values: Sequence[Values]) -> None:
    """Complete and reckon quotes about to be saved.

    Raises:
        RuleViolation: it was sent already, or ends before it begins.
        Invalid: a line has no price.
    """
    before = {q.id: q for q in Quote.objects.filter(id__in=[q.id for q in quotes if not q._state.adding])}
    refusals, today = Refusals(), clock.today(ctx.tenant.tz)
    chosen = {q.price_list_id for q in quotes if q.price_list_id}
    lists = dict(PriceList.objects.filter(id__in=chosen).values_list("id", "company_id")) if chosen else {}
    _begin(ctx, [(q, v) for q, v in zip(quotes, values, strict=True) if q._state.adding], today)
    open_ones: list[tuple[Quote, Values]] = []
    frozen: list[tuple[Quote, Values]] = []
    for quote, given in zip(quotes, values, strict=True):
        with refusals.of(None if quote._state.adding else quote.id):
            old = before.get(quote.id)
            if old is not None and old.status not in OPEN:
                _demand_same(old, quote)
                frozen.append((quote, given))
                continue
            _complete(ctx, quote, today)
            quote.name = (quote.name or quote.number or draft_name(ctx.tenant, quote))[:300]
            demand_currency(ctx, quote.currency, "currency")
            if quote.valid_until < quote.issued_on:
                raise RuleViolation(msg("The end cannot be before the beginning."), "valid_until")
            if old is None or old.price_list_id != quote.price_list_id:
                _demand_own(quote, lists.get(quote.price_list_id))
            open_ones.append((quote, given))
    refusals.settle()
    _keep_lines(frozen)
    _reckon(ctx, open_ones, before)


def begin_quote(ctx: Context, given: Values) -> Values:
    """What the form of a new quote holds: of the deal that it is opened with, its customer and products."""
    deal = Deal.objects.filter(id=whole_id(given.get("deal"))).first() if given.get("deal") else None
    today = clock.today(ctx.tenant.tz)
    begun: dict[str, Any] = {
        "issued_on": today,
        "valid_until": today + timedelta(days=VALID_DAYS),
        "language": ctx.tenant.language,
    }
    if deal is not None and decide(ctx.actor, "deal.view", deal):
        begun |= {"name": deal.name, "lines": lines_of_deal(ctx, deal)}
        whom = {"company": deal.company_id, "person": deal.person_id}
        # Whom the writer may not see, the quote has of its deal all the same, but no form shows them.
        begun |= {key: id for key, id in whom.items() if _is_seen(ctx, key, id)}
        if deal.owner_id and decide(ctx.actor, "deal.quote", deal):
            # Whoever writes it, it is the deal's owner who goes on with it; the form begins with its writer.
            return {key: value for key, value in begun.items() if not given.get(key)} | {
                "owner": deal.owner_id
            }
    return {key: value for key, value in begun.items() if not given.get(key)}


def _is_seen(ctx: Context, object_key: str, id: int | None) -> bool:
    rows = object_named(object_key).rows.filter(id=id, deleted_at__isnull=True)
    return id is not None and bool(visible(ctx.actor, object_key, rows).exists())


def lines_of_deal(ctx: Context, deal: Deal) -> tuple[dict[str, Any], ...]:
    """A deal's products as lines of a quote; none where they are hidden from the actor."""
    if "lines" in ctx.actor.grants.hides("deal"):
        return ()
    held = object_named("deal").field("lines")
    assert isinstance(held, Compound)
    given = [
        {key: item[key] for key in ("product", "quantity", "price", "discount")}
        for item in held.load([deal.id]).get(deal.id, ())
    ]
    lines: tuple[dict[str, Any], ...] = lines_field().parse(given, ctx.reader)
    return lines


def keep_lines(ctx: Context, quotes: Sequence[Quote], values: Sequence[Values], created: bool) -> None:
    """Write the lines whose figures follow from what else was changed."""
    keep_settled(ctx, lines_field(), quotes)


def _begin(ctx: Context, new: Sequence[tuple[Quote, Values]], today: date) -> None:
    """What a new quote has that nobody gave: from its deal and from the workspace."""
    quotes = [quote for quote, _ in new]
    asked = {quote.deal_id for quote in quotes if quote.deal_id}
    deals = {deal.id: deal for deal in Deal.objects.filter(id__in=asked)} if asked else {}
    own = covered(ctx.actor, "deal.quote", list(deals.values())) if deals else set()
    for quote, given in new:
        deal = deals.get(quote.deal_id or 0)
        if deal is not None:
            if "owner" not in given and deal.id in own:
                quote.owner_id = deal.owner_id or quote.owner_id
            quote.company_id = quote.company_id or deal.company_id
            quote.person_id = quote.person_id or deal.person_id
            quote.name = quote.name or deal.name
        _complete(ctx, quote, today)
        quote.currency = ctx.tenant.currency
        quote.secret = secrets.token_urlsafe(32)
        quote.status = quote.status or "draft"


def draft_name(tenant: Tenant, quote: Quote) -> str:
    """What a quote without a name is called before it has a number."""
    with override(tenant.language):
        return gettext("Draft %(n)s") % {"n": localize(str(quote.id), tenant.language)}


def _complete(ctx: Context, quote: Quote, today: date) -> None:
    """What is never empty, where it was left so."""
    quote.issued_on = quote.issued_on or today
    quote.valid_until = quote.valid_until or quote.issued_on + timedelta(days=VALID_DAYS)
    quote.language = quote.language or ctx.tenant.language
    quote.discount = quote.discount or Decimal(0)


def _demand_own(quote: Quote, company: int | None) -> None:
    """Refuse the price list that was made for another company."""
    if company is not None and company != quote.company_id:
        raise RuleViolation(msg("This price list is another company's."), "price_list")


def fixed_of(quote: Quote) -> frozenset[str]:
    """What a quote that was sent says: nobody is asked for it any more."""
    if quote.status in OPEN:
        return frozenset()
    return frozenset(name.removesuffix("_id") for name in CONTENT) | {"lines"}


def why_fixed(quote: Quote) -> tuple[Message, str] | None:
    """What the form of a quote that was sent says, and the verb that goes on from there."""
    return None if quote.status in OPEN else (FROZEN, "revise")


def _demand_same(old: Quote, quote: Quote) -> None:
    changed = [name for name in CONTENT if getattr(old, name) != getattr(quote, name)]
    if changed:
        raise RuleViolation(FROZEN, changed[0].removesuffix("_id"))


def _keep_lines(frozen: Sequence[tuple[Quote, Values]]) -> None:
    """A form sends the lines of a sent quote back as they are; anything else is refused."""
    field = lines_field()
    given = [(quote, values) for quote, values in frozen if field.key in values]
    stored = field.load([quote.id for quote, _ in given]) if given else {}
    refusals = Refusals()
    for quote, values in given:
        with refusals.of(quote.id):
            kept = stored.get(quote.id, ())
            if [_as_given(i) for i in values[field.key]] != [_as_given(i) for i in kept]:
                raise RuleViolation(FROZEN, field.key)
            put_lines(field, values, kept)
    refusals.settle()


def _as_given(item: Mapping[str, Any]) -> tuple[Any, ...]:
    product = item["product"]["id"] if item["product"] else None
    return (product, *(item[key] for key in _GIVEN[1:]), item["tax"] if item["tax_by_hand"] else None)


def _reckon(ctx: Context, given: Sequence[tuple[Quote, Values]], before: Mapping[int, Quote]) -> None:
    quotes, values = [quote for quote, _ in given], [each for _, each in given]
    field = lines_field()
    asked = [
        q.id for q in quotes if (old := before.get(q.id)) and old.status != "draft" and q.status == old.status
    ]
    stored = field.load(asked) if asked else {}
    totals = settle_lines(ctx, field, quotes, values, _terms)
    costs = _costs(quotes)
    taken_off = reductions(ctx, [_terms(quote) for quote in quotes], [quote.lines_now for quote in quotes])
    for quote, sums, reduction in zip(quotes, totals, taken_off, strict=True):
        quote.gross, quote.net, quote.tax, quote.total = sums.gross, sums.net, sums.tax, sums.total
        quote.reduced, quote.reduction = sums.discount + sums.share, reduction
        quote.margin = _margin(quote, costs)
        old = before.get(quote.id)
        # Where list prices rose meanwhile, more is taken off than was approved.
        if (
            old
            and quote.id in stored
            and (reduction > old.reduction or _is_other(old, quote, stored[quote.id]))
        ):
            quote.status, quote.approved_by_id = "draft", None


def reduction_now(ctx: Context, quote: Quote) -> Decimal:
    """How far a quote lies below the list prices as they are today, in percent: they may have changed since it was written."""
    [found] = reductions(ctx, [_terms(quote)], [lines_field().load([quote.id]).get(quote.id, ())])
    return found


def _terms(quote: Quote) -> Terms:
    return Terms(
        day=quote.issued_on,
        company=quote.company_id,
        price_list=quote.price_list_id,
        discount=Decimal(quote.discount or 0),
    )


def _is_other(old: Quote, quote: Quote, lines: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a quote that is being approved, or was, is another one now."""
    return any(getattr(old, name) != getattr(quote, name) for name in _APPROVED) or tuple(lines) != tuple(
        quote.lines_now
    )


def _costs(quotes: Sequence[Quote]) -> dict[int, int | None]:
    products = {item["product"]["id"] for q in quotes for item in q.lines_now if item["product"]}
    return dict(Product.objects.filter(id__in=products).values_list("id", "cost")) if products else {}


def _margin(quote: Quote, costs: Mapping[int, int | None]) -> int | None:
    """What remains of the net after the products' costs; None where one is not known."""
    margin = 0
    for item in quote.lines_now:
        cost = costs.get(item["product"]["id"]) if item["product"] else None
        if cost is None:
            return None
        margin += item["net"] - int((Decimal(str(item["quantity"])) * cost).to_integral_value())
    return margin if quote.lines_now else None


def why_quote_stays(quote: Quote) -> Message | None:
    """What was sent stays, with the way to its answer: the customer has it, and others build on it."""
    if quote.status in OPEN:
        return None
    if quote.status == "accepted":
        return msg("“%(name)s” was accepted; it stays.", name=quote.name)
    return msg("“%(name)s” was sent to the customer; it stays.", name=quote.name)


def valid_on(quote: Quote, today: date) -> bool:
    """Whether its answer is still awaited on this day."""
    return quote.status == "sent" and today <= quote.valid_until


def is_over(quote: Quote, today: date) -> bool:
    """Whether nobody answered it until its last day: it waits for a new edition."""
    return quote.status == "expired" or (quote.status == "sent" and today > quote.valid_until)
