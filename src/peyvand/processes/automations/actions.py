"""Verbs: switch an automation on and off, move its steps, begin with a ready one, and run again what was refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext_lazy as _

from peyvand.kernel.errors import Conflict, RuleViolation, msg
from peyvand.platform.actions.action import action
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import Choice, Option
from peyvand.platform.identity.actor import access_changed, system_actor
from peyvand.platform.identity.operations import declare_verb
from peyvand.platform.objects.changes import record_changes
from peyvand.processes.automations import models as m
from peyvand.processes.automations.hooks import check_steps
from peyvand.processes.automations.models import Automation, AutomationRun, AutomationStep
from peyvand.processes.automations.objects import AUTOMATION, RUN, STEP
from peyvand.processes.automations.ready import READY, make
from peyvand.processes.automations.rules import ANSWER, in_the_way, spec_of, steps_of
from peyvand.processes.automations.running import carry_out

declare_verb(ANSWER, admin=True)
WAYS = (Option("up", _("Up")), Option("down", _("Down")))
_UNDONE = (m.REFUSED, m.PARTLY)


@action("automation.begin", label=_("Switch on"), icon="play", tone="good", admin=True, offered=lambda one: one.state != m.ACTIVE,
        is_next=lambda one: True)  # fmt: skip
def begin(ctx: Context, one: Automation) -> None:
    """Have it answer to what happens from now on.

    Raises:
        RuleViolation: it cannot work as it stands.
    """
    check_steps(ctx, one)
    if wrong := in_the_way(one, steps_of([one.id])[one.id]):
        raise RuleViolation(wrong[0])
    _become(ctx, one, m.ACTIVE)


@action(
    "automation.pause", label=_("Pause"), icon="clock", admin=True, offered=lambda one: one.state == m.ACTIVE
)
def pause(ctx: Context, one: Automation) -> None:
    """Let it rest; outcomes of what it did are still waited for."""
    _become(ctx, one, m.PAUSED)


def _become(ctx: Context, one: Automation, state: str) -> None:
    if one.state == state:
        raise Conflict
    was, one.state = one.state, state
    one.version += 1
    one.save(update_fields=["state", "version", "updated_at"])
    record_changes(ctx, AUTOMATION, [(one, {"state": [was, state]})])
    ctx.touch(AUTOMATION.key, one.id)
    access_changed(ctx.actor.workspace_id)


@action("automation.begin_with", label=_("Start from a template"), on="none", icon="gear", button=False, admin=True,
        inputs=(Choice(key="ready", label=_("Which one"), options=READY, required=True),))  # fmt: skip
def begin_with(ctx: Context, *, ready: str) -> Automation:
    """Make a draft of a ready automation, with its steps; it does nothing until it is switched on."""
    return make(ctx, ready)


@action("automation_step.move", label=_("Move"), icon="sort", button=False, admin=True,
        inputs=(Choice(key="way", label=_("Direction"), options=WAYS, required=True),))  # fmt: skip
def move_step(ctx: Context, step: AutomationStep, *, way: str) -> None:
    """Let a step change places with the one before or behind it.

    Raises:
        RuleViolation: there is none on that side.
    """
    rows = AutomationStep.objects.filter(automation_id=step.automation_id, deleted_at__isnull=True)
    steps = list(rows.order_by("position", "id").select_for_update(of=("self",)))
    at = next(n for n, one in enumerate(steps) if one.id == step.id)
    to = at + (1 if way == "down" else -1)
    if not 0 <= to < len(steps):
        raise RuleViolation(msg("There is no step on that side."))
    steps[at], steps[to] = steps[to], steps[at]
    changes: list[tuple[Any, dict[str, Any]]] = []
    for place, one in enumerate(steps, 1):
        if one.position != place:
            changes.append((one, {"position": [one.position, place]}))
            one.position = place
    AutomationStep.objects.bulk_update([one for one, _ in changes], ["position"])
    record_changes(ctx, STEP, changes)
    ctx.touch(STEP.key, *(one.id for one, _ in changes))


def _run_again(ctx: Context, runs: Sequence[AutomationRun]) -> None:
    """By the automation's own rights, as it would have been done at first."""
    own = replace(ctx, actor=system_actor(ctx.tenant))
    locked = AutomationRun.objects.filter(id__in=[run.id for run in runs], state__in=_UNDONE)
    by: dict[int, list[AutomationRun]] = {}
    for run in locked.order_by("id").select_for_update(of=("self",)):
        by.setdefault(run.automation_id, []).append(run)
    for automation in Automation.objects.filter(id__in=by, deleted_at__isnull=True).order_by("id"):
        some = by[automation.id]
        carry_out(own, automation, spec_of(automation), some)
        AutomationRun.objects.bulk_update(some, ["state", "result", "problem", "taken"], batch_size=1000)
        ctx.touch(RUN.key, *(run.id for run in some))


@action(
    "automation_run.again",
    label=_("Run again"),
    icon="refresh",
    admin=True,
    offered=lambda run: run.state in _UNDONE,
    final=True,
)
def run_again(ctx: Context, run: AutomationRun) -> None:
    """Take the steps that were refused once more.

    Raises:
        Conflict: nothing was refused.
    """
    if run.state not in _UNDONE:
        raise Conflict
    _run_again(ctx, [run])


@action("automation_run.again_many", label=_("Run again"), on="many", icon="refresh", admin=True)
def run_again_many(ctx: Context, runs: Sequence[AutomationRun]) -> None:
    """Take the steps that were refused once more; those that were done stay as they are."""
    _run_again(ctx, runs)
