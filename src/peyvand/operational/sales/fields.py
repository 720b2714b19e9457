"""The products on a deal."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, ClassVar

from django.db import connection
from django.db.models import Q

from peyvand.kernel import numbers
from peyvand.kernel.errors import Invalid, Problem, msg
from peyvand.kernel.persian.text import fold
from peyvand.operational.catalog.public import Product
from peyvand.operational.sales.models import DealLine
from peyvand.platform.actions.context import Context
from peyvand.platform.database.bulk import insert_rows, next_ids
from peyvand.platform.fields.reader import Reader
from peyvand.platform.fields.types import Compound, Money, held_in, whole_id
from peyvand.platform.workspaces.models import WorkspaceModel
from peyvand.platform.workspaces.scope import current_workspace_id, found_once

MOST = 200
MOST_QUANTITY = Decimal(10**9)


def line(
    product: int, price: int | None, quantity: Decimal | int = 1, discount: Decimal | int = 0, name: str = ""
) -> dict[str, Any]:
    """One line as the field keeps it: ``product`` by id, ``price`` for one unit in minor units, ``discount`` in percent."""
    exact = None if price is None else Decimal(price) * quantity * (100 - discount) / 100
    return {
        "product": {"id": product, "title": name},
        "quantity": _plain(Decimal(quantity)),
        "price": price,
        "discount": _plain(Decimal(discount)),
        "amount": None if exact is None else int(exact.to_integral_value(ROUND_HALF_UP)),
    }


def total(lines: Sequence[Mapping[str, Any]]) -> int | None:
    """What the lines come to; None where no line has a price."""
    amounts = [item["amount"] for item in lines if item["amount"] is not None]
    return sum(amounts) if amounts else None


def _plain(number: Decimal) -> int | float:
    return int(number) if number == number.to_integral_value() else float(number)


@dataclass(frozen=True, kw_only=True)
class Lines(Compound):
    """Items {product: {id, title}, quantity, price, discount, amount}; the amount is reckoned, never taken over.

    Products are given by id or by name; without a price, the product's own holds.
    """

    widget: ClassVar[str] = "lines"
    table: ClassVar[type[WorkspaceModel]] = DealLine

    def understand(self, raw: Any, reader: Reader) -> Any:
        items = (
            [raw]
            if isinstance(raw, Mapping | int)
            else raw.replace("،", ",").split(",")
            if isinstance(raw, str)
            else raw
        )
        if not isinstance(items, Iterable):
            raise Invalid.of(msg("This must be a list of products."))
        given = [item if isinstance(item, Mapping) else {"product": item} for item in items]
        if len(given) > MOST:
            raise Invalid.of(msg("This must be a list of at most %(max)s.", max=MOST))
        wanted = [_named(item.get("product")) for item in given]
        by_id, by_name = _products(wanted)
        lines, problems = [], []
        for n, (item, want) in enumerate(zip(given, wanted, strict=True)):
            if want in (None, "") and not any(item.get(key) for key in ("price", "quantity")):
                continue
            product = by_id.get(want) if isinstance(want, int) else by_name.get(fold(str(want)))
            if product is None:
                problems.append(Problem(f"{n}.product", msg("There is no such product."), "missing"))
                continue
            try:
                lines.append(self._line(item, product, reader))
            except Invalid as error:
                problems += error.at(str(n)).problems
        if problems:
            raise Invalid(problems)
        return tuple(lines)

    def _line(self, item: Mapping[str, Any], product: Product, reader: Reader) -> dict[str, Any]:
        price_field = Money(key="price", label="")
        raw = item.get("price")
        try:
            price = product.price if raw in (None, "") else price_field.parse(raw, reader)
        except Invalid as error:
            raise error.at("price") from None
        quantity = _amount(item.get("quantity"), "quantity", Decimal(1), MOST_QUANTITY, 3)
        if quantity == 0:
            raise Invalid.of(msg("This must be more than zero."), "quantity")
        return line(
            product.id,
            price,
            quantity,
            _amount(item.get("discount"), "discount", Decimal(0), Decimal(100), 2),
            product.name,
        )

    def load(self, ids: Sequence[int]) -> Mapping[int, Any]:
        found: dict[int, list[dict[str, Any]]] = defaultdict(list)
        rows = DealLine.objects.filter(deal_id__in=list(ids)).order_by("deal_id", "position")
        for deal, product, name, quantity, price, discount, amount in rows.values_list(
            "deal_id", "product_id", "product__name", "quantity", "price", "discount", "amount"
        ):
            found[deal].append({
                "product": {"id": product, "title": name}, "quantity": _plain(quantity), "price": price,
                "discount": _plain(discount), "amount": amount,
            })  # fmt: skip
        return {id: tuple(items) for id, items in found.items()}

    def store(self, ctx: Context, values: Mapping[int, Any]) -> None:
        workspace_id = current_workspace_id()
        asked = {item["product"]["id"] for items in values.values() for item in items}
        if asked - set(Product.objects.filter(id__in=asked).values_list("id", flat=True)):
            raise Invalid.of(msg("There is no such product."), self.key, "missing")
        with connection.cursor() as cursor:
            cursor.execute(
                "delete from deal_line where workspace_id = %s and deal_id = any(%s)",
                [workspace_id, list(values)],
            )
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
                "position",
            )
            insert_rows(DealLine, columns, (
                (new, workspace_id, id, item["product"]["id"], Decimal(str(item["quantity"])), item["price"],
                 Decimal(str(item["discount"])), item["amount"], n)
                for new, (id, n, item) in zip(next_ids(DealLine, len(rows)), rows, strict=True)
            ))  # fmt: skip

    def filter(self, op: str, value: Any) -> Q:
        ids = () if op == "empty" else tuple(map(whole_id, value))
        return held_in(DealLine.objects.all(), "deal_id", "product_id", op, ids)

    def show(self, value: Any, reader: Reader) -> str:
        names = (
            item["product"]["title"] if item["quantity"] == 1
            else f"{item['product']['title']} × {numbers.format_number(item['quantity'], reader.language)}"
            for item in value or ()
        )  # fmt: skip
        return ("، " if reader.is_persian else ", ").join(names)

    def to_json(self, value: Any) -> Any:
        return list(value or ())

    def schema(self) -> dict[str, Any]:
        ref = {
            "type": "object",
            "properties": {"id": {"type": "integer"}, "title": {"type": "string"}},
            "required": ["id"],
        }
        properties = {
            "product": {"anyOf": [{"type": "integer"}, {"type": "string"}, ref]},
            "quantity": {"type": "number", "exclusiveMinimum": 0},
            "price": {"type": ["integer", "null"], "description": "minor units, for one unit of the product"},
            "discount": {"type": "number", "minimum": 0, "maximum": 100, "description": "percent"},
            "amount": {"type": ["integer", "null"], "readOnly": True},
        }
        return {
            "type": "array",
            "items": {"type": "object", "properties": properties, "required": ["product"]},
        }


def _named(raw: Any) -> int | str | None:
    raw = raw.get("id") if isinstance(raw, Mapping) else raw
    if isinstance(raw, int) and not isinstance(raw, bool):
        return raw
    text = str(raw or "").strip()
    return int(text) if text.isdecimal() and len(text) < 19 else text


def _products(wanted: Sequence[int | str | None]) -> tuple[dict[int, Product], dict[str, Product]]:
    """Those that are there by id, also from the bin, for a deal keeps the products that it has; by name only living ones."""
    known: dict[int, Product] = found_once("sales.products", dict)
    missing = {w for w in wanted if isinstance(w, int)} - known.keys()
    if missing:
        known.update((p.id, p) for p in Product.objects.filter(id__in=missing))
    asks_names = any(isinstance(w, str) and w for w in wanted)
    return known, found_once("sales.product_names", _products_by_name) if asks_names else {}


def _products_by_name() -> dict[str, Product]:
    return {fold(p.name): p for p in Product.objects.filter(deleted_at__isnull=True)}


def _amount(raw: Any, place: str, empty: Decimal, most: Decimal, decimals: int) -> Decimal:
    if raw in (None, ""):
        return empty
    try:
        number = numbers.parse_number(str(raw))
    except Invalid as error:
        raise error.at(place) from None
    if not 0 <= number <= most:
        raise Invalid.of(msg("This must be between 0 and %(max)s.", max=int(most)), place)
    if number != round(number, decimals):
        raise Invalid.of(msg("This has too many decimals."), place)
    return number
