"""What every step of a sequence came to, by its texts: one statement for all of them."""

from __future__ import annotations

from collections.abc import Sequence as Several
from dataclasses import dataclass
from typing import Final

from django.db.models import Count, Q

from peyvand.collaborative.sequences import models as m
from peyvand.collaborative.sequences.models import Enrolment, Step, StepRun
from peyvand.collaborative.sequences.objects import ENROLMENT, RUN
from peyvand.collaborative.sequences.variants import Rate, better
from peyvand.platform.access.decisions import visible
from peyvand.platform.identity.actor import Actor

# What is counted of a step, as conditions on its runs, in the order in which it is shown. Who answered has it, whatever the
# server or the gateway reported.
COUNTED: Final = {
    "sent": Q(state__in=(m.SENT, m.DELIVERED, m.NOT_SENT, m.DONE)),
    "delivered": Q(state=m.DELIVERED) | Q(is_replied=True),
    "replied": Q(is_replied=True),
    "booked": Q(is_booked=True),
    "stopped": Q(is_stopped=True),
}


@dataclass(frozen=True)
class Outcome:
    """One text of a step: how many of each, and the rate of answers."""

    step_id: int
    variant: str
    counts: dict[str, int]

    @property
    def answers(self) -> Rate:
        """Of whom it reached: what never arrived says nothing of the text."""
        return Rate(self.counts["replied"], self.counts["delivered"])


def outcomes_of(actor: Actor, steps: Several[Step]) -> dict[int, list[Outcome]]:
    """For each step that was taken, by its id, its texts in their order; of what the actor sees."""
    asked = {key: Count("id", filter=where) for key, where in COUNTED.items()}
    rows = (
        visible(actor, RUN.key, StepRun.objects.filter(step_id__in=[s.id for s in steps]))
        .order_by()
        .values("step_id", "variant")
        .annotate(**asked)
    )
    found: dict[int, list[Outcome]] = {}
    for row in sorted(rows, key=lambda row: str(row["variant"])):
        counts = {key: row[key] for key in COUNTED}
        found.setdefault(row["step_id"], []).append(Outcome(row["step_id"], row["variant"], counts))
    return found


def verdict(outcomes: Several[Outcome]) -> str:
    """Which of two texts is answered more: "a", "b", "same", "few", or "" where there are not two."""
    by = {o.variant: o.answers for o in outcomes}
    return better(by["a"], by["b"]) if {"a", "b"} <= by.keys() else ""


def standing(actor: Actor, sequence_id: int) -> dict[str, int]:
    """How many of those that the actor sees are in a sequence in each state."""
    rows = (
        visible(actor, ENROLMENT.key, Enrolment.objects.filter(sequence_id=sequence_id))
        .order_by()
        .values_list("state")
        .annotate(n=Count("id"))
    )
    return dict(rows)
