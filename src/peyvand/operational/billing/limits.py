"""How much of the list prices whoever issues a paper may take off: as with quotes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Q

from peyvand.kernel import clock
from peyvand.kernel.errors import RuleViolation, msg
from peyvand.operational.billing.customers import customer_of
from peyvand.operational.billing.drafting import terms_of
from peyvand.operational.billing.lines import LINES
from peyvand.operational.billing.models import Invoice
from peyvand.operational.pricing.public import reductions
from peyvand.operational.quotes.public import QUOTE, Quote, limit_of
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import Compound

Item = dict[str, Any]


@dataclass
class _Lot:
    """What of one product, or of one thing described, was agreed upon and not invoiced yet."""

    unit: Decimal
    left: Decimal

    def holds(self, item: Item) -> bool:
        """Whether a line is no cheaper; a unit is forgiven, for shares of a discount are rounded."""
        return bool(item["net"] + 1 >= self.unit * _quantity(item))


def demand_within(ctx: Context, invoice: Invoice) -> None:
    """Refuse a paper whose discounts are beyond the limit of who issues it. What was agreed upon already with this customer,
    by an accepted quote or an issued pro-forma invoice, is not asked again: of each product up to its quantity, in all papers
    together. What else is on the paper must be within the limit by itself.

    Raises:
        RuleViolation: it takes off too much.
    """
    most = limit_of(ctx.actor)
    if most >= 100:
        return
    items = LINES.load([invoice.id]).get(invoice.id, ())
    found = _reduction(ctx, invoice, items)
    if found <= most:
        return
    lots = _agreed(invoice)
    rest = [item for item in items if not _fits(lots, item)]
    if rest and (beyond := _reduction(ctx, invoice, rest)) > most:
        sentence = msg(
            "This is %(percent)s percent below the list prices, your limit is %(most)s percent; somebody with a higher limit has to issue it.",
            percent=max(found, beyond).normalize() + 0,
            most=Decimal(most).normalize() + 0,
        )
        raise RuleViolation(sentence, "discount", code="approval")


def _reduction(ctx: Context, invoice: Invoice, items: Sequence[Item]) -> Decimal:
    return reductions(ctx, [terms_of(invoice, clock.today(ctx.tenant.tz))], [items])[0]


def _agreed(invoice: Invoice) -> dict[Any, list[_Lot]]:
    """What somebody stood for with this customer and no paper took yet, the dearest first."""
    proforma = Invoice.objects.filter(id=invoice.original_id, kind="proforma").exclude(
        status__in=("draft", "cancelled")
    )
    quote = Quote.objects.filter(id=invoice.quote_id, status="accepted")
    items: Iterable[Item] = ()
    if (source := proforma.first() if invoice.original_id else None) is not None:
        items = LINES.load([source.id]).get(source.id, ())
    elif (offer := quote.first() if invoice.quote_id else None) is not None:
        source, items = offer, QUOTE.field("lines", Compound).load([offer.id]).get(offer.id, ())
    if source is None or customer_of(source) != customer_of(invoice):
        return {}
    lots: dict[Any, list[_Lot]] = defaultdict(list)
    for item in items:
        lots[_what(item)].append(_Lot(Decimal(item["net"]) / _quantity(item), _quantity(item)))
    for some in lots.values():
        some.sort(key=lambda lot: -lot.unit)
    for item in _taken_before(invoice):
        # What went out at another price is of what was agreed upon all the same.
        if not _fits(lots, item):
            _take(lots.get(_what(item), ()), _quantity(item))
    return lots


def _taken_before(invoice: Invoice) -> list[Item]:
    """The lines of other issued papers of the kind that were made of the same."""
    same = Q(original_id=invoice.original_id) if invoice.original_id else Q()
    same |= Q(quote_id=invoice.quote_id) if invoice.quote_id else Q()
    others = Invoice.objects.filter(same, kind=invoice.kind).exclude(status__in=("draft", "cancelled"))
    loaded = LINES.load(list(others.exclude(id=invoice.id).order_by("id").values_list("id", flat=True)))
    return [item for items in loaded.values() for item in items]


def _fits(lots: Mapping[Any, Sequence[_Lot]], item: Item) -> bool:
    """Whether a line is within what is left of what was agreed upon; then it is taken from that."""
    fitting = [lot for lot in lots.get(_what(item), ()) if lot.holds(item)]
    if sum(lot.left for lot in fitting) < _quantity(item):
        return False
    _take(fitting, _quantity(item))
    return True


def _take(lots: Iterable[_Lot], quantity: Decimal) -> None:
    for lot in lots:
        part = min(lot.left, quantity)
        lot.left -= part
        quantity -= part


def _quantity(item: Item) -> Decimal:
    return Decimal(str(item["quantity"]))


def _what(item: Item) -> Any:
    return item["product"]["id"] if item["product"] else item["description"]
