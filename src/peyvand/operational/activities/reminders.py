"""Verbs of reminders: to be reminded oneself, and to take that back."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from peyvand.kernel import clock
from peyvand.kernel.errors import Invalid, NotFound, RuleViolation, msg
from peyvand.operational.activities.models import Meeting, Task
from peyvand.operational.activities.reminding import (
    BEFORE,
    OPEN,
    OPTIONS,
    TIME,
    USUAL,
    before,
    own_reminders,
    remind_at,
)
from peyvand.operational.availability.public import next_working
from peyvand.platform.actions.action import action
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import Choice, Instant
from peyvand.platform.objects.queries import load_record
from peyvand.platform.objects.spec import object_named

_REMIND = (
    Choice(key="before", label=_("How long before"), options=tuple(o for o in OPTIONS if o.key != USUAL)),
    Instant(key="at", label=_("Or at this moment")),
)


def _lies_ahead(record: Any) -> bool:
    return bool(record.status == OPEN[record._meta.model_name])


def _is_reminded(ctx: Context, record: Any) -> bool:
    mine = own_reminders(record._meta.model_name, record.id, ctx.actor.user_id or 0)
    return _lies_ahead(record) and bool(mine.exists())


@action("task.remind", label=_("Remind me"), icon="bell", inputs=_REMIND, offered=_lies_ahead)
def remind_of_task(ctx: Context, task: Task, *, before: str = "", at: datetime | None = None) -> None:
    """Have yourself reminded of a task, besides its own reminders: so long before it is due, or at a moment."""
    _remind(ctx, task, before, at)


@action("meeting.remind", label=_("Remind me"), icon="bell", inputs=_REMIND, offered=_lies_ahead)
def remind_of_meeting(
    ctx: Context, meeting: Meeting, *, before: str = "", at: datetime | None = None
) -> None:
    """Have yourself reminded of a meeting, besides its own reminders: so long before it begins, or at a moment."""
    _remind(ctx, meeting, before, at)


@action("task.unremind", label=_("Do not remind me"), icon="xc", offered=_lies_ahead, useful=_is_reminded)
def unremind_of_task(ctx: Context, task: Task) -> None:
    """Take back the reminders of a task that you asked for yourself."""
    own_reminders("task", task.id, ctx.actor.user_id or 0).delete()


@action("meeting.unremind", label=_("Do not remind me"), icon="xc", offered=_lies_ahead, useful=_is_reminded)
def unremind_of_meeting(ctx: Context, meeting: Meeting) -> None:
    """Take back the reminders of a meeting that you asked for yourself."""
    own_reminders("meeting", meeting.id, ctx.actor.user_id or 0).delete()


def put_off(ctx: Context, object_key: str, object_id: int, choice: str) -> None:
    """Remind the actor of a record again: in ten minutes, in an hour, or when they begin work on another day.

    Raises:
        NotFound: they see no such record.
        RuleViolation: it is over.
    """
    if ctx.actor.user_id is None:
        raise NotFound
    record = load_record(object_named(object_key), ctx.actor, object_id)
    if choice == "work":
        tomorrow = datetime.combine(
            clock.today(ctx.tenant.tz) + timedelta(days=1), datetime.min.time(), ctx.tenant.tz
        )
        fallback = tomorrow + timedelta(hours=9)
        at = next_working([ctx.actor.user_id], tomorrow).get(ctx.actor.user_id, fallback)
    else:
        at = clock.now() + timedelta(minutes={"10m": 10, "1h": 60}[choice])
    if object_key == "task":
        remind_of_task(ctx, record, at=at)
    else:
        remind_of_meeting(ctx, record, at=at)


def _remind(ctx: Context, record: Task | Meeting, length: str, at: datetime | None) -> None:
    if ctx.actor.user_id is None:
        raise RuleViolation(msg("Only people are reminded."))
    if not _lies_ahead(record):
        raise RuleViolation(msg("This is over or was called off."), "status")
    object_key = str(record._meta.model_name)
    if at is not None:
        remind_at(object_key, record.id, ctx.actor.user_id, at)
        return
    if not length:
        raise Invalid.of(msg("Say how long before, or at what moment."), "before", "required")
    time = getattr(record, TIME[object_key])
    if time is None:
        raise Invalid.of(msg("It has no time yet; choose a moment."), "at", "required")
    minutes = BEFORE[length]
    remind_at(object_key, record.id, ctx.actor.user_id, before(time, minutes, ctx.tenant.tz), minutes)
