"""The products on a deal."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, ClassVar

from django.db.models import QuerySet

from peyvand.kernel import money, numbers
from peyvand.kernel.errors import Invalid, msg
from peyvand.operational.catalog.public import Product, ProductLines, amount_of, quantity_of, read_lines
from peyvand.operational.sales.models import DealLine
from peyvand.platform.actions.context import Context
from peyvand.platform.database.bulk import insert_rows, next_ids
from peyvand.platform.database.compiled import Slot, in_slot
from peyvand.platform.fields.reader import Reader
from peyvand.platform.fields.types import Money
from peyvand.platform.workspaces.lookups import lookup
from peyvand.platform.workspaces.models import WorkspaceModel
from peyvand.platform.workspaces.scope import current_workspace_id

# How many months lie between two of a repeating line; without a number of times it counts for a year.
MONTHS = {"month": 1, "quarter": 3, "year": 12}
YEAR = 12
MOST_TIMES = 600
# Marks a line whose price was not given, until it is settled whether the product's own holds; known to ``Lines`` alone.
_LISTED = "listed"


@lookup("bigint[]")
def _lines_of(deals: Slot) -> QuerySet[Any]:
    rows = DealLine.objects.filter(in_slot("deal_id", deals)).order_by("deal_id", "position")
    return rows.values_list(
        "deal_id", "product_id", "product__name", "quantity", "price", "discount", "amount", "every", "times"
    )


def line(
    product: int, price: int | None, quantity: Decimal | int = 1, discount: Decimal | int = 0, name: str = "",
    every: str = "", times: int | None = None,
) -> dict[str, Any]:  # fmt: skip
    """One line as the field keeps it: ``product`` by id, ``price`` for one unit in minor units, ``discount`` in percent;
    ``every`` month, quarter or year it comes again, ``times`` in all."""
    exact = None if price is None else Decimal(price) * quantity * (100 - discount) / 100
    return {
        "product": {"id": product, "title": name},
        "quantity": numbers.plain(Decimal(quantity)),
        "price": price,
        "discount": numbers.plain(Decimal(discount)),
        "amount": None if exact is None else int(exact.to_integral_value(ROUND_HALF_UP)),
        "every": every,
        "times": times if every else None,
    }


def is_listed(item: Mapping[str, Any]) -> bool:
    """Whether the price of a line just read was not given, so that the product's own stands there."""
    return _LISTED in item


def settled(item: Mapping[str, Any], *, is_open: bool = False) -> dict[str, Any]:
    """A line just read as it is kept: with the price that stands there, or without any."""
    kept = {key: value for key, value in item.items() if key != _LISTED}
    return kept | {"price": None, "amount": None} if is_open else kept


def total(lines: Sequence[Mapping[str, Any]]) -> int | None:
    """What the lines come to; None where no line has a price."""
    amounts = [item["amount"] for item in lines if item["amount"] is not None]
    return sum(amounts) if amounts else None


def monthly(lines: Sequence[Mapping[str, Any]]) -> int | None:
    """What the repeating lines come to in a month, rounded half up; None where nothing repeats."""
    rates = [
        Decimal(item["amount"]) / MONTHS[item["every"]]
        for item in lines
        if item.get("every") and item["amount"] is not None
    ]
    return int(sum(rates, Decimal(0)).to_integral_value(ROUND_HALF_UP)) if rates else None


def lasting(lines: Sequence[Mapping[str, Any]]) -> int | None:
    """What all lines come to over their time; one that repeats without an end counts for a year."""
    amounts = [item["amount"] * _times(item) for item in lines if item["amount"] is not None]
    return sum(amounts) if amounts else None


def _times(item: Mapping[str, Any]) -> int:
    if not item.get("every"):
        return 1
    return int(item["times"] or YEAR // MONTHS[item["every"]])


def margin(lines: Sequence[Mapping[str, Any]], costs: Mapping[int, int | None]) -> int | None:
    """The amounts less what the products cost, rounded half up; None where a price or a cost is not known.

    ``costs``: of one unit of each product, by id, in minor units.
    """
    known = [(item["amount"], costs.get(item["product"]["id"]), item["quantity"]) for item in lines]
    if not known or any(amount is None or cost is None for amount, cost, _ in known):
        return None
    spent = sum((Decimal(cost or 0) * Decimal(str(quantity)) for _, cost, quantity in known), Decimal(0))
    return int((Decimal(sum(amount for amount, _, _ in known)) - spent).to_integral_value(ROUND_HALF_UP))


@dataclass(frozen=True, kw_only=True)
class Lines(ProductLines):
    """Items {product: {id, title}, quantity, price, discount, amount, every, times}; the amount is reckoned, never taken over.

    Products are given by id or by name; without a price, the product's own holds, unless the line was open before or an amount
    was named that it is not (figures.keep_open_prices). A price of None is open: what the line comes to is not known.
    """

    widget: ClassVar[str] = "lines"
    table: ClassVar[type[WorkspaceModel]] = DealLine
    of: ClassVar[str] = "deal"

    def understand(self, raw: Any, reader: Reader) -> Any:
        lines = read_lines(raw, lambda item, product: self._line(item, product, reader))
        if (lasting(lines) or 0) > money.MOST:
            raise Invalid.of(msg("This amount is too large."))
        return lines

    def _line(self, item: Mapping[str, Any], product: Product | None, reader: Reader) -> dict[str, Any]:
        assert product is not None
        price_field = Money(key="price", label="", min=0)
        raw = item.get("price", "")
        is_listed = raw == ""
        try:
            price = product.price if is_listed else price_field.parse(raw, reader)
        except Invalid as error:
            raise error.at("price") from None
        discount = amount_of(item, "discount", Decimal(0), Decimal(100), 2)
        every, times = str(item.get("every") or ""), None
        if every and every not in MONTHS:
            raise Invalid.of(msg("This repeats every month, quarter or year."), "every", "choice")
        if every and item.get("times") not in (None, ""):
            times = int(amount_of(item, "times", Decimal(1), Decimal(MOST_TIMES), 0))
            if times == 0:
                raise Invalid.of(msg("This must be more than zero."), "times")
        made = line(product.id, price, quantity_of(item), discount, product.name, every, times)
        return {**made, _LISTED: True} if is_listed else made

    def to_form(self, value: Any) -> Any:
        """A form draws an open price as an empty place."""
        return [{**item, "price": "" if item["price"] is None else item["price"]} for item in value or ()]

    def load(self, ids: Sequence[int]) -> Mapping[int, Any]:
        found: dict[int, list[dict[str, Any]]] = defaultdict(list)
        for deal, product, name, quantity, price, discount, amount, every, times in _lines_of(list(ids)):
            found[deal].append({
                "product": {"id": product, "title": name}, "quantity": numbers.plain(quantity), "price": price,
                "discount": numbers.plain(discount), "amount": amount, "every": every, "times": times,
            })  # fmt: skip
        return {id: tuple(items) for id, items in found.items()}

    def store(self, ctx: Context, values: Mapping[int, Any]) -> None:
        workspace_id = current_workspace_id()
        asked = {item["product"]["id"] for items in values.values() for item in items}
        if asked - set(Product.objects.filter(id__in=asked).values_list("id", flat=True)):
            raise Invalid.of(msg("There is no such product."), self.key, "missing")
        self.remove(values)
        rows = [(id, n, item) for id, items in values.items() for n, item in enumerate(items)]
        if rows:
            columns = (
                "id",
                "workspace_id",
                "deal_id",
                "product_id",
                "quantity",
                "price",
                "discount",
                "amount",
                "every",
                "times",
                "position",
            )
            insert_rows(DealLine, columns, (
                (new, workspace_id, id, item["product"]["id"], Decimal(str(item["quantity"])), item["price"],
                 Decimal(str(item["discount"])), item["amount"], item.get("every", ""), item.get("times"), n)
                for new, (id, n, item) in zip(next_ids(DealLine, len(rows)), rows, strict=True)
            ))  # fmt: skip

    def further(self) -> dict[str, Any]:
        return {
            "price": {
                "type": ["integer", "null"],
                "description": "minor units, for one unit of the product; null: open",
            },
            "amount": {"type": ["integer", "null"], "readOnly": True},
            "every": {"type": "string", "enum": ["", *MONTHS], "description": "comes again so often"},
            "times": {
                "type": ["integer", "null"],
                "minimum": 1,
                "description": "so many times in all; null: for good",
            },
        }
