"""What comes next once a task is done, a meeting was held or a call was made: one way for all three."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from peyvand.kernel import clock
from peyvand.kernel.errors import Invalid, msg
from peyvand.operational.activities.public import (
    CALL,
    MEETING,
    TASK,
    TASK_KINDS,
    Call,
    Meeting,
    Task,
    next_steps,
)
from peyvand.operational.availability.public import working_periods
from peyvand.operational.scheduling.events import NothingFollows
from peyvand.operational.scheduling.free import USUAL
from peyvand.platform.actions.action import action
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import Choice, Field, Instant, Option, Ref, Text
from peyvand.platform.identity.actor import Actor, Tenant
from peyvand.platform.objects.records import create_records
from peyvand.platform.objects.references import subjects_of
from peyvand.platform.objects.spec import ObjectSpec

DONE: Final[dict[str, ObjectSpec]] = {"task": TASK, "meeting": MEETING, "call": CALL}
NOTHING: Final = "nothing"
KINDS: Final = (
    Option("meeting", _("Meeting"), "acc", icon="users"),
    *TASK_KINDS,
    Option(NOTHING, _("Nothing"), icon="xc"),
)
INPUTS: Final[tuple[Field, ...]] = (
    Choice(key="kind", label=_("Next step"), options=KINDS, required=True),
    Text(key="title", label=_("Title"), max_length=300),
    Instant(key="at", label=_("When")),
    Text(key="reason", label=_("Why nothing follows"), max_length=300),
)
# So far ahead working days are looked for.
_FAR: Final = timedelta(days=40)


@action("task.follow", label=_("Next step"), icon="arrow", inputs=INPUTS, button=False)
def follow_task(
    ctx: Context, task: Task, *, kind: str, title: str = "", at: datetime | None = None, reason: str = ""
) -> Task | Meeting | None:
    """Say what comes next after a task: a task, a meeting (made at once, about the same record), or nothing, and why."""
    return _follow(ctx, TASK, task, kind, title, at, reason)


@action("meeting.follow", label=_("Next step"), icon="arrow", inputs=INPUTS, button=False)
def follow_meeting(
    ctx: Context,
    meeting: Meeting,
    *,
    kind: str,
    title: str = "",
    at: datetime | None = None,
    reason: str = "",
) -> Task | Meeting | None:
    """Say what comes next after a meeting: a task, another meeting, or nothing, and why."""
    return _follow(ctx, MEETING, meeting, kind, title, at, reason)


@action("call.follow", label=_("Next step"), icon="arrow", inputs=INPUTS, button=False)
def follow_call(
    ctx: Context, call: Call, *, kind: str, title: str = "", at: datetime | None = None, reason: str = ""
) -> Task | Meeting | None:
    """Say what comes next after a call: a task, a meeting, or nothing, and why."""
    return _follow(ctx, CALL, call, kind, title, at, reason)


def _follow(
    ctx: Context, spec: ObjectSpec, done: Any, kind: str, title: str, at: datetime | None, reason: str
) -> Task | Meeting | None:
    if kind == NOTHING:
        if not reason.strip():
            raise Invalid.of(msg("Say why nothing follows."), "reason", "required")
        [subjects] = subjects_of(spec, [done])
        name = str(getattr(done, spec.title))
        ctx.record(
            NothingFollows(object=spec.key, object_id=done.id, title=name, subjects=subjects, reason=reason)
        )
        ctx.touch(spec.key, done.id)
        return None
    if not title.strip():
        raise Invalid.of(msg("This is required."), "title", "required")
    values = {
        "title": title, "about": done.about, "person": done.person_id, "company": done.company_id,
        "owner": done.owner_id or ctx.actor.user_id,
    }  # fmt: skip
    if kind == "meeting":
        if at is None:
            raise Invalid.of(msg("Say when the meeting is to be."), "at", "required")
        row = {**values, "starts_at": at, "ends_at": at + USUAL * 2, "status": "planned"}
        meeting: Meeting = create_records(ctx, MEETING, [row])[0]
        return meeting
    row = {**values, "kind": kind, "due_at": at, "status": "open", "priority": "normal"}
    task: Task = create_records(ctx, TASK, [row])[0]
    return task


def concerned(done: Any) -> Ref | None:
    """The record that something was done about: what it says it is about, else whom it concerns."""
    about: Ref | None = done.about
    if about is None and done.person_id:
        about = Ref("person", done.person_id, "")
    return about


def is_open(actor: Actor, done: Any) -> bool:
    """Whether nothing is planned about the record that something was done about."""
    about = concerned(done)
    return about is not None and not next_steps(actor, about.object, about.id, limit=1)


def working_days(tenant: Tenant, user: int | None, counts: Sequence[int]) -> dict[int, datetime]:
    """When a user begins work on the n-th working day after today, for each n asked; at nine on a day so far away if they
    never work. Three queries."""
    tomorrow = datetime.combine(clock.today(tenant.tz) + timedelta(days=1), time(), tenant.tz)
    found: list[datetime] = []
    if user is not None:
        for begin, _end in working_periods([user], tomorrow, tomorrow + _FAR)[user]:
            local = begin.astimezone(tenant.tz)
            if not found or found[-1].date() != local.date():
                found.append(local)
    morning = tomorrow.replace(hour=9)
    return {n: found[n - 1] if len(found) >= n else morning + timedelta(days=n - 1) for n in counts}
