"""When the invented business works, and moments moved into that time: nobody calls at three in the night, or on a day off."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import datetime, timedelta

from peyvand.operational.availability.public import working_periods

BEFORE = timedelta(days=900)
AFTER = timedelta(days=150)
# What lies between two working periods is moved into the beginning of the later one.
MORNING = timedelta(minutes=50)


@dataclass(frozen=True)
class Hours:
    """The working periods of the workspace around ``made``, the moment at which the demonstration is made, all in UTC."""

    made: datetime
    periods: tuple[tuple[datetime, datetime], ...]

    @classmethod
    def read(cls, made: datetime) -> Hours:
        """By the working hours and holidays of the open workspace."""
        return cls(made, tuple(working_periods([None], made - BEFORE, made + AFTER)[None]))

    @property
    def latest(self) -> datetime:
        """The last moment of work so far: now, or when the last working day ended."""
        return min(self.made, self._before(self.made)[1] - timedelta(minutes=1))

    def near(self, at: datetime) -> datetime:
        """The moment itself where there is work; else soon after work begins again. What was later stays later, or nearly."""
        begin, end = self._before(at)
        if begin <= at < end:
            return at
        after = self.periods[bisect_right(self.periods, (at, at))][0]
        return after + MORNING * ((at - end) / (after - end))

    def past(self, at: datetime) -> datetime:
        """The same for what has happened: never after the last moment of work."""
        return min(self.near(at), self.latest)

    def _before(self, at: datetime) -> tuple[datetime, datetime]:
        """The last period that has begun by then."""
        return self.periods[max(0, bisect_right(self.periods, at, key=lambda period: period[0]) - 1)]
