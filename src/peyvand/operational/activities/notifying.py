"""Who is told of what happens to tasks and meetings."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from peyvand.kernel import clock
from peyvand.kernel.errors import Message, msg
from peyvand.kernel.persian.calendar import format_time, relative_day
from peyvand.operational.activities.events import MentionMade, ReminderDue, TaskGiven, TaskOverdue
from peyvand.operational.activities.jobs import RENEW
from peyvand.operational.activities.reminders import put_off
from peyvand.platform.events.reactions import Cause
from peyvand.platform.fields.reader import Reader
from peyvand.platform.jobs.scoped import defer
from peyvand.platform.notifications.preferences import follow_reminders
from peyvand.platform.notifications.telling import Told, tells

WORK = _("My work")


@follow_reminders
def renew_soon(user_id: int) -> None:
    """What lies ahead is reminded of as its owner usually wants it from now on."""
    defer(RENEW, user_id=user_id)


def _due(fact: ReminderDue, who: str, reader: Reader) -> Message:
    if not fact.time:
        return msg("Reminder: %(title)s", title=fact.title)
    at = datetime.fromisoformat(fact.time)
    day = relative_day(at.astimezone(reader.tz).date(), clock.today(reader.tz), reader.language)
    return msg("Reminder: %(title)s – %(day)s, %(time)s", title=fact.title, day=day,
               time=format_time(at, reader.tz, reader.language))  # fmt: skip


@tells(ReminderDue, label=_("A reminder is due"), group=WORK, says=_due, urgent=True, snooze=put_off)
def reminded(cause: Cause, facts: Sequence[ReminderDue]) -> Told:
    return [[fact.user_id] for fact in facts]


@tells(
    TaskOverdue,
    label=_("A task of mine is overdue"),
    group=WORK,
    says=lambda fact, who, reader: msg("Overdue: %(title)s", title=fact.title),
    many=_("%(count)s of your tasks are overdue"),
    channels=(),
)
def late(cause: Cause, facts: Sequence[TaskOverdue]) -> Told:
    return [[fact.owner_id] for fact in facts]


@tells(
    TaskGiven,
    label=_("A task is given to me"),
    group=WORK,
    says=lambda fact, who, reader: msg("%(who)s gave you the task %(title)s", who=who, title=fact.title),
    many=_("%(count)s tasks were given to you"),
)
def task_given(cause: Cause, facts: Sequence[TaskGiven]) -> Told:
    return [[fact.to_owner_id] for fact in facts]


@tells(
    MentionMade,
    label=_("Somebody mentions me"),
    group=WORK,
    says=lambda fact, who, reader: msg("%(who)s mentioned you: %(title)s", who=who, title=fact.title),
)
def mentioned(cause: Cause, facts: Sequence[MentionMade]) -> Told:
    return [[fact.user_id] for fact in facts]
