"""Values as cells of a file: what a person sees in the list, in a form that spreadsheets reckon with and the import reads back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from peyvand.kernel import money
from peyvand.kernel.persian.calendar import format_date
from peyvand.kernel.persian.text import to_ascii_digits
from peyvand.platform.fields.reader import Reader
from peyvand.platform.fields.types import Day, Field, Instant, Money, Number, PaperNumber

Cell = str | int | Decimal


def cell_of(field: Field, value: Any, reader: Reader) -> Cell:
    """The cell of one value. Days are in the reader's calendar, amounts in the unit that the reader sees, plain digits."""
    if value is None or value == "" or value == ():
        return ""
    if isinstance(field, Money) and isinstance(value, int):
        amount = money.major(value, money.currency(reader.currency), reader.money_unit)
        return int(amount) if amount == amount.to_integral_value() else amount
    if isinstance(field, Number) and isinstance(value, int):
        return value
    if isinstance(field, PaperNumber):
        return str(value)
    if isinstance(field, Day) and isinstance(value, date):
        return _day(value, reader)
    if isinstance(field, Instant) and isinstance(value, datetime):
        local = value.astimezone(ZoneInfo(reader.timezone))
        return f"{_day(local.date(), reader)} {local:%H:%M}"
    if field.widget == "points" and isinstance(value, Sequence) and not isinstance(value, str):
        return "; ".join(item["value"] for item in value)
    return field.show(value, reader)


def head_of(field: Field, unit: str) -> str:
    """The head of a column, with the unit of its amounts."""
    return f"{field.label} ({unit})" if unit else str(field.label)


def _day(day: date, reader: Reader) -> str:
    return to_ascii_digits(format_date(day, reader.language))
