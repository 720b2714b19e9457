"""The only source of the present moment."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

_frozen: ContextVar[datetime | None] = ContextVar("frozen", default=None)


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return _frozen.get() or datetime.now(UTC)


def today(tz: tzinfo | str) -> date:
    """The date that a calendar on the wall shows in `tz` (a zone or its IANA name)."""
    return now().astimezone(ZoneInfo(tz) if isinstance(tz, str) else tz).date()


def quiet_end(at: datetime, begin: time, end: time, tz: tzinfo) -> datetime | None:
    """When the quiet hours are over that an aware moment lies in, in UTC; None where it lies in none.

    They go from `begin` until `end` by the clock on the wall of `tz`, over midnight where `end` comes first; where both are
    the same there are none.
    """
    here = at.astimezone(tz)
    now = here.time()
    if begin == end or not (begin <= now < end if begin < end else now >= begin or now < end):
        return None
    day = here.date() + timedelta(days=1 if now >= end else 0)
    # An hour that a change of the clocks leaves out is passed through UTC to the one that exists.
    return max(at.astimezone(UTC), datetime.combine(day, end, tz).astimezone(UTC))


@contextmanager
def freeze(instant: datetime) -> Iterator[datetime]:
    """Holds `now()` at an aware instant inside the block, in this context only; blocks may nest."""
    if instant.tzinfo is None:
        raise ValueError("freeze() needs an aware datetime")
    token = _frozen.set(instant.astimezone(UTC))
    try:
        yield instant
    finally:
        _frozen.reset(token)
