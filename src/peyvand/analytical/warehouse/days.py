"""The days of the warehouse, in both calendars."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from peyvand.analytical.warehouse.extracting import arrow_type
from peyvand.analytical.warehouse.star import CALENDAR_DAY
from peyvand.kernel.persian.calendar import calendar_of, period, to_jalali
from peyvand.operational.availability.public import free_days
from peyvand.platform.identity.actor import Tenant

if TYPE_CHECKING:
    import pyarrow as pa

AHEAD: Final = timedelta(days=730)
# Whoever wrote 1403 for a Gregorian year shall not cost everybody 200,000 days.
BACK: Final = timedelta(days=100 * 365)


def days(tenant: Tenant, first: date | None, today: date) -> pa.Table:
    """Every day from the first fact's to two years from today; without facts, from today on."""
    import pyarrow as pa

    begin, end = max(min(first or today, today), today - BACK), today + AHEAD
    free = free_days(begin, end, tenant.language)
    calendar = calendar_of(tenant.language)
    rows = []
    for number in range((end - begin).days + 1):
        day = begin + timedelta(days=number)
        year, month, of_month = to_jalali(day)
        rows.append((
            day, day.year, (day.month + 2) // 3, day.month, day.replace(day=1), period("week", day, calendar)[0], day.isoweekday(),
            year, (month + 2) // 3, month, day - timedelta(days=of_month - 1), day in free,
        ))  # fmt: skip
    columns = zip(*rows, strict=True)
    return pa.table(
        {
            c.name: pa.array(values, arrow_type(c.type))
            for c, values in zip(CALENDAR_DAY.columns, columns, strict=True)
        }
    )
