"""Values of an answer as people read them: days in their calendar, numbers in their digits, codes as they are stored."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext

from peyvand.analytical.warehouse.star import TABLES
from peyvand.kernel import money
from peyvand.kernel.numbers import format_number, localize
from peyvand.kernel.persian.calendar import format_date, format_instant

# Of a longer value the page shows the beginning.
_LONGEST: Final = 1000
# A column of smaller whole numbers may be of years: nobody separates their thousands.
_SEPARATED: Final = 10_000
# Numbers that only tell records apart.
_KEYS: Final = frozenset(
    {"id", "customer"}
    | {c.name for t in TABLES.values() for c in t.columns if c.to and c.type == "bigint"}
    | {t.key for t in TABLES.values()}
)


# Columns of the tables that are amounts, by whose names an answer's are known: net, sum(net), net_of_march.
_AMOUNTS: Final = frozenset(
    {"amount", "cost", "discount", "gross", "list_price", "net", "price", "tax", "unit_price"}
)


def is_amount(name: str) -> bool:
    """Whether a column of an answer is called as amounts are."""
    words = name.lower()
    return any(re.search(rf"(?<![a-z]){amount}(?![a-z])", words) for amount in _AMOUNTS)


def smallest_unit(currency: str) -> str:
    """What the warehouse's amounts count: «ریال» · "0.01 USD"."""
    if currency == "IRR":
        return gettext("rial")
    return f"{Decimal(1).scaleb(-money.currency(currency).exponent)} {currency}"


@dataclass(frozen=True)
class Cell:
    """One value; ``is_figure``: a number or a moment, which stands in its column as figures do."""

    text: str | None
    is_figure: bool = False


def drawn(name: str, values: Sequence[Any], language: str, zone: tzinfo) -> list[Cell]:
    """The values of one column; moments, which the warehouse has in UTC, on the clocks of ``zone``."""
    is_plain = name.lower() in _KEYS or all(abs(v) < _SEPARATED for v in values if isinstance(v, int))
    return [_cell(value, language, zone, is_plain) for value in values]


def _cell(value: Any, language: str, zone: tzinfo, is_plain: bool) -> Cell:
    match value:
        case None:
            return Cell(None)
        case bool():
            return Cell(gettext("yes") if value else gettext("no"))
        case int():
            return Cell(localize(str(value), language) if is_plain else format_number(value, language), True)
        case float() if value != value or value in (float("inf"), float("-inf")):
            return Cell(str(value), True)
        case float() | Decimal():
            return Cell(format_number(Decimal(str(value)), language), True)
        case datetime():
            return Cell(format_instant(value.replace(tzinfo=value.tzinfo or UTC), zone, language), True)
        case date():
            return Cell(format_date(value, language), True)
    text = str(value)
    return Cell(text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…")
