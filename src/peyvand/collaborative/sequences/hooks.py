"""What happens when steps are written: what a step of its kind lacks is asked for, and places in texts are known."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence as Several
from typing import Any

from django.db.models import Max

from peyvand.collaborative.filling import check_places
from peyvand.collaborative.sequences.models import MAIL, SMS, WAIT, WRITTEN, Sequence, Step
from peyvand.collaborative.sms.public import unsendable
from peyvand.kernel.errors import Invalid, Problem, Refusals, RuleViolation, msg
from peyvand.platform.actions.context import Context
from peyvand.platform.database.locks import hold

Values = Mapping[str, Any]
MOST_STEPS = 50


def prepare_steps(ctx: Context, steps: Several[Step], values: Several[Values]) -> None:
    _place(ctx, [step for step in steps if step._state.adding])
    refusals = Refusals()
    for step, given in zip(steps, values, strict=True):
        with refusals.of(step.id):
            if problems := _problems(step):
                raise Invalid(problems)
            for field in ("subject", "text", "subject_b", "text_b", "name"):
                # What is written now is filled in with the eyes of whoever looks after the person: its author must not
                # learn more by it than they may know.
                check_places(getattr(step, field), field, ctx.actor if field in given else None)
    refusals.settle()


def prepare_sequences(ctx: Context, sequences: Several[Sequence], values: Several[Values]) -> None:
    """A sequence is begun only once it has steps."""
    asked = [s for s, given in zip(sequences, values, strict=True) if given.get("is_active")]
    ids = [s.id for s in asked if not s._state.adding]
    known = set(
        Step.objects.filter(sequence_id__in=ids, deleted_at__isnull=True).values_list(
            "sequence_id", flat=True
        )
    )
    refusals = Refusals()
    for sequence in asked:
        with refusals.of(None if sequence._state.adding else sequence.id):
            if sequence.id not in known:
                raise RuleViolation(msg("Give the sequence a step before it is switched on."), "is_active")
    refusals.settle()


def _place(ctx: Context, steps: Several[Step]) -> None:
    """New steps stand at the end, in the order in which they came."""
    wanted = sorted({step.sequence_id for step in steps})
    if not wanted:
        return
    hold(ctx.tenant.id, *(f"sequences.steps:{id}" for id in wanted))
    rows = Step.objects.filter(sequence_id__in=wanted, deleted_at__isnull=True).values("sequence_id")
    last = dict(rows.annotate(last=Max("position")).values_list("sequence_id", "last"))
    for step in steps:
        step.position = last[step.sequence_id] = last.get(step.sequence_id, 0) + 1
        if step.position > MOST_STEPS:
            raise RuleViolation(msg("A sequence has at most %(most)s steps.", most=MOST_STEPS))


def _problems(step: Step) -> list[Problem]:
    required = msg("This is required.")
    problems = []
    if step.kind in WRITTEN and not step.text:
        problems.append(Problem("text", required, "required"))
    if step.kind == MAIL and not step.subject:
        problems.append(Problem("subject", required, "required"))
    if step.kind == MAIL and step.text_b and not step.subject_b:
        problems.append(Problem("subject_b", required, "required"))
    if step.kind == SMS:
        texts = (("text", step.text), ("text_b", step.text_b))
        problems += [Problem(field, why) for field, text in texts if text and (why := unsendable(text))]
    if step.kind == WAIT and not (step.days or step.hours):
        problems.append(Problem("days", msg("Say how long to wait."), "required"))
    return problems
