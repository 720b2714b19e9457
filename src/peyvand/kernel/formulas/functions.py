"""What formulas can call: how many parts each takes, and what it makes of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import Any, Final

from peyvand.kernel.errors import msgid
from peyvand.kernel.persian.text import fold


@dataclass(frozen=True, slots=True)
class Function:
    """``takes`` are the kinds of its parts by letter: n number, t text, d date, f yes or no, * any, + any but all alike;
    the last may come again where ``repeats``. ``gives`` is the kind of the result, + that of the alike parts."""

    takes: str
    gives: str
    run: Callable[..., Any]
    help: str
    least: int = 0
    repeats: bool = False
    # Called even where a part is absent.
    sees_absent: bool = False


def _round(number: Decimal, places: Decimal = Decimal(0)) -> Decimal:
    digits = max(-12, min(12, int(places)))
    return number.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


def day_of(value: date) -> date:
    """The day of a date or an instant."""
    return value.date() if isinstance(value, datetime) else value


def days_between(later: date, earlier: date) -> Decimal:
    return Decimal((day_of(later) - day_of(earlier)).days)


def add_days(day: date, count: Decimal) -> date | None:
    """The day so many days later; None where the calendar ends."""
    try:
        return day + timedelta(days=int(count))
    except OverflowError:
        return None


def written(value: Any) -> str:
    """A value as text joins it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else ""
    if isinstance(value, Decimal):
        text = f"{value:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    return day_of(value).isoformat() if isinstance(value, date) else str(value)


def _present(values: tuple[Any, ...]) -> list[Any]:
    return [v for v in values if v is not None and v != ""]


def _order(value: Any) -> Any:
    """By what values of one kind are put in order: dates and instants by their day."""
    return day_of(value) if isinstance(value, date) else value


FUNCTIONS: Final[dict[str, Function]] = {
    "if": Function("f++", "+", lambda test, yes, no=None: yes if test else no, msgid("one value or another"), 2, sees_absent=True),
    "coalesce": Function("+", "+", lambda *v: next(iter(_present(v)), None), msgid("the first value that is there"), 1, True, True),
    "min": Function("+", "+", lambda *v: min(_present(v), key=_order, default=None), msgid("the smallest value"), 1, True, True),
    "max": Function("+", "+", lambda *v: max(_present(v), key=_order, default=None), msgid("the largest value"), 1, True, True),
    "round": Function("nn", "n", _round, msgid("rounded to so many decimals"), 1),
    "floor": Function("n", "n", lambda n: n.to_integral_value(ROUND_FLOOR), msgid("rounded down"), 1),
    "ceil": Function("n", "n", lambda n: n.to_integral_value(ROUND_CEILING), msgid("rounded up"), 1),
    "abs": Function("n", "n", abs, msgid("without its sign"), 1),
    "days": Function("dd", "n", days_between, msgid("days from the second date to the first"), 2),
    "year": Function("d", "n", lambda d: Decimal(d.year), msgid("the year of a date"), 1),
    "month": Function("d", "n", lambda d: Decimal(d.month), msgid("the month of a date"), 1),
    "length": Function("t", "n", lambda t: Decimal(len(t)), msgid("how many letters"), 1),
    "contains": Function("tt", "f", lambda text, part: fold(part) in fold(text), msgid("whether a text has another in it"), 2),
    "filled": Function("*", "f", lambda v: v is not None and v != "", msgid("whether there is a value"), 1, sees_absent=True),
    "text": Function("*", "t", written, msgid("a value as text"), 1, sees_absent=True),
}  # fmt: skip
