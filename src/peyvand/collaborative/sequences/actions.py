"""Verbs: put a person in, for themselves, a lead or a deal; pause, go on, skip and stop; move a step."""

from __future__ import annotations

from collections.abc import Sequence as Several
from typing import Any

from django.utils.translation import gettext_lazy as _

from peyvand.collaborative.sequences import models as m
from peyvand.collaborative.sequences import reasons
from peyvand.collaborative.sequences.enrolling import enrol, steps_of
from peyvand.collaborative.sequences.models import Enrolment, Step
from peyvand.collaborative.sequences.moving import due_step, step_after
from peyvand.collaborative.sequences.objects import ENROLMENT, STEP
from peyvand.collaborative.sequences.running import owner_now, run_of
from peyvand.collaborative.sequences.stopping import end
from peyvand.collaborative.sequences.timing import WorkingClock
from peyvand.kernel import clock
from peyvand.kernel.errors import Conflict, RuleViolation, msg
from peyvand.platform.actions.action import action
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import Choice, Field, Flag, Link, Option
from peyvand.platform.objects.spec import ObjectSpec, find_object
from peyvand.platform.workspaces.modules import belongs

CHOSEN: Field = Link(key="sequence", label=_("Sequence"), to="sequence", required=True)
WAYS = (Option("up", _("Up")), Option("down", _("Down")))


def _declare(spec: ObjectSpec) -> None:
    one, many = spec.permission("enrol"), spec.permission("enrol_many")
    again = Flag(key="again", label=_("Also if they answered in it before"))

    @action(one, label=_("Put into a sequence"), icon="flow", inputs=(CHOSEN, again), offered=_is_open)
    def enrol_one(ctx: Context, record: Any, *, sequence: int, again: bool = False) -> Enrolment:
        """Put the person into a sequence.

        Raises:
            RuleViolation: they cannot be reached, did not consent, or are in it already.
        """
        return enrol(ctx, spec, [record], sequence, again=again)[0]

    @action(many, label=_("Put into a sequence"), on="many", icon="flow", inputs=(CHOSEN,))
    def enrol_many(ctx: Context, records: Several[Any], *, sequence: int) -> None:
        """Put the people of several records into a sequence; those who cannot go in are named with the reason."""
        enrol(ctx, spec, records, sequence)

    for verb in (one, many):
        belongs(verb, "sequences")


def _is_open(record: Any) -> bool:
    state = getattr(record, "status", getattr(record, "state", ""))
    return (
        state not in ("won", "lost", "converted", "disqualified")
        and getattr(record, "person_id", record.id) is not None
    )


for _key in ("person", "lead", "deal"):
    if (_spec := find_object(_key)) is not None:
        _declare(_spec)


def _locked(enrolment: Enrolment, *states: str) -> Enrolment:
    found: Enrolment | None = (
        Enrolment.objects.filter(id=enrolment.id).select_for_update(of=("self",)).first()
    )
    if found is None or found.state not in states:
        raise Conflict
    return found


def _keep(ctx: Context, one: Enrolment) -> None:
    Enrolment.objects.bulk_update([one], ["state", "step", "place", "next_at"])
    ctx.touch(ENROLMENT.key, one.id)


@action("enrolment.pause", label=_("Pause"), icon="clock", offered=lambda e: e.state == m.ACTIVE)
def pause(ctx: Context, enrolment: Enrolment) -> None:
    """Let no further step follow until it is resumed.

    Raises:
        Conflict: it is not under way any more.
    """
    one = _locked(enrolment, m.ACTIVE)
    one.state = m.PAUSED
    _keep(ctx, one)


@action("enrolment.resume", label=_("Go on"), icon="play", tone="good", offered=lambda e: e.state == m.PAUSED)
def resume(ctx: Context, enrolment: Enrolment) -> None:
    """Go on with the next step, at its time or, where that is over, at the next working moment.

    Raises:
        Conflict: it is not paused.
    """
    one, now = _locked(enrolment, m.PAUSED), clock.now()
    one.state, one.next_at = (
        m.ACTIVE,
        WorkingClock(ctx.tenant).open_at(one.owner_id, max(one.next_at or now, now)) or now,
    )
    _keep(ctx, one)


@action(
    "enrolment.take_over", label=_("Write in my name"), icon="mail", offered=lambda e: e.state in m.GOING,
    useful=lambda ctx, e: owner_now(e) == ctx.actor.user_id != e.sender_id,
)  # fmt: skip
def take_over(ctx: Context, enrolment: Enrolment) -> None:
    """Have what follows written from one's own account, as the owner of today; until then it is whoever put the person in.

    Raises:
        Conflict: it is over. RuleViolation: one is not the owner.
    """
    one = _locked(enrolment, *m.GOING)
    if owner_now(one) != ctx.actor.user_id:
        raise RuleViolation(msg("This is for the owner to do."), "owner")
    one.owner_id = one.sender_id = ctx.actor.user_id
    Enrolment.objects.bulk_update([one], ["owner", "sender"])
    ctx.touch(ENROLMENT.key, one.id)


@action("enrolment.skip", label=_("Skip the next step"), icon="arrow", offered=lambda e: e.state in m.GOING)
def skip(ctx: Context, enrolment: Enrolment) -> None:
    """Leave the next step out; the one behind it follows in its time, from now.

    Raises:
        Conflict: it is over.
    """
    one, now = _locked(enrolment, *m.GOING), clock.now()
    steps = steps_of([one.sequence_id])[one.sequence_id]
    had = set(m.StepRun.objects.filter(enrolment=one).values_list("step_id", flat=True))
    step = due_step(steps, one, had)
    if step is not None:
        m.StepRun.objects.bulk_create([run_of(one, step, m.SKIPPED, now)])
    following = step_after(steps, step, had) if step else None
    if following is None:
        end(ctx, [one], m.FINISHED)
        return
    at = WorkingClock(ctx.tenant).after(one.owner_id, now, following.days, following.hours)
    one.step, one.place, one.next_at = following, following.position, at or now
    _keep(ctx, one)


@action(
    "enrolment.stop",
    label=_("Stop the sequence"),
    icon="xc",
    tone="danger",
    offered=lambda e: e.state in m.GOING,
)
def stop(ctx: Context, enrolment: Enrolment) -> None:
    """Take the person out of the sequence.

    Raises:
        Conflict: it is over.
    """
    end(ctx, [_locked(enrolment, *m.GOING)], m.STOPPED, reasons.BY_HAND)


@action("enrolment.stop_many", label=_("Stop the sequence"), on="many", icon="xc", tone="danger")
def stop_many(ctx: Context, enrolments: Several[Enrolment]) -> None:
    """Take these people out of their sequences; those that ended already stay as they are."""
    ids = [one.id for one in enrolments]
    going = (
        Enrolment.objects.filter(id__in=ids, state__in=m.GOING).order_by("id").select_for_update(of=("self",))
    )
    end(ctx, list(going), m.STOPPED, reasons.BY_HAND)


@action("sequence_step.move", label=_("Move"), icon="sort", button=False,
        inputs=(Choice(key="way", label=_("Direction"), options=WAYS, required=True),))  # fmt: skip
def move_step(ctx: Context, step: Step, *, way: str) -> None:
    """Let a step change places with the one before or behind it. Whoever stands at one of them goes on from there.

    Raises:
        RuleViolation: there is none on that side.
    """
    steps = list(
        Step.objects.filter(sequence_id=step.sequence_id, deleted_at__isnull=True)
        .order_by("position", "id")
        .select_for_update()
    )
    at = next(n for n, one in enumerate(steps) if one.id == step.id)
    to = at + (1 if way == "down" else -1)
    if not 0 <= to < len(steps):
        raise RuleViolation(msg("There is no step on that side."))
    steps[at], steps[to] = steps[to], steps[at]
    for n, one in enumerate(steps, 1):
        one.position = n
        one.version += 1
    Step.objects.bulk_update(steps, ["position", "version"])
    ctx.touch(STEP.key, *(one.id for one in steps))
