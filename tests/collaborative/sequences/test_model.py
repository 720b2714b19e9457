"""The runner against a simple model of what it should do: any steps, any waits, anything that happens in any order."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.collaborative.sequences.conftest import NOON

from peyvand.collaborative.sequences import models as m
from peyvand.collaborative.sequences.actions import move_step, pause, resume, skip
from peyvand.collaborative.sequences.enrolling import enrol
from peyvand.collaborative.sequences.models import Enrolment, Sequence, Step, StepRun
from peyvand.collaborative.sequences.objects import SEQUENCE, STEP
from peyvand.collaborative.sequences.running import run_set
from peyvand.collaborative.sequences.stopping import stop_where
from peyvand.collaborative.sequences.timing import WorkingClock
from peyvand.collaborative.sms.models import SmsMessage
from peyvand.kernel import clock
from peyvand.operational.activities.public import Task
from peyvand.operational.availability.public import is_working
from peyvand.operational.contacts.public import PERSON, Person
from peyvand.platform.objects.records import create_records, delete_records, update_records
from peyvand.platform.workspaces.scope import workspace_scope

STEPS = st.lists(
    st.tuples(st.sampled_from(["sms", "call", "task", "wait"]), st.integers(0, 3), st.integers(0, 9)), min_size=1, max_size=5
)  # fmt: skip
HAPPENINGS = st.lists(
    st.one_of(
        st.tuples(st.just("hours"), st.integers(1, 80)),
        st.tuples(st.sampled_from(["pause", "resume", "skip", "drop", "up", "answer"]), st.integers(0, 4)),
    ),
    max_size=12,
)


@dataclass
class Model:
    """What ought to become of one person."""

    times: WorkingClock
    owner: int
    order: list[int]
    waits: dict[int, tuple[int, int]]
    now: datetime
    state: str = "active"
    taken: list[int] = field(default_factory=list)
    skipped: list[int] = field(default_factory=list)
    next: int | None = None
    next_at: datetime | None = None

    def begin(self) -> None:
        self._come_to(self.order[0])

    def run(self) -> None:
        while self.state == "active" and self.next_at is not None and self.next_at <= self.now:
            at = self.times.open_at(self.owner, self.now)
            assert at is not None
            if at > self.now and self._waiting() is not None:
                self.next, self.next_at = self._waiting(), at
                return
            step = self._waiting()
            if step is None:
                self.state = "finished"
                return
            self.taken.append(step)
            self._go_on_from(step)

    def skip(self) -> None:
        step = self._waiting()
        if step is None:
            self.state = "finished"
            return
        self.skipped.append(step)
        self._go_on_from(step)

    def _waiting(self) -> int | None:
        """The step to come: where it went away, the first behind its place. ``order`` keeps the dropped as None there."""
        return self.next if self.next in self.order else self._from(self.place)

    def _go_on_from(self, step: int) -> None:
        following = self._from(self.order.index(step) + 1)
        if following is None:
            self.state = "finished"
        else:
            self._come_to(following)

    def _from(self, at: int) -> int | None:
        return next((s for s in self.order[at:] if s not in (*self.taken, *self.skipped)), None)

    def _come_to(self, step: int) -> None:
        self.next, self.place = step, self.order.index(step)
        self.next_at = self.times.after(self.owner, self.now, *self.waits[step])

    place: int = 0


@settings(max_examples=25)
@given(steps=STEPS, happenings=HAPPENINGS)
def test_the_runner_does_what_the_model_says(
    cast: Any, acting: Any, gateway: Any, steps: Any, happenings: Any
) -> None:
    with workspace_scope(cast.arman.id), transaction.atomic():
        _play(cast, acting(cast.sara), steps, happenings)
        transaction.set_rollback(True)


def _play(cast: Any, ctx: Any, steps: Any, happenings: Any) -> None:
    now = NOON
    with clock.freeze(now):
        [sequence] = create_records(ctx, SEQUENCE, [{"name": "S"}])
        made: list[Step] = create_records(ctx, STEP, [
            {"sequence": sequence.id, "kind": kind, "name": f"Step {n}", "text": "Text", "days": days,
             "hours": max(hours, 1) if kind == "wait" else hours}
            for n, (kind, days, hours) in enumerate(steps)
        ])  # fmt: skip
        update_records(ctx, SEQUENCE, [sequence], [{"is_active": True}])
        point = ({"value": "+989121112233", "label": "", "primary": True, "consent": "unknown"},)
        [person] = create_records(ctx, PERSON, [{"family_name": "P", "phones": point, "owner": cast.sara.id}])
        [one] = enrol(ctx, PERSON, [Person.objects.get(id=person.id)], sequence.id)
    model = Model(
        WorkingClock(cast.arman),
        cast.sara.id,
        [s.id for s in made],
        {s.id: (s.days, s.hours) for s in made},
        now,
    )
    model.begin()
    for what, n in [*happenings, ("hours", 3000), ("hours", 3000)]:
        if what == "hours":
            # By the minute it would be; a run at the end of each working stretch looks at the same.
            for _ in range(min(n, 12)):
                now += timedelta(hours=n / min(n, 12))
                _run(cast, now, model)
        else:
            with clock.freeze(now):
                _happen(ctx, model, one, sequence, what, n)
    one.refresh_from_db()
    runs = list(StepRun.objects.filter(enrolment=one).order_by("id"))
    assert [r.step_id for r in runs if r.state != m.SKIPPED] == model.taken
    assert [r.step_id for r in runs if r.state == m.SKIPPED] == model.skipped
    assert len({r.step_id for r in runs}) == len(runs)
    assert one.state == model.state
    kinds = [r.kind for r in runs if r.state != m.SKIPPED]
    assert SmsMessage.objects.filter(person=person).count() == kinds.count("sms")
    assert Task.objects.filter(person=person).count() == kinds.count("call") + kinds.count("task")
    for run in runs:
        assert run.state == m.SKIPPED or is_working([cast.sara.id], run.at)


def _run(cast: Any, now: datetime, model: Model) -> None:
    model.now = now
    with clock.freeze(now):
        while run_set(cast.arman):
            pass
    model.run()


def _happen(ctx: Any, model: Model, one: Enrolment, sequence: Sequence, what: str, n: int) -> None:
    steps = list(Step.objects.filter(sequence=sequence, deleted_at__isnull=True).order_by("position"))
    going = model.state in ("active", "paused")
    if what == "answer" and going and n == 0:
        stop_where(ctx_of_job(ctx), Q(id=one.id), "replied")
        model.state = "stopped"
    elif what == "pause" and model.state == "active":
        pause(ctx, one)
        model.state = "paused"
    elif what == "resume" and model.state == "paused":
        resume(ctx, one)
        model.state = "active"
        model.next_at = model.times.open_at(model.owner, max(model.next_at or model.now, model.now))
    elif what == "skip" and going:
        state = model.state
        skip(ctx, one)
        model.skip()
        if model.state != "finished":
            model.state = state
    elif what == "drop" and len(steps) > 1 and steps[n % len(steps)].id != model.next:
        # The one that somebody stands at is dropped in a test of its own: where it stood is kept by place.
        gone = steps[n % len(steps)]
        delete_records(ctx, STEP, [gone])
        model.order.remove(gone.id)
    elif what == "up" and len(steps) > 1 and (at := n % len(steps)) > 0:
        move_step(ctx, steps[at], way="up")
        model.order[at - 1], model.order[at] = model.order[at], model.order[at - 1]


def ctx_of_job(ctx: Any) -> Any:
    from peyvand.platform.actions.context import job_context

    return job_context(ctx.tenant)
