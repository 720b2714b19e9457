"""Lines that name products: how deals, quotes and invoices read what was typed, sent or imported."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from peyvand.kernel import numbers
from peyvand.kernel.errors import Invalid, Problem, msg
from peyvand.kernel.persian.text import fold
from peyvand.operational.catalog.models import Product
from peyvand.platform.workspaces.scope import found_once

MOST = 200
MOST_QUANTITY = Decimal(10**9)
Item = Mapping[str, Any]
Read = Callable[[Item, Product | None], dict[str, Any]]


def read_lines(raw: Any, read: Read, *, or_text: bool = False) -> tuple[dict[str, Any], ...]:
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
    if len(given) > MOST:
        raise Invalid.of(msg("This must be a list of at most %(max)s.", max=MOST))
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
