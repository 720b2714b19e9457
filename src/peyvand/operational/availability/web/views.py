"""The settings' page about working time: weeks, and the holidays of the year ahead."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from peyvand.kernel import clock
from peyvand.kernel.persian.calendar import weekday_name
from peyvand.operational.availability.models import Holiday, WorkingHours
from peyvand.operational.availability.objects import DAYS, HOLIDAY, WORKING_HOURS
from peyvand.operational.availability.reading import national
from peyvand.operational.availability.web import WORKING_TIME
from peyvand.platform.access.decisions import demand
from peyvand.platform.actions.context import Context
from peyvand.web.shell.middleware import context_of
from peyvand.web.shell.navigation import here
from peyvand.web.shell.settings_pages import render_settings

_AHEAD: Final = timedelta(days=365)
# As the two weeks begin.
_FIRST: Final = {True: 0, False: 2}


@dataclass(frozen=True)
class Free:
    """A day that differs from the week. ``record`` is the workspace's own word on it, if there is one."""

    day: date
    weekday: str
    name: str
    record: Holiday | None = None

    @property
    def is_working(self) -> bool:
        return self.record is not None and self.record.is_working


@require_GET
def working_time(request: HttpRequest, workspace: str) -> HttpResponse:
    """Everybody's weeks, those of single users, and the holidays until this day of next year."""
    ctx = context_of(request)
    demand(ctx.actor, WORKING_TIME.operation)
    rows = (
        WorkingHours.objects.filter(deleted_at__isnull=True)
        .select_related("user")
        .order_by("user__name", "starts_on", "id")
    )
    weeks = [{"row": row, "days": _days(ctx, row), "country": WORKING_HOURS.field("country").show(row.country, ctx.reader)}
             for row in rows]  # fmt: skip
    return render_settings(request, WORKING_TIME, "availability/working_time.html", {
        "everybody": [week for week in weeks if week["row"].user_id is None],
        "single": [week for week in weeks if week["row"].user_id is not None],
        "free": _free(ctx, [week["row"] for week in weeks]),
        "hours": here(ctx, f"{WORKING_HOURS.plural}/"), "holidays": here(ctx, f"{HOLIDAY.plural}/"), "next": request.path,
    })  # fmt: skip


def _days(ctx: Context, row: WorkingHours) -> list[tuple[Any, str]]:
    turn = _FIRST[ctx.reader.is_persian]
    return [
        (label, WORKING_HOURS.field(key).show(getattr(row, key), ctx.reader))
        for key, label in (*DAYS[turn:], *DAYS[:turn])
    ]


def _free(ctx: Context, rows: list[WorkingHours]) -> list[Free]:
    """The public holidays of everybody's countries with what the workspace says of its own, by day."""
    language, today = ctx.reader.language, clock.today(ctx.tenant.tz)
    until = today + _AHEAD
    countries = {row.country for row in rows if row.user_id is None and row.country}
    names = {
        day: name
        for country in sorted(countries)
        for year in range(today.year, until.year + 1)
        for day, name in national(country, year, language).items()
    }
    own = Holiday.objects.filter(day__range=(today, until), deleted_at__isnull=True).order_by("id")
    records = {holiday.day: holiday for holiday in own}
    return [
        Free(day, weekday_name(day, language), names.get(day) or records[day].name, records.get(day))
        for day in sorted(names.keys() | records.keys())
        if today <= day <= until
    ]
