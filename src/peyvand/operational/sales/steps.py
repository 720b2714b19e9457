"""When a next step is due: presets in working days, in the morning of the workspace's own week."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from django.utils.translation import gettext_lazy as _

from peyvand.kernel import clock
from peyvand.kernel.errors import RuleViolation
from peyvand.operational.availability.public import add_working_time, working_day
from peyvand.platform.fields.types import Option
from peyvand.platform.identity.actor import Tenant

HOUR = 9
WHEN = (
    Option("d1", _("Next working day")),
    Option("d2", _("In two working days")),
    Option("d5", _("In a working week")),
    Option("d10", _("In two working weeks")),
)


def working_moment(tenant: Tenant, when: str) -> datetime:
    """Nine in the morning of a preset's day ("d5": the fifth working day from today), or when work begins there after that."""
    today, count = clock.today(tenant.tz), int(when[1:])
    try:
        day = working_day(today, count)
        return add_working_time(None, datetime.combine(day, time(HOUR), tenant.tz), timedelta(0))
    except RuleViolation:
        # Where nobody ever works by the calendar, days count as they come.
        return datetime.combine(today + timedelta(days=count), time(HOUR), tenant.tz)
