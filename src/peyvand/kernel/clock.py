"""The only source of the present moment."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, tzinfo
from zoneinfo import ZoneInfo

_frozen: ContextVar[datetime | None] = ContextVar("frozen", default=None)


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return _frozen.get() or datetime.now(UTC)


def today(tz: tzinfo | str) -> date:
    """The date that a calendar on the wall shows in `tz` (a zone or its IANA name)."""
    return now().astimezone(ZoneInfo(tz) if isinstance(tz, str) else tz).date()


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
