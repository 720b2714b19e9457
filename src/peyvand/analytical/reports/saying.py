"""Figures in the reader's words: with their unit, and beside an earlier one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.utils.translation import gettext

from peyvand.kernel import numbers
from peyvand.platform.fields.reader import Reader
from peyvand.platform.fields.types import Money
from peyvand.web.components.tags import money_unit

_MONEY: Final = Money(key="money", label="")


def shown(value: float | None, unit: str, reader: Reader, *, is_short: bool = True) -> str:
    """A figure with its unit, in the reader's digits."""
    if value is None:
        return "–"
    match unit:
        case "money":
            return _MONEY.show(round(value), reader, "short" if is_short else "full")
        case "percent":
            return numbers.format_percent(round(value, 1) / 100, reader.language, 1)
        case "days":
            return gettext("%(n)s days") % {"n": _plain(value, reader, 1)}
        case "hours":
            return gettext("%(n)s hours") % {"n": _plain(value, reader, 1)}
    return _plain(value, reader)


def axis(unit: str, reader: Reader) -> tuple[Callable[[float], str], str]:
    """How the values of an axis read, and what they count in."""
    match unit:
        case "money":
            return lambda value: shown(value, unit, reader), money_unit()
        case "percent":
            return lambda value: shown(value, unit, reader), ""
        case "days":
            return lambda value: _plain(value, reader), gettext("days")
        case "hours":
            return lambda value: _plain(value, reader), gettext("hours")
    return lambda value: _plain(value, reader), ""


def change_of(
    now: float | None, before: float | None, reader: Reader, unit: str = "number"
) -> tuple[str, str]:
    """«۱۲٪ بیشتر», or of a share «۳ واحد بیشتر»; and whether that is up or down."""
    if now is None or before is None:
        return "", ""
    if unit == "percent":
        points = round(now - before, 1)
        if not points:
            return gettext("as before"), ""
        said = gettext("%(n)s points more") if points > 0 else gettext("%(n)s points less")
        return said % {"n": _plain(abs(points), reader, 1)}, "up" if points > 0 else "down"
    if before == 0:
        return ("", "") if now == 0 else (gettext("none before"), "")
    share = (now - before) / abs(before)
    if abs(share) < 0.0005:
        return gettext("as before"), ""
    text = numbers.format_percent(round(abs(share), 3), reader.language, 1)
    return (gettext("%(share)s more") if share > 0 else gettext("%(share)s less")) % {
        "share": text
    }, "up" if share > 0 else "down"


def _plain(value: float, reader: Reader, decimals: int = 2) -> str:
    told = round(value, decimals)
    whole = told == int(told)
    return numbers.format_number(int(told) if whole else told, reader.language, None if whole else decimals)
