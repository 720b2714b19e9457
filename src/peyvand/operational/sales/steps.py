"""When a next step is due: presets in working days, in the morning of the workspace's own week."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from django.utils.translation import gettext_lazy as _

from peyvand.kernel import clock
from peyvand.platform.fields.types import Option
from peyvand.platform.identity.actor import Tenant

HOUR = 9
WHEN = (
    Option("d1", _("Next working day")),
    Option("d2", _("In two working days")),
    Option("d5", _("In a working week")),
    Option("d10", _("In two working weeks")),
)
# Days of the week, Monday 0, on which offices are closed.
_IRAN, _ELSEWHERE = frozenset({3, 4}), frozenset({5, 6})


def working_moment(tenant: Tenant, when: str) -> datetime:
    """Nine in the morning of a preset's day ("d5": the fifth working day from today)."""
    closed = _IRAN if str(tenant.tz) == "Asia/Tehran" else _ELSEWHERE
    day, left = clock.today(tenant.tz), int(when[1:])
    while left:
        day += timedelta(days=1)
        left -= day.weekday() not in closed
    return datetime.combine(day, time(HOUR), tenant.tz)
