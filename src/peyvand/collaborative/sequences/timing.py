"""When steps come: in the working time of whoever looks after the person, by the clock of the workspace."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from peyvand.kernel.errors import RuleViolation
from peyvand.operational.availability.public import add_working_time, working_periods
from peyvand.platform.identity.actor import Tenant

_NONE: Final = timedelta(0)


class WorkingClock:
    """Answers about working time, each asked of the tables once: many go through a sequence with the same owner."""

    def __init__(self, tenant: Tenant) -> None:
        self._tz = tenant.tz
        self._known: dict[tuple[int | None, datetime, int, int], datetime | None] = {}

    def open_at(self, owner: int | None, at: datetime) -> datetime | None:
        """``at`` if the owner works then, else when they next do; None where they do not within years."""
        return self.after(owner, at, 0, 0)

    def after(self, owner: int | None, at: datetime, days: int, hours: int) -> datetime | None:
        """So many working days after ``at`` at the same time of the day, and so many working hours on; always in working
        time. None where there is not so much of it within years."""
        key = (owner, at, days, hours)
        if key not in self._known:
            try:
                begin = self._days_on(owner, at, days) if days else at
                self._known[key] = add_working_time(owner, begin, timedelta(hours=hours)) if begin else None
            except RuleViolation:
                self._known[key] = None
        return self._known[key]

    def _days_on(self, owner: int | None, at: datetime, days: int) -> datetime | None:
        there = at.astimezone(self._tz)
        for reach in (days * 2 + 21, days * 4 + 120, days * 8 + 700):
            periods = working_periods((owner,), at, at + timedelta(days=reach))[owner]
            ahead = sorted({start.astimezone(self._tz).date() for start, _ in periods} - {there.date()})
            if len(ahead) >= days:
                # The same time on the wall, though clocks were changed in between.
                return datetime.combine(ahead[days - 1], there.time(), self._tz).astimezone(UTC)
        return None
