"""Lines that name products: how deals, quotes and invoices read what was typed, sent or imported."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar, Final

from django.db import connection
from django.db.models import Q

from peyvand.kernel import numbers
from peyvand.kernel.errors import Invalid, Problem, msg
from peyvand.kernel.persian.text import fold
from peyvand.operational.catalog.models import Product
from peyvand.platform.fields.reader import Reader
from peyvand.platform.fields.types import Compound, held_in, whole_id
from peyvand.platform.workspaces.scope import current_workspace_id, found_once

MOST = 200
MOST_QUANTITY = Decimal(10**9)
Item = Mapping[str, Any]
Read = Callable[[Item, Product | None], dict[str, Any]]
_REF: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {"id": {"type": "integer"}, "title": {"type": "string"}},
    "required": ["id"],
}


@dataclass(frozen=True, kw_only=True)
class ProductLines(Compound):
    """Lines that name products, in a table of their own. A subclass names its ``table`` and that table's link to the record
    (``of``), and says how lines are understood, loaded and stored."""

    table: ClassVar[Any] = None
    of: ClassVar[str] = ""
    # What else may stand in the place of a product, as JSON Schema; nothing: every line names one.
    instead_of_product: ClassVar[tuple[dict[str, Any], ...]] = ()

    def remove(self, ids: Collection[int]) -> None:
        """Take all lines off these records."""
        table = self.table._meta.db_table
        with connection.cursor() as cursor:
            cursor.execute(
                f"delete from {table} where workspace_id = %s and {self.of}_id = any(%s)",  # noqa: S608 declared names
                [current_workspace_id(), list(ids)],
            )

    def filter(self, op: str, value: Any) -> Q:
        ids = () if op == "empty" else tuple(map(whole_id, value))
        return held_in(self.table.objects.all(), f"{self.of}_id", "product_id", op, ids)

    def show(self, value: Any, reader: Reader) -> str:
        words = (
            said_line(item) if item["quantity"] == 1
            else f"{said_line(item)} × {numbers.format_number(item['quantity'], reader.language)}"
            for item in value or ()
        )  # fmt: skip
        return reader.comma.join(words)

    def to_json(self, value: Any) -> Any:
        return list(value or ())

    def schema(self) -> dict[str, Any]:
        properties = {
            "product": {"anyOf": [{"type": "integer"}, {"type": "string"}, _REF, *self.instead_of_product]},
            "quantity": {"type": "number", "exclusiveMinimum": 0},
            "discount": {"type": "number", "minimum": 0, "maximum": 100, "description": "percent"},
            **self.further(),
        }
        needed = {} if self.instead_of_product else {"required": ["product"]}
        return {"type": "array", "items": {"type": "object", "properties": properties, **needed}}

    def further(self) -> dict[str, Any]:
        """The properties of a line besides its product, quantity and discount, as JSON Schema."""
        raise NotImplementedError


def said_line(item: Item) -> str:
    """What a line is about: its own words, or its product."""
    return str(item.get("description") or (item["product"] or {}).get("title", ""))


def read_lines(
    raw: Any, read: Read, *, or_text: bool = False, most: int = MOST
) -> tuple[dict[str, Any], ...]:
    """The lines that were given, each as ``read`` understands it with its product; empty rows of a form are passed over.

    Products are given by id or by name. ``or_text``: a line may have a description in the place of a product.

    Raises:
        Invalid: it is no list, too long a one, or lines of it are wrong, each named by its number.
    """
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
    if len(given) > most:
        raise Invalid.of(msg("This must be a list of at most %(max)s.", max=most))
    wanted = [_named(item.get("product")) for item in given]
    by_id, by_name = _products(wanted)
    lines, problems = [], []
    for n, (item, want) in enumerate(zip(given, wanted, strict=True)):
        words = or_text and str(item.get("description") or "").strip()
        if want in (None, "") and not words and not any(item.get(key) for key in ("price", "quantity")):
            continue
        product = by_id.get(want) if isinstance(want, int) else by_name.get(fold(str(want or "")))
        if product is None and not (words and want in (None, "")):
            problems.append(Problem(f"{n}.product", msg("There is no such product."), "missing"))
            continue
        try:
            lines.append(read(item, product))
        except Invalid as error:
            problems += error.at(str(n)).problems
    if problems:
        raise Invalid(problems)
    return tuple(lines)


def quantity_of(item: Item) -> Decimal:
    """How many of a product a line is about; one, where it does not say.

    Raises:
        Invalid: it is no number above zero with at most three decimals.
    """
    quantity = amount_of(item, "quantity", Decimal(1), MOST_QUANTITY, 3)
    if quantity == 0:
        raise Invalid.of(msg("This must be more than zero."), "quantity")
    return quantity


def amount_of(item: Item, key: str, empty: Decimal, most: Decimal, decimals: int) -> Decimal:
    """A number of a line, from 0 to ``most``; ``empty`` where there is none."""
    raw = item.get(key)
    if raw in (None, ""):
        return empty
    try:
        number = numbers.parse_number(str(raw))
    except Invalid as error:
        raise error.at(key) from None
    if not 0 <= number <= most:
        raise Invalid.of(msg("This must be between 0 and %(max)s.", max=int(most)), key)
    if number != numbers.rounded(number, decimals):
        raise Invalid.of(msg("This has too many decimals."), key)
    return number


def _named(raw: Any) -> int | str | None:
    raw = raw.get("id") if isinstance(raw, Mapping) else raw
    if isinstance(raw, int) and not isinstance(raw, bool):
        return raw
    text = str(raw or "").strip()
    return int(text) if text.isdecimal() and len(text) < 19 else text


def _products(wanted: Sequence[int | str | None]) -> tuple[dict[int, Product], dict[str, Product]]:
    """Those that are there by id, also from the bin, for a record keeps the products that it has; by name only living ones."""
    known: dict[int, Product] = found_once("catalog.products", dict)
    missing = {w for w in wanted if isinstance(w, int)} - known.keys()
    if missing:
        known.update((p.id, p) for p in Product.objects.filter(id__in=missing))
    asks_names = any(isinstance(w, str) and w for w in wanted)
    return known, found_once("catalog.product_names", _by_name) if asks_names else {}


def _by_name() -> dict[str, Product]:
    return {fold(p.name): p for p in Product.objects.filter(deleted_at__isnull=True)}
