"""A deal is worth what its customer accepted: the accepted quote's lines and amount before tax become the deal's.

So it is done by itself once the latest quote of an open deal is accepted, unless somebody said after it was sent what the
deal is worth; then whoever wins the deal is asked.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext

from peyvand.kernel.errors import Conflict, Invalid, RuleViolation, msg
from peyvand.operational.quotes.hooks import lines_field
from peyvand.operational.quotes.models import Quote
from peyvand.operational.sales.public import DEAL, Deal, line, sold_as
from peyvand.platform.access.decisions import decide, visible
from peyvand.platform.actions.context import Context
from peyvand.platform.actions.long import fresh
from peyvand.platform.database.compiled import Slot, in_slot
from peyvand.platform.events.reading import was_changed
from peyvand.platform.fields.choices import Option
from peyvand.platform.fields.types import Compound
from peyvand.platform.identity.actor import Actor, actors_of
from peyvand.platform.objects.records import update_records
from peyvand.platform.workspaces.lookups import lookup

# By which door the change came, as the history says it.
SOURCE: Final = "quote"
_DEAL_SAYS: Final = frozenset({"amount", "lines"})
# Without these nobody knows what was accepted.
_QUOTE_SAYS: Final = frozenset({"name", "status", "net", "lines"})


@dataclass(frozen=True)
class Accepted:
    """The latest quote of a deal that was accepted; ``net`` in minor units, before tax."""

    id: int
    name: str
    net: int


@lookup("bigint[]")
def _accepted_of(deals: Slot) -> QuerySet[Any]:
    rows = Quote.objects.filter(in_slot("deal_id", deals), status="accepted", deleted_at__isnull=True)
    latest = rows.order_by("deal_id", "-decided_at", "-id").distinct("deal_id")
    return latest.values_list("deal_id", "id", "name", "net")


def seen_accepted(ctx: Context, deals: Sequence[Deal]) -> dict[int, Accepted]:
    """What the customers of deals accepted last, by deal, to whoever may see those quotes and what would be taken over of them."""
    grants = ctx.actor.grants
    if grants.hides(DEAL.key) & _DEAL_SAYS or grants.hides("quote") & _QUOTE_SAYS:
        return {}
    found = {deal: Accepted(*row) for deal, *row in _accepted_of([deal.id for deal in deals])}
    if not found:
        return {}
    rows = Quote.objects.filter(id__in=[one.id for one in found.values()])
    seen = set(visible(ctx.actor, "quote", rows).values_list("id", flat=True))
    return {deal: one for deal, one in found.items() if one.id in seen}


def differing(ctx: Context, deals: Sequence[Deal]) -> dict[int, Accepted]:
    """The accepted quotes that say another amount than their deals, by deal, as ``seen_accepted``."""
    found = seen_accepted(ctx, deals)
    return {
        deal.id: found[deal.id] for deal in deals if deal.id in found and found[deal.id].net != deal.amount
    }


def let_deal_follow(ctx: Context, quote: Quote) -> None:
    """Once a quote is accepted, let its open deal be worth what it says, if that was the last word about it.

    The acceptance holds whatever becomes of the deal: whoever changes it at the same time is waited for, and a deal that
    refuses stays as it is, with the quote offered on its page.
    """
    rows = Deal.objects.filter(id=quote.deal_id, status="open", deleted_at__isnull=True)
    deal = rows.select_for_update(of=("self",)).first() if quote.deal_id else None
    if deal is None or not _is_latest(quote) or _said_since(deal, quote):
        return
    actor = _behind(ctx, deal, quote)
    if actor is None:
        return
    doing = replace(fresh(ctx), actor=actor)
    with suppress(Invalid, RuleViolation, Conflict), transaction.atomic():
        take_worth(doing, [(deal, quote)])


def _behind(ctx: Context, deal: Deal, quote: Quote) -> Actor | None:
    """By whose right the deal follows: that of whoever writes the acceptance down, or of who made the quote, for the customer
    accepts it without any. None where neither may change the deal: its owner is offered the quote."""
    makers = actors_of(ctx.tenant.id, {quote.created_by_id}) if quote.created_by_id is not None else {}
    asked = [ctx.actor] if ctx.actor.user_id is not None or not makers else []
    return next((a for a in [*asked, *makers.values()] if decide(a, DEAL.permission("update"), deal)), None)


def take_worth(ctx: Context, sold: Sequence[tuple[Deal, Quote]]) -> None:
    """Take the lines of quotes, and their amounts before tax, over into their deals.

    Raises:
        RuleViolation: one of the quotes was not accepted for its deal.
    """
    if any(quote.deal_id != deal.id or quote.status != "accepted" for deal, quote in sold):
        raise RuleViolation(msg("This quote was not accepted for this deal."), "quote")
    held = DEAL.field("lines")
    assert isinstance(held, Compound)
    given = lines_field().load([quote.id for _, quote in sold])
    before = held.load([deal.id for deal, _ in sold])
    values = [worth_of(given.get(quote.id, ()), quote.net, before.get(deal.id, ())) for deal, quote in sold]
    update_records(ctx, DEAL, [deal for deal, _ in sold], values, source=SOURCE)


def worth_of(
    given: Sequence[Mapping[str, Any]], net: int, before: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """Lines and amount of a deal from the lines of its quote: what they come to is ``net``, to the last unit.

    A line that is no product's has no place in a deal; the others' prices are open then, and the amount says the whole.
    How often a product comes again is as ``before``, line by line where it stands there more than once.
    """
    often = defaultdict(list)
    for item in before:
        often[item["product"]["id"]].append(item)
    of_products = [item for item in given if item["product"]]
    is_whole = len(of_products) == len(given)
    lines = tuple(
        _line(item, *_rhythm(item, often[item["product"]["id"]]), is_priced=is_whole) for item in of_products
    )
    return {"lines": lines, "amount": net}


def _rhythm(item: Mapping[str, Any], before: list[Mapping[str, Any]]) -> tuple[str, int | None]:
    """How often a line comes again: as the first of its product's that are left, rather one of the same price; the last
    one stands for all further ones."""
    if not before:
        return "", None
    found = min(before, key=lambda one: one["price"] != item["price"])
    if len(before) > 1:
        before.remove(found)
    return found.get("every") or "", found.get("times")


def _line(item: Mapping[str, Any], every: str, times: int | None, *, is_priced: bool) -> dict[str, Any]:
    product, quantity = item["product"], Decimal(str(item["quantity"]))
    title = product.get("title") or item["description"]
    if not is_priced:
        return line(product["id"], None, quantity, 0, title, every, times)
    discount = Decimal(str(item["discount"]))
    made = line(product["id"], item["price"], quantity, discount, title, every, times)
    if made["amount"] == item["net"]:
        return made
    # A share of the discount on the whole is in it: the price is what one comes to after that.
    made = line(product["id"], round(item["net"] / quantity), quantity, 0, title, every, times)
    return {**made, "amount": item["net"]}


def _is_latest(quote: Quote) -> bool:
    others = Quote.objects.filter(
        deal_id=quote.deal_id, status__in=("sent", "accepted"), deleted_at__isnull=True
    )
    return quote.sent_at is None or not others.exclude(id=quote.id).filter(sent_at__gt=quote.sent_at).exists()


def _said_since(deal: Deal, quote: Quote) -> bool:
    """Whether somebody said what the deal is worth after the quote was sent."""
    return was_changed(DEAL.key, deal.id, _DEAL_SAYS, quote.sent_at or quote.created_at, but=SOURCE)


def _offers(ctx: Context, deals: Sequence[Deal]) -> dict[int, list[Option]]:
    label = gettext("As the accepted quote “%(name)s” says")
    return {
        deal: [Option(str(one.id), label % {"name": one.name})] for deal, one in differing(ctx, deals).items()
    }


def _take(ctx: Context, chosen: Sequence[tuple[Deal, int]]) -> None:
    quotes = Quote.objects.in_bulk([id for _, id in chosen])
    take_worth(ctx, [(deal, quotes[id]) for deal, id in chosen])


sold_as(_offers, _take)
