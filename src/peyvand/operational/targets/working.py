"""Which days are worked here: what a pace is reckoned by."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from peyvand.operational.availability.public import working_periods
from peyvand.platform.identity.actor import Tenant

# Nobody has this id: what holds for everybody holds for them.
ANYBODY = 0


def working_days(tenant: Tenant, start: date, end: date) -> list[date]:
    """The days from ``start`` to ``end``, both inside, on which the workspace works."""
    first, last = (datetime.combine(day, time(), tenant.tz) for day in (start, end + timedelta(days=1)))
    periods = working_periods([ANYBODY], first, last)[ANYBODY]
    return sorted({begin.astimezone(tenant.tz).date() for begin, _end in periods})
