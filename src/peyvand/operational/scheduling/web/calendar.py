"""The calendar: tasks and meetings of oneself, of people or of a team, by day, week or month."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from peyvand.kernel import clock, numbers
from peyvand.kernel.persian.calendar import (
    calendar_of,
    format_date,
    parts,
    period,
    weekday_name,
    weekday_names,
)
from peyvand.operational.availability.public import working_periods
from peyvand.operational.scheduling.series import KINDS
from peyvand.operational.scheduling.web.hours import begins, block_of, columns, planned
from peyvand.operational.scheduling.web.view import SPANS, View, read_view
from peyvand.platform.access.decisions import decide
from peyvand.platform.identity.models import Team
from peyvand.web.components.avatars import tint_of
from peyvand.web.objects.calendars.month import DayCell, Event
from peyvand.web.objects.lists.groups import period_label
from peyvand.web.shell.navigation import here

# Of one day of a month.
SHOWN: Final = 5


@require_GET
def calendar(request: HttpRequest, workspace: str) -> HttpResponse:
    """The calendar; for its own refetch only the days."""
    view = read_view(request)
    ctx, (first, until) = view.ctx, view.bounds
    context = {
        "shape": {"unit": view.unit}, "live": " ".join(KINDS), "here": view.href(),
        "can_create": any(decide(ctx.actor, spec.permission("create")) for spec in KINDS.values()),
        "can_move": any(decide(ctx.actor, spec.permission("update")) for spec in KINDS.values()),
        "move_url": here(ctx, "calendar/move"), "title": period_label(view.unit, first, until, ctx.reader),
        "previous": view.href(first - timedelta(days=1)), "next": view.href(until),
        "now": view.href(clock.today(ctx.reader.tz)),
        "spans": [(label, view.href(span=unit), unit == view.unit) for unit, label in SPANS.items()],
        "kinds": _kinds(view),
        "feed": here(ctx, "calendar/feed") if ctx.actor.user_id and decide(ctx.actor, "meeting.make_feed") else "",
        "booking": here(ctx, "booking_pages/") if decide(ctx.actor, "booking_page.view") else "",
        **_choice(view), **(_month(view) if view.unit == "month" else _hours(view)),
    }  # fmt: skip
    days = "objects/calendars/_days.html" if view.unit == "month" else "scheduling/_hours.html"
    if request.GET.get("part") == "days":
        return render(request, days, context)
    return render(request, "scheduling/calendar.html", {**context, "days_template": days})


def _kinds(view: View) -> list[tuple[Any, str, bool]]:
    """What the calendar can be narrowed to."""
    seen = [spec for spec in KINDS.values() if decide(view.ctx.actor, spec.permission("view"))]
    return [
        (gettext("All"), view.href(kind=""), not view.kind),
        *((spec.label_plural, view.href(kind=spec.key), view.kind == spec.key) for spec in seen),
    ]


def _choice(view: View) -> dict[str, Any]:
    """The menu of people and teams."""
    own, shown = view.ctx.actor.user_id, set(view.people)
    teams = dict(Team.objects.filter(deleted_at__isnull=True).order_by("name").values_list("id", "name"))
    people = []
    for user in view.choosable:
        rest = [id for id in view.people if id != user.id] if user.id in shown else [*view.people, user.id]
        who = "" if rest == [own] else ",".join(map(str, rest))
        people.append(
            (user.name, view.href(who=who, team=""), user.id in shown, tint_of(user.name, user.id), user.id)
        )
    if view.team in teams:
        says = teams[view.team]
    elif view.people == [own]:
        says = gettext("My calendar")
    else:
        comma = view.ctx.reader.comma
        says = comma.join(view.names[id] for id in view.people[:2])
        if (more := len(view.people) - 2) > 0:
            says += " +" + numbers.format_number(more, view.ctx.reader.language)
    return {
        "people": people, "whose": says, "mine": view.href(who="", team=""),
        "teams": [(name, view.href(team=id, who=""), id == view.team) for id, name in teams.items()],
    }  # fmt: skip


def _hours(view: View) -> dict[str, Any]:
    """The columns of a day or a week, and what stands beside them."""
    shown = columns(view)
    now = clock.now().astimezone(view.ctx.reader.tz)
    language = view.ctx.reader.language
    return {
        "columns": shown, "begins": begins(shown), "minute": now.hour * 60 + now.minute,
        "rows": max((column.height for column in shown), default=0),
        "scale": [numbers.localize(f"{hour:02}:00", language) for hour in range(24)],
        "new_url": here(view.ctx, "calendar/new"), "is_apart": any(column.person for column in shown),
        "is_empty": not any(column.blocks or column.whole for column in shown),
    }  # fmt: skip


def _month(view: View) -> dict[str, Any]:
    return {"days": _cells(view), "heads": weekday_names(view.ctx.reader.language)}


def _cells(view: View) -> list[DayCell]:
    ctx, language = view.ctx, view.ctx.reader.language
    kind = calendar_of(language)
    first, until = view.bounds
    # Whole weeks, so that every column is one weekday.
    low, high = period("week", first, kind)[0], period("week", until - timedelta(days=1), kind)[1]
    found = planned(view, low, high)
    worked, today = _worked(view, low, high), clock.today(ctx.reader.tz)
    names: Mapping[int, str] = view.names if len(view.people) > 1 else {}
    cells = []
    for n in range((high - low).days):
        on = low + timedelta(days=n)
        blocks = [block_of(ctx, item, names) for item in found.days.get(on, [])]
        left = len(blocks) - SHOWN + found.more.get(on, 0)
        cells.append(
            DayCell(
                on.isoformat(),
                numbers.localize(str(parts(on, kind)[2]), language),
                f"{weekday_name(on, language)} {format_date(on, language, 'day')}",
                [
                    Event(b.id, b.title, b.begins, b.tone, b.href, b.clash, b.is_coming, b.icon, b.whose)
                    for b in blocks[:SHOWN]
                ],
                gettext("%(n)s more") % {"n": numbers.format_number(left, language)} if left > 0 else "",
                view.href(on, span="day") if left > 0 else "",
                f"{here(ctx, 'calendar/new')}?at={on.isoformat()}T09:00&until={on.isoformat()}T10:00",
                on == today,
                not first <= on < until,
                on not in worked,
            )
        )
    return cells


def _worked(view: View, low: date, high: date) -> set[date]:
    """The days on which one of those shown works: others are shaded."""
    tz = view.ctx.reader.tz
    start, end = (datetime.combine(day, time(), tz) for day in (low, high))
    found = working_periods(view.people, start, end)
    return {begin.astimezone(tz).date() for periods in found.values() for begin, _end in periods}
