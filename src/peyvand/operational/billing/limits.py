"""How much of the list prices whoever issues a paper may take off: as with quotes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from peyvand.kernel import clock
from peyvand.kernel.errors import RuleViolation, msg
from peyvand.operational.billing.drafting import terms_of
from peyvand.operational.billing.lines import LINES
from peyvand.operational.billing.models import Invoice
from peyvand.operational.pricing.public import reductions
from peyvand.operational.quotes.public import QUOTE, Quote, limit_of
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import Compound

Item = Mapping[str, Any]


def demand_within(ctx: Context, invoice: Invoice) -> None:
    """Refuse a paper whose discounts are beyond the limit of who issues it. What was agreed upon already, by an accepted quote
    or an issued pro-forma invoice, is not asked again.

    Raises:
        RuleViolation: it takes off too much.
    """
    most = limit_of(ctx.actor)
    if most >= 100:
        return
    items = LINES.load([invoice.id]).get(invoice.id, ())
    [found] = reductions(ctx, [terms_of(invoice, clock.today(ctx.tenant.tz))], [items])
    if found > most and not _is_agreed(items, _agreed(invoice)):
        sentence = msg(
            "This is %(percent)s percent below the list prices, your limit is %(most)s percent; somebody with a higher limit has to issue it.",
            percent=found.normalize() + 0,
            most=Decimal(most).normalize() + 0,
        )
        raise RuleViolation(sentence, "discount", code="approval")


def _agreed(invoice: Invoice) -> Sequence[Item]:
    """The lines that this paper was made of, where somebody stood for them."""
    if invoice.quote_id is not None:
        lines = QUOTE.field("lines")
        assert isinstance(lines, Compound)
        if Quote.objects.filter(id=invoice.quote_id, status="accepted").exists():
            return tuple(lines.load([invoice.quote_id]).get(invoice.quote_id, ()))
    proforma = Invoice.objects.filter(id=invoice.original_id, kind="proforma").exclude(status="draft")
    if invoice.original_id is not None and proforma.exists():
        return tuple(LINES.load([invoice.original_id]).get(invoice.original_id, ()))
    return ()


def _is_agreed(items: Sequence[Item], agreed: Sequence[Item]) -> bool:
    """Whether nothing is cheaper than it was agreed upon; a unit is forgiven, for shares of a discount are rounded."""
    each: dict[Any, Decimal] = {}
    for item in agreed:
        unit = Decimal(item["net"]) / Decimal(str(item["quantity"]))
        each[_what(item)] = min(unit, each.get(_what(item), unit))
    return all(
        _what(item) in each and item["net"] + 1 >= each[_what(item)] * Decimal(str(item["quantity"]))
        for item in items
    )


def _what(item: Item) -> Any:
    return item["product"]["id"] if item["product"] else item["description"]
