"""Verbs of what comes again: to set a rule, to have the series follow a record, to end it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any, Final

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from peyvand.kernel.errors import Invalid, Problem, msg
from peyvand.kernel.persian.calendar import calendar_of
from peyvand.kernel.recurrence import LAST, MOST_COUNT, MOST_EVERY, Rule
from peyvand.operational.activities.public import MEETING, TASK, Meeting, Task
from peyvand.operational.scheduling import series
from peyvand.operational.scheduling.events import SeriesChanged, SeriesEnded, SeriesStarted
from peyvand.platform.actions.action import action
from peyvand.platform.actions.context import Context
from peyvand.platform.events.facts import Event
from peyvand.platform.fields.choices import Choices
from peyvand.platform.fields.types import Choice, Day, Field, Flag, Number, Option
from peyvand.platform.objects.references import subjects_of
from peyvand.platform.objects.spec import ObjectSpec

_UNITS: Final = (
    Option("day", _("Days")),
    Option("week", _("Weeks")),
    Option("month", _("Months")),
    Option("year", _("Years")),
)
# In the order of the Persian week; Monday is 0.
_WEEKDAYS: Final = (
    Option("5", _("Saturday")),
    Option("6", _("Sunday")),
    Option("0", _("Monday")),
    Option("1", _("Tuesday")),
    Option("2", _("Wednesday")),
    Option("3", _("Thursday")),
    Option("4", _("Friday")),
)
_WHICH: Final = (
    Option("1", _("The first")),
    Option("2", _("The second")),
    Option("3", _("The third")),
    Option("4", _("The fourth")),
    Option(str(LAST), _("The last")),
)
_SHORT: Final = (Option("clamp", _("its last day")), Option("skip", _("left out")))
_CALENDARS: Final = (Option("jalali", _("Jalali")), Option("gregorian", _("Gregorian")))
RULE: Final[tuple[Field, ...]] = (
    Number(key="every", label=_("Repeats every"), default=1, min=1, max=MOST_EVERY),
    Choice(key="unit", label=_("Of these"), options=_UNITS, default="week", required=True),
    Choices(key="weekdays", label=_("On these weekdays"), options=_WEEKDAYS),
    Choice(key="nth", label=_("Which such weekday of the month"), options=_WHICH),
    Number(key="day", label=_("Or on this day of the month"), min=1, max=31),
    Flag(key="is_last", label=_("On the last day of the month")),
    Choice(key="short", label=_("A month that is too short"), options=_SHORT, default="clamp"),
    Choice(
        key="calendar",
        label=_("Months of the calendar"),
        options=_CALENDARS,
        default=lambda: calendar_of(get_language() or "en"),
    ),
    Day(key="until", label=_("Until")),
    Number(key="count", label=_("Or so many times"), min=1, max=MOST_COUNT),
)
_SCOPES: Final = (
    Option("following", _("This and those that follow")),
    Option("all", _("All that are open")),
)
SCOPE: Final = (Choice(key="which", label=_("Which"), options=_SCOPES, default="following", required=True),)


DAY: Final = (Day(key="day", label=_("Day"), required=True),)


def rule_of(
    language: str, *, unit: str, every: int | None = None, weekdays: list[str] | None = None, nth: str = "",
    day: int | None = None, is_last: bool = False, short: str = "", calendar: str = "", until: date | None = None,
    count: int | None = None,
) -> Rule:  # fmt: skip
    """The rule that a dialog or a program says.

    Raises:
        Invalid: it makes no sense, by field.
    """
    of_month = unit in ("month", "year")
    if of_month and is_last and day is not None:
        raise Invalid.of(msg("Choose either a day or the last day."), "day")
    chosen = tuple(sorted(int(one) for one in weekdays or ()))
    if of_month and chosen and not nth:
        raise Invalid([Problem("nth", msg("Say which such weekday of the month."), "required")])
    return Rule(
        unit,  # type: ignore[arg-type]  # the rule itself refuses another
        every or 1,
        calendar or calendar_of(language),  # type: ignore[arg-type]
        chosen if unit == "week" or (of_month and nth) else (),
        (LAST if is_last else day) if of_month and not nth else None,
        int(nth) if of_month and nth else None,
        short != "skip",
        until,
        count,
    )


@action("task.repeat", label=_("Repeat…"), icon="refresh", inputs=RULE, offered=lambda t: t.status == "open")
def repeat_task(ctx: Context, /, task: Task, **rule: Any) -> None:
    """Have a task come again by a rule; one that does so already goes on by the new one."""
    _begin(ctx, TASK, task, rule)


@action(
    "meeting.repeat", label=_("Repeat…"), icon="refresh", inputs=RULE, offered=lambda m: m.status == "planned"
)
def repeat_meeting(ctx: Context, /, meeting: Meeting, **rule: Any) -> None:
    """Have a meeting come again by a rule; one that does so already goes on by the new one."""
    _begin(ctx, MEETING, meeting, rule)


@action("task.carry_over", label=_("Change the series like this"), icon="copy", inputs=SCOPE, button=False)
def carry_over_task(ctx: Context, task: Task, *, which: str = "following") -> int:
    """Have those that follow, or all that are open, become like this task; returns how many changed."""
    return _apply(ctx, TASK, task, which)


@action("meeting.carry_over", label=_("Change the series like this"), icon="copy", inputs=SCOPE, button=False)
def carry_over_meeting(ctx: Context, meeting: Meeting, *, which: str = "following") -> int:
    """Have those that follow, or all that are planned, become like this meeting; returns how many changed."""
    return _apply(ctx, MEETING, meeting, which)


@action("task.shift_series", label=_("Move the series"), icon="cal", button=False)
def shift_tasks(ctx: Context, task: Task) -> None:
    """Have those that follow come by the task's own day and time from now on: a weekly rule goes over to its weekday."""
    _shift(ctx, TASK, task)


@action("meeting.shift_series", label=_("Move the series"), icon="cal", button=False)
def shift_meetings(ctx: Context, meeting: Meeting) -> None:
    """Have those that follow come by the meeting's own day and time from now on: a weekly rule goes over to its weekday."""
    _shift(ctx, MEETING, meeting)


@action("task.leave_out", label=_("Leave a day out"), icon="x", inputs=DAY, button=False)
def leave_task_out(ctx: Context, task: Task, *, day: date, more: Collection[date] = ()) -> None:
    """Have the series not come on a day, or some, that are yet to come."""
    _leave_out(ctx, TASK, task, {day, *more})


@action("meeting.leave_out", label=_("Leave a day out"), icon="x", inputs=DAY, button=False)
def leave_meeting_out(ctx: Context, meeting: Meeting, *, day: date, more: Collection[date] = ()) -> None:
    """Have the series not come on a day, or some, that are yet to come."""
    _leave_out(ctx, MEETING, meeting, {day, *more})


@action("task.end_series", label=_("End the series"), icon="xc", button=False)
def end_tasks(ctx: Context, task: Task) -> None:
    """Let no further task of this series come."""
    _end(ctx, TASK, task)


@action("meeting.end_series", label=_("End the series"), icon="xc", button=False)
def end_meetings(ctx: Context, meeting: Meeting) -> None:
    """Let no further meeting of this series come."""
    _end(ctx, MEETING, meeting)


def _begin(ctx: Context, spec: ObjectSpec, record: Any, rule: dict[str, Any]) -> None:
    started = series.begin(ctx, spec, record, rule_of(ctx.actor.language, **{"unit": "", **rule}))
    _tell(ctx, spec, record, SeriesStarted, series_id=started.id)


def _apply(ctx: Context, spec: ObjectSpec, record: Any, which: str) -> int:
    changed = series.apply(ctx, spec, record, backwards=which == "all")
    known = series.of_record(spec.key, record.id)
    _tell(ctx, spec, record, SeriesChanged, series_id=known.series.id if known else 0, records=changed)
    return changed


def _shift(ctx: Context, spec: ObjectSpec, record: Any) -> None:
    started = series.begin(ctx, spec, record, series.shifted(ctx, spec, record))
    _tell(ctx, spec, record, SeriesChanged, series_id=started.id, records=0)


def _leave_out(ctx: Context, spec: ObjectSpec, record: Any, days: Collection[date]) -> None:
    series.leave_out(ctx, spec, record, days)
    known = series.of_record(spec.key, record.id)
    _tell(ctx, spec, record, SeriesChanged, series_id=known.series.id if known else 0, records=0)


def _end(ctx: Context, spec: ObjectSpec, record: Any) -> None:
    _tell(ctx, spec, record, SeriesEnded, series_id=series.end(ctx, spec, record).id)


def _tell(ctx: Context, spec: ObjectSpec, record: Any, fact: type[Event], **data: Any) -> None:
    [subjects] = subjects_of(spec, [record])
    ctx.record(fact(object=spec.key, object_id=record.id, title=record.title, subjects=subjects, **data))
