"""Columns of the warehouse as arrays, and days as the numbers that the mathematics counts in: from 1970 on."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from peyvand.analytical.methods.guards import Numbers, Whole

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
