"""Figures in the reader's words, with their unit: the same on model cards, forecasts, reports and watches."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext

from peyvand.kernel import numbers
from peyvand.platform.fields.reader import Reader
from peyvand.platform.fields.types import Money

_MONEY: Final = Money(key="money", label="")
# Left to right, whatever stands around: a minus never goes behind its number.
_LTR: Final = "\u2066{}\u2069"
_MINUS: Final = frozenset("-\u2212")


def shown(
    value: float | Decimal | None,
    unit: str,
    reader: Reader,
    *,
    is_short: bool = True,
    decimals: int = 2,
    nothing: str = "–",
) -> str:
    """A figure in the reader's digits. Of a "share" 1 is all, of a "percent" 100. ``is_short``: amounts in words of their size;
    ``decimals``: of a plain number that is not whole."""
    if value is None:
        return nothing
    match unit:
        case "money":
            return _MONEY.show(round(value), reader, "short" if is_short else "full")
        case "percent" | "share":
            share = value / 100 if unit == "percent" else value
            return _one_way(numbers.format_percent(share, reader.language, 1))
        case "count":
            return plain(value, reader, 0)
        case "days":
            return gettext("%(n)s days") % {"n": plain(value, reader, 1)}
        case "hours":
            return gettext("%(n)s hours") % {"n": plain(value, reader, 1)}
    return plain(value, reader, decimals)


def plain(value: float | Decimal, reader: Reader, decimals: int = 2) -> str:
    """A number that is rounded, without decimals where none are left."""
    told: Any = round(value, decimals)
    whole = told == int(told)
    text = numbers.format_number(int(told) if whole else told, reader.language, None if whole else decimals)
    return _one_way(text)


def _one_way(text: str) -> str:
    return _LTR.format(text) if set(text) & _MINUS else text
