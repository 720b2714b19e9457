"""The lines of orders, and the rate of another currency."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar, Final

from peyvand.kernel import money, numbers
from peyvand.kernel.conditions import FieldType
from peyvand.kernel.errors import Invalid, msg
from peyvand.operational.catalog.public import Product, ProductLines, amount_of, read_lines
from peyvand.operational.orders.arithmetic import Figures, figures, price_of
from peyvand.operational.orders.models import OrderLine
from peyvand.platform.actions.context import Context
from peyvand.platform.database.bulk import insert_rows, next_ids
from peyvand.platform.fields.reader import Reader
from peyvand.platform.fields.types import Field, Money
from peyvand.platform.workspaces.models import WorkspaceModel
from peyvand.platform.workspaces.scope import current_workspace_id

MOST: Final = 5000
FIGURES: Final = ("gross", "discount_amount", "net", "tax_amount", "total")
_MOST_QUANTITY: Final = Decimal(10**9)
_WRITTEN: Final = ("description", "unit", "quantity", "price", "discount", "tax")
_MONEY: Final = Money(key="price", label="")


class Line(dict[str, Any]):
    """A line as the field keeps it. What one unit costs is beside it, for whoever reads lines need not learn of costs."""

    __slots__ = ("cost", "cost_from")

    def __init__(self, said: Mapping[str, Any], cost: int | None = None, cost_from: str = "") -> None:
        super().__init__(said)
        self.cost, self.cost_from = cost, cost_from


def line(
    product: Mapping[str, Any] | None,
    quantity: float,
    price: int | None,
    *,
    description: str = "",
    unit: str = "",
    discount: float = 0,
    tax: float | None = None,
    gross: int | None = None,
    currency: str = "",
    cost: int | None = None,
) -> Line:
    """One line as the field understands it: ``product`` as {id, title}, ``price`` and ``cost`` of one unit in minor units,
    rates in percent. Without a price the price lists say it, without a tax the product. ``gross``: what it is said to come to.
    """
    said = {
        "product": product, "description": description or (str(product["title"]) if product else ""), "unit": unit,
        "quantity": quantity, "price": price, "discount": discount, "tax": tax,
        "gross": gross, "discount_amount": 0, "net": 0, "tax_amount": 0, "total": 0,
    }  # fmt: skip
    if currency:
        said["currency"] = currency
    return Line(said, cost, "line" if cost is not None else "")


def reckon(item: dict[str, Any], gross: int | None = None) -> Figures:
    """Work out what a line with price and tax comes to."""
    found = figures(item["quantity"], item["price"], item["discount"], item["tax"], gross)
    item["gross"], item["discount_amount"], item["net"], item["tax_amount"], item["total"] = found
    return found


@dataclass(frozen=True, kw_only=True)
class OrderLines(ProductLines):
    """Items {product: {id, title} or None, description, unit, quantity, price, discount, tax, gross, discount_amount, net,
    tax_amount, total}. ``amount`` may be given in the place of a price, ``cost`` (of one unit) is taken and never shown, and
    ``currency`` says that price and amount are in that of the order; they are kept in the workspace's.
    """

    widget: ClassVar[str] = "priced"
    table: ClassVar[type[WorkspaceModel]] = OrderLine
    of: ClassVar[str] = "order"
    instead_of_product: ClassVar[tuple[dict[str, Any], ...]] = ({"type": "null"},)

    def understand(self, raw: Any, reader: Reader) -> Any:
        return read_lines(
            raw, lambda item, product: _understood(item, product, reader), or_text=True, most=MOST
        )

    def load(self, ids: Sequence[int]) -> Mapping[int, Any]:
        found: dict[int, list[dict[str, Any]]] = defaultdict(list)
        rows = OrderLine.objects.filter(order_id__in=list(ids)).order_by("order_id", "position")
        for (
            order,
            product,
            name,
            description,
            unit,
            quantity,
            price,
            discount,
            tax,
            *sums,
        ) in rows.values_list("order_id", "product_id", "product__name", *_WRITTEN, *FIGURES):
            found[order].append({
                "product": None if product is None else {"id": product, "title": name},
                "description": description, "unit": unit, "quantity": numbers.plain(quantity), "price": price,
                "discount": numbers.plain(discount), "tax": numbers.plain(tax), **dict(zip(FIGURES, sums, strict=True)),
            })  # fmt: skip
        return {id: tuple(items) for id, items in found.items()}

    def store(self, ctx: Context, values: Mapping[int, Any]) -> None:
        self.remove(values)
        self.add(ctx, values)

    def add(self, ctx: Context, values: Mapping[int, Any]) -> None:
        rows = [(id, n, item) for id, items in values.items() for n, item in enumerate(items)]
        if not rows:
            return
        workspace_id = current_workspace_id()
        columns = (
            "id", "workspace_id", "order_id", "position", "product_id", "cost", "cost_from", *_WRITTEN, *FIGURES
        )  # fmt: skip
        insert_rows(OrderLine, columns, (
            (new, workspace_id, id, n, item["product"]["id"] if item["product"] else None,
             getattr(item, "cost", None), getattr(item, "cost_from", ""),
             item["description"], item["unit"], item["quantity"], item["price"], item["discount"], item["tax"],
             item["gross"], item["discount_amount"], item["net"], item["tax_amount"], item["total"])
            for new, (id, n, item) in zip(next_ids(OrderLine, len(rows)), rows, strict=True)
        ))  # fmt: skip

    def further(self) -> dict[str, Any]:
        amount = {"type": ["integer", "null"], "description": "minor units"}
        return {
            "quantity": {"type": "number", "description": "below zero for what came back"},
            "description": {"type": "string", "maxLength": 500},
            "unit": {"type": "string", "maxLength": 30},
            "price": {**amount, "description": "minor units, for one; by the price lists where none is sent"},
            "amount": {**amount, "writeOnly": True, "description": "what the line comes to, in the place of a price"},
            "cost": {**amount, "writeOnly": True, "description": "minor units, for one"},
            "currency": {"type": "string", "writeOnly": True, "description": "that of the order, where price and amount are in it"},
            "tax": {"type": ["number", "null"], "minimum": 0, "maximum": 100, "description": "percent"},
            **{key: {"type": "integer", "readOnly": True, "description": "minor units"} for key in FIGURES},
        }  # fmt: skip


def _understood(item: Mapping[str, Any], product: Product | None, reader: Reader) -> Line:
    currency = str(item.get("currency") or "").strip().upper()
    try:
        money.currency(currency or reader.currency)
    except Invalid as error:
        raise error.at("currency") from None
    spoken = reader if currency in ("", reader.currency) else Reader(currency=currency)
    amounts: dict[str, int | None] = {}
    for key in ("price", "amount", "cost"):
        try:
            amounts[key] = _MONEY.parse(item.get(key), spoken if key != "cost" else reader)
        except Invalid as error:
            raise error.at(key) from None
    description = " ".join(str(item.get("description") or "").replace("\x00", "").split())
    unit = str(item.get("unit") or (product.unit if product else "")).replace("\x00", "").strip()
    for key, text, most in (("description", description, 500), ("unit", unit, 30)):
        if len(text) > most:
            raise Invalid.of(msg("This is too long: at most %(max)s characters.", max=most), key)
    tax = None if item.get("tax") in (None, "") else amount_of(item, "tax", Decimal(0), Decimal(100), 2)
    quantity, price, gross = quantity_of(item), amounts["price"], None
    if price is None and amounts["amount"] is not None:
        gross = amounts["amount"]
        price = price_of(gross, quantity)
    return line(
        {"id": product.id, "title": product.name} if product else None,
        numbers.plain(quantity), price, description=description, unit=unit,
        discount=numbers.plain(amount_of(item, "discount", Decimal(0), Decimal(100), 2)),
        tax=None if tax is None else numbers.plain(tax), gross=gross,
        currency="" if currency == reader.currency else currency, cost=amounts["cost"],
    )  # fmt: skip


def quantity_of(item: Mapping[str, Any]) -> Decimal:
    """How many of a product went out, or came back; one, where it does not say.

    Raises:
        Invalid: it is zero, or no number with at most three decimals.
    """
    raw = item.get("quantity")
    if raw in (None, ""):
        return Decimal(1)
    try:
        quantity = numbers.parse_number(str(raw))
    except Invalid as error:
        raise error.at("quantity") from None
    if quantity == 0:
        raise Invalid.of(msg("This must not be zero."), "quantity")
    if abs(quantity) > _MOST_QUANTITY:
        raise Invalid.of(msg("This must be between 0 and %(max)s.", max=int(_MOST_QUANTITY)), "quantity")
    if quantity != numbers.rounded(quantity, 3):
        raise Invalid.of(msg("This has too many decimals."), "quantity")
    return quantity


@dataclass(frozen=True, kw_only=True)
class ExchangeRate(Field):
    """How much of the workspace's money one unit of another currency is, with at most 12 decimals."""

    type: ClassVar[FieldType] = FieldType.number
    widget: ClassVar[str] = "text"

    def read(self, record: Any) -> Any:
        return _short(super().read(record))

    def from_columns(self, values: Sequence[Any]) -> Any:
        return _short(values[0])

    def understand(self, raw: Any, reader: Reader) -> Decimal:
        if isinstance(raw, bool):
            raise Invalid.of(msg("This must be a number."))
        rate = numbers.parse_number(str(raw))
        if not Decimal("1e-12") <= rate < Decimal(10**12):
            raise Invalid.of(msg("This must be more than zero."))
        return Decimal(_short(numbers.rounded(rate, 12)))

    def show(self, value: Any, reader: Reader) -> str:
        return "" if value is None else numbers.localize(numbers.trimmed(Decimal(value)), reader.language)

    def to_json(self, value: Any) -> Any:
        return value if value is None else numbers.plain(Decimal(value))

    def schema(self) -> dict[str, Any]:
        return {"type": ["number", "null"], "exclusiveMinimum": 0}


def _short(rate: Any) -> Any:
    """A rate without the zeros at its end, which the column fills in."""
    text = f"{rate:f}" if isinstance(rate, Decimal) else ""
    return Decimal(text.rstrip("0").rstrip(".")) if "." in text else rate
