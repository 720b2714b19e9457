"""What had happened to records by some day: rows of (record, day) in order, looked up for many records at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from peyvand.analytical.methods.guards import Numbers, Whole

# More days than a calendar has, so that record and day make one number that sorts.
_DAYS: Final = 1 << 20


class Happened:
    """``columns`` say more of each row; rows of one record and day are in the order in which they are given."""

    def __init__(self, of: Whole, day: Whole, columns: Mapping[str, NDArray[Any]] | None = None) -> None:
        keys = of * _DAYS + day
        order = np.argsort(keys, kind="stable")
        self._keys = keys[order]
        self.day = day[order]
        self.columns = {name: column[order] for name, column in (columns or {}).items()}

    def count(self, of: Whole, until: Whole, since: Whole | int = 0) -> Numbers:
        """By record, how many rows there are from one day to another, both included."""
        before = np.searchsorted(self._keys, of * _DAYS + since, side="left")
        return (np.searchsorted(self._keys, of * _DAYS + until, side="right") - before).astype(np.float64)

    def last_day(self, of: Whole, until: Whole) -> Numbers:
        """By record, the day of its last row by then; nan where there is none."""
        place, there = self._last(of, until)
        out = np.full(len(of), np.nan)
        out[there] = self.day[place[there]]
        return out

    def last(self, name: str, of: Whole, until: Whole) -> NDArray[np.str_]:
        """By record, what a column of words says in its last row by then; empty where there is none."""
        place, there = self._last(of, until)
        out = np.full(len(of), "", dtype=object)
        out[there] = self.columns[name][place[there]]
        return out.astype(np.str_)

    def _last(self, of: Whole, until: Whole) -> tuple[Whole, NDArray[np.bool_]]:
        place = np.searchsorted(self._keys, of * _DAYS + until, side="right") - 1
        there = place >= np.searchsorted(self._keys, of * _DAYS, side="left")
        return place, there
