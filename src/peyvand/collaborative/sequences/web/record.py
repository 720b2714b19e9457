"""Cards: in which sequence a person, a lead or a deal is, and the way from a sequence to its plan."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from peyvand.collaborative.filling import fill_many
from peyvand.collaborative.sequences.enrolling import steps_of
from peyvand.collaborative.sequences.models import GOING, Enrolment
from peyvand.collaborative.sequences.objects import ENROLMENT, SEQUENCE
from peyvand.collaborative.sequences.results import standing
from peyvand.platform.access.decisions import decide, visible
from peyvand.platform.actions.context import Context
from peyvand.platform.database.compiled import Slot
from peyvand.platform.workspaces.lookups import lookup
from peyvand.web.objects.pages.access import Opened
from peyvand.web.objects.pages.cards import record_card
from peyvand.web.shell.navigation import here
from peyvand.web.shell.today import Card

MOST = 5
# Of so many, the next in time, it is asked which of them the actor sees.
ASKED = 500


def _card(ctx: Context, opened: Opened) -> Card | None:
    key, id = opened.spec.key, opened.record.id
    ids = [each for (each,) in _going_of(key, id, id if key == "person" else None)]
    if not ids:
        return None
    going = Enrolment.objects.filter(id__in=ids).order_by("next_at", "id")
    rows = list(visible(ctx.actor, ENROLMENT.key, going)[:MOST])
    if not rows:
        return None
    steps = steps_of(sorted({one.sequence_id for one in rows}))
    return Card("sequences/card.html", {"rows": [_row(ctx, one, steps[one.sequence_id]) for one in rows]})


@lookup("text", "bigint", "bigint")
def _going_of(object: Slot, id: Slot, person: Slot) -> QuerySet[Any]:
    """Whoever may see them: most records have none, and then it is not worked out."""
    where = Q(about_object=object, about_id=id) | Q(person_id=person)
    going = Enrolment.objects.filter(where, state__in=GOING)
    return going.order_by("next_at", "id").values_list("id")[:ASKED]


def _row(ctx: Context, one: Enrolment, steps: list[Any]) -> dict[str, Any]:
    url = here(ctx, f"{ENROLMENT.plural}/{one.id}/")
    place = next((n for n, step in enumerate(steps, 1) if step.id == one.step_id), 1)
    verbs = [
        verb
        for verb in (("resume" if one.state == "paused" else "pause"), "stop")
        if decide(ctx.actor, f"enrolment.{verb}", one)
    ]
    return {
        "one": one, "url": url, "place": place, "of": len(steps),
        "name": _named(ctx, one, steps[place - 1].name) if len(steps) >= place else "",
        "verbs": verbs, "part": (place - 1) / max(len(steps), 1),
    }  # fmt: skip


def _named(ctx: Context, one: Enrolment, name: str) -> str:
    """The name of a step as it is for that person."""
    whom = {
        "person": one.person_id,
        "company": one.company_id,
        "user": one.owner_id,
        one.about_object: one.about_id,
    }
    return fill_many(ctx, name, [whom], ctx.tenant.language)[0]


for _key in ("person", "lead", "deal"):
    record_card(_key, order=15)(_card)


@record_card("sequence", order=10)
def plan(ctx: Context, opened: Opened) -> Card:
    """The way to the steps and their results, and how many are in it."""
    return Card("sequences/card_plan.html", {
        "plan": here(ctx, f"{SEQUENCE.plural}/{opened.record.id}/plan"), "counts": standing(ctx.actor, opened.record.id),
        "steps": len(steps_of([opened.record.id])[opened.record.id]),
    })  # fmt: skip
