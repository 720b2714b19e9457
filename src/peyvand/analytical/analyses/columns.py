"""Columns of the warehouse as arrays, and days as the numbers that the mathematics counts in: from 1970 on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, Final

import numpy as np
import orjson
from numpy.typing import NDArray

from peyvand.analytical.analyses.contract import OwnField
from peyvand.analytical.methods.guards import Numbers, Whole
from peyvand.kernel.errors import msgid

_EPOCH: Final = date(1970, 1, 1)


def whole(rows: Any, name: str) -> Whole:
    """Whole numbers or days (from 1970 on) without gaps."""
    column = rows[name]
    if str(column.type) == "date32[day]":
        column = column.cast("int32")
    return np.asarray(column.to_numpy(zero_copy_only=False), np.int64)


def numbers(rows: Any, name: str) -> Numbers:
    """Numbers or days (from 1970 on); nan where nothing is known."""
    column = rows[name]
    if str(column.type) == "date32[day]":
        column = column.cast("int32")
    read: Numbers = column.cast("double").to_numpy(zero_copy_only=False)
    return read


def words(rows: Any, name: str) -> NDArray[np.str_]:
    """Words; empty where there are none."""
    return np.array([value or "" for value in rows[name].to_pylist()], np.str_)


def number_of(day: date) -> int:
    return (day - _EPOCH).days


def day_of(number: float) -> date:
    return _EPOCH + timedelta(days=int(number))


def iso(number: float) -> str:
    """A day as reasons hold it."""
    return day_of(number).isoformat()


def days(of: Any) -> NDArray[np.datetime64]:
    """Numbers of days as days; where nan stands, no day."""
    column = np.asarray(of, np.float64)
    said = np.full(len(column), np.datetime64("NaT", "D"), dtype="datetime64[D]")
    there = np.isfinite(column)
    said[there] = column[there].astype(np.int64).astype("datetime64[D]")
    return said


def own_columns(
    fields: Sequence[OwnField], customer: Whole, own: Sequence[str]
) -> dict[OwnField, NDArray[Any]]:
    """By field the values of customers, by their keys and what the column ``own`` says of each: numbers with nan, words with "".
    Fields that none of these has are left out."""
    kept = [orjson.loads(text) if text else {} for text in own]
    is_company = (customer % 2).astype(bool).tolist()
    columns: dict[OwnField, NDArray[Any]] = {}
    for one in fields:
        values = [
            each.get(one.key) if whose == (one.object == "company") else None
            for each, whose in zip(kept, is_company, strict=True)
        ]
        if any(value is not None for value in values):
            columns[one] = _own(one, values)
    return columns


def _own(one: OwnField, values: list[Any]) -> NDArray[Any]:
    if one.kind in ("number", "money"):
        return np.array([np.nan if value is None else float(value) for value in values])
    return np.array(["" if value is None else str(value) for value in values], np.str_)


def own_value(one: OwnField, value: Any) -> dict[str, Any] | int | None:
    """A value of such a column as a reason holds it; None where it is empty."""
    if one.kind in ("number", "money"):
        if np.isnan(value):
            return None
        if one.kind == "money":
            return {"money": int(value)}
        return int(value) if value == int(value) else {"number": float(value)}
    if not value:
        return None
    if one.kind == "flag":
        return {"text": msgid("Yes") if value == "True" else msgid("No")}
    return {"name": one.options.get(str(value), str(value))}
