"""From step to step, also while somebody rearranges them: nobody gets a step twice, nobody is left on one that is gone."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from peyvand.collaborative.sequences.models import Enrolment, Step


def due_step(steps: Sequence[Step], enrolment: Enrolment, had: Collection[int]) -> Step | None:
    """The step to take now: the one that was to come, or where it is gone, the first from its place on; None at the end.

    ``steps`` stand in their order; ``had`` are the ids of those taken before.
    """
    waiting = next((step for step in steps if step.id == enrolment.step_id and step.id not in had), None)
    return waiting or next((s for s in steps if s.position >= enrolment.place and s.id not in had), None)


def step_after(steps: Sequence[Step], step: Step, had: Collection[int]) -> Step | None:
    """The one that follows a step that was just taken, in the order of today."""
    order = (step.position, step.id)
    return next((s for s in steps if (s.position, s.id) > order and s.id not in had), None)
