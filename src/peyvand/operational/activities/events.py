"""Facts about activities."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from peyvand.kernel.errors import Message, msg
from peyvand.platform.events.facts import Event, fact


@fact("activities.task_completed.v1", label=msg("A task was completed"), icon="check")
class TaskCompleted(Event):
    def describe(self) -> Message:
        return msg("completed the task %(title)s", title=self.title)


@fact("activities.task_reopened.v1", label=msg("A task was reopened"), icon="undo")
class TaskReopened(Event):
    def describe(self) -> Message:
        return msg("reopened the task %(title)s", title=self.title)


@fact("activities.task_cancelled.v1", label=msg("A task was cancelled"), icon="xc")
class TaskCancelled(Event):
    def describe(self) -> Message:
        return msg("cancelled the task %(title)s", title=self.title)


@fact("activities.call_logged.v1", label=msg("A call was logged"), icon="phone")
class CallLogged(Event):
    direction: str = "out"
    result: str = ""
    duration: int | None = None

    def describe(self) -> Message:
        return (
            msg("took a call from %(title)s", title=self.title)
            if self.direction == "in"
            else msg("called %(title)s", title=self.title)
        )


@fact("activities.meeting_held.v1", label=msg("A meeting was held"), icon="users")
class MeetingHeld(Event):
    def describe(self) -> Message:
        return msg("held the meeting %(title)s", title=self.title)


@fact("activities.meeting_cancelled.v1", label=msg("A meeting was cancelled"), icon="xc")
class MeetingCancelled(Event):
    def describe(self) -> Message:
        return msg("cancelled the meeting %(title)s", title=self.title)


@fact("activities.mention_made.v1", label=msg("Somebody was mentioned"), icon="at")
class MentionMade(Event):
    user_id: int = 0
    user_name: str = ""

    def describe(self) -> Message:
        return msg("mentioned %(name)s", name=self.user_name)


@fact("activities.task_given.v1", label=msg("A task got another owner"), icon="user")
class TaskGiven(Event):
    """A task was made for somebody else, or given to them."""

    assigns: ClassVar[bool] = True

    from_owner_id: int | None = None
    to_owner_id: int | None = None
    to_owner: str = ""

    def describe(self) -> Message:
        if not self.to_owner:
            return msg("left the task %(title)s without an owner", title=self.title)
        return msg("gave the task %(title)s to %(name)s", title=self.title, name=self.to_owner)


@fact("activities.reminder_due.v1", label=msg("A reminder came due"), icon="bell")
class ReminderDue(Event):
    """``time`` is when the task is due or the meeting begins."""

    user_id: int = 0
    time: str = ""

    def describe(self) -> Message:
        return msg("reminded of %(title)s", title=self.title)


@fact("activities.task_overdue.v1", label=msg("A task is overdue"), icon="alert")
class TaskOverdue(Event):
    tells: ClassVar[Mapping[str, str]] = {"owner_id": "owner"}

    owner_id: int | None = None
    due_at: str = ""

    def describe(self) -> Message:
        return msg("noticed that the task %(title)s is overdue", title=self.title)
