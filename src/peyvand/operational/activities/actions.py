"""Verbs of activities that are more than changing a field."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext_lazy as _

from peyvand.kernel.errors import Invalid, RuleViolation, msg
from peyvand.operational.activities.models import Call, Meeting, Task
from peyvand.operational.activities.objects import CALL, MEETING, TASK
from peyvand.platform.actions.action import action
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import Field, Ref
from peyvand.platform.objects.cleaning import missing_links
from peyvand.platform.objects.records import create_records, update_records
from peyvand.platform.objects.spec import ObjectSpec


def _inputs(spec: ObjectSpec, *keys: str) -> tuple[Field, ...]:
    return tuple(replace(spec.field(key), required=False) for key in keys)


def _is_open(task: Any) -> bool:
    return bool(task.status == "open")


@action(
    "task.complete",
    label=_("Complete"),
    icon="check",
    tone="good",
    offered=_is_open,
)
def complete_task(ctx: Context, task: Task) -> None:
    """Tick a task off.

    Raises:
        RuleViolation: the task is not open.
    """
    if task.status != "open":
        raise RuleViolation(msg("This task is not open."), "status")
    update_records(ctx, TASK, [task], [{"status": "done"}])


@action(
    "task.complete_many",
    label=_("Complete"),
    on="many",
    icon="check",
    tone="good",
    offered=_is_open,
    button=False,
)
def complete_tasks(ctx: Context, tasks: Sequence[Task]) -> None:
    """Tick off those of the tasks that are open."""
    chosen = [task for task in tasks if task.status == "open"]
    update_records(ctx, TASK, chosen, [{"status": "done"}] * len(chosen))


@action("task.reopen", label=_("Reopen"), icon="undo", offered=lambda task: task.status != "open")
def reopen_task(ctx: Context, task: Task) -> None:
    """Put a task that was done or cancelled back among the open ones."""
    update_records(ctx, TASK, [task], [{"status": "open"}])


@action("task.cancel", label=_("Cancel the task"), icon="xc", offered=_is_open)
def cancel_task(ctx: Context, task: Task) -> None:
    """Give a task up without having done it."""
    if task.status != "open":
        raise RuleViolation(msg("This task is not open."), "status")
    update_records(ctx, TASK, [task], [{"status": "cancelled"}])


@action(
    "call.log",
    label=_("Log a call"),
    on="none",
    icon="phone",
    inputs=_inputs(
        CALL, "person", "phone", "direction", "started_at", "duration", "result", "about", "notes"
    ),
)
def log_call(ctx: Context, /, *, about: Ref | None = None, **values: Any) -> Call:
    """Log a call that took place, now unless ``started_at`` says otherwise. The values are those of the call's fields.

    Raises:
        Invalid: neither a person nor a number is given, or a link leads nowhere.
    """
    given = {key: value for key, value in values.items() if value not in (None, "")}
    if not given.get("person") and not given.get("phone"):
        raise Invalid.of(msg("Say whom the call was with: a person or a number."), "person", "required")
    row = {
        "about": about,
        **{
            f.key: f.default() if callable(f.default) else f.default
            for f in CALL.fields
            if f.default is not None
        },
        **given,
    }
    if problems := missing_links(ctx, CALL, [row])[0]:
        raise Invalid(problems)
    call: Call = create_records(ctx, CALL, [row])[0]
    return call


@action(
    "meeting.hold",
    label=_("Held"),
    icon="check",
    tone="good",
    inputs=_inputs(MEETING, "outcome"),
    offered=lambda meeting: meeting.status == "planned",
)
def hold_meeting(ctx: Context, meeting: Meeting, *, outcome: str = "") -> None:
    """Say that a meeting took place, and what came of it."""
    if meeting.status != "planned":
        raise RuleViolation(msg("This meeting is not planned any more."), "status")
    update_records(ctx, MEETING, [meeting], [{"status": "held", **({"outcome": outcome} if outcome else {})}])


@action(
    "meeting.cancel",
    label=_("Cancel the meeting"),
    icon="xc",
    offered=lambda meeting: meeting.status == "planned",
)
def cancel_meeting(ctx: Context, meeting: Meeting) -> None:
    """Call a meeting off."""
    if meeting.status != "planned":
        raise RuleViolation(msg("This meeting is not planned any more."), "status")
    update_records(ctx, MEETING, [meeting], [{"status": "cancelled"}])
