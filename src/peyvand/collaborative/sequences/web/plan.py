"""The page of a sequence: its steps as cards in their order, each with what came of it, and how it reads for somebody."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from peyvand.collaborative.filling import Records, check_places, filler
from peyvand.collaborative.sequences import models as m
from peyvand.collaborative.sequences.actions import move_step
from peyvand.collaborative.sequences.enrolling import steps_of
from peyvand.collaborative.sequences.models import Enrolment, Step
from peyvand.collaborative.sequences.objects import ENROLMENT, KINDS, RUN, SEQUENCE, STATES, STEP
from peyvand.collaborative.sequences.results import Outcome, outcomes_of, standing, verdict
from peyvand.collaborative.sms.public import count_parts
from peyvand.kernel.errors import Invalid, NotFound, RuleViolation
from peyvand.operational.contacts.public import PERSON, Person
from peyvand.platform.access.decisions import decide, visible
from peyvand.platform.actions.context import Context
from peyvand.platform.objects.queries import load_record
from peyvand.platform.objects.records import delete_records, update_record
from peyvand.web.components.tags import say
from peyvand.web.objects.lists.links import list_url
from peyvand.web.shell.middleware import context_of
from peyvand.web.shell.navigation import here

# The figures of a step, as conditions of the list of steps taken.
_ROWS: dict[str, list[dict[str, Any]]] = {
    "sent": [{"not": {"field": "state", "op": "is", "value": m.SKIPPED}}],
    "delivered": [
        {
            "or": [
                {"field": "state", "op": "is", "value": m.DELIVERED},
                {"field": "is_replied", "op": "is", "value": True},
            ]
        }
    ],
    "replied": [{"field": "is_replied", "op": "is", "value": True}],
    "booked": [{"field": "is_booked", "op": "is", "value": True}],
    "stopped": [{"field": "is_stopped", "op": "is", "value": True}],
}


@require_GET
def plan(request: HttpRequest, workspace: str, id: int) -> HttpResponse:
    """The steps of a sequence; what is wrong with what was just tried stands above them."""
    return _drawn(request, id)


@require_POST
def switch(request: HttpRequest, workspace: str, id: int) -> HttpResponse:
    """Begin a sequence, or let it rest."""
    ctx = context_of(request)
    sequence = load_record(SEQUENCE, ctx.actor, id)
    try:
        with transaction.atomic():
            update_record(ctx, SEQUENCE, sequence, {"is_active": not sequence.is_active})
    except (Invalid, RuleViolation) as error:
        return _drawn(
            request, id, say(error.problems[0].message if isinstance(error, Invalid) else error.message)
        )
    return HttpResponseRedirect(here(ctx, f"{SEQUENCE.plural}/{id}/plan"))


@require_POST
def change(request: HttpRequest, workspace: str, id: int, step: int, way: str) -> HttpResponse:
    """Let a step change places with its neighbour (``way``: up or down), or throw it away (remove)."""
    ctx = context_of(request)
    found = load_record(STEP, ctx.actor, step)
    if found.sequence_id != id or way not in ("up", "down", "remove"):
        raise NotFound
    try:
        with transaction.atomic():
            if way == "remove":
                delete_records(ctx, STEP, [found])
            else:
                move_step(ctx, found, way=way)
    except RuleViolation as error:
        return _drawn(request, id, say(error.message))
    return HttpResponseRedirect(f"{here(ctx, f'{SEQUENCE.plural}/{id}/plan')}#step-{step}")


def _drawn(request: HttpRequest, id: int, problem: str = "") -> HttpResponse:
    ctx = context_of(request)
    sequence = load_record(SEQUENCE, ctx.actor, id)
    steps = steps_of([id])[id]
    found, (person, whom) = outcomes_of(ctx.actor, steps), _somebody(ctx, id)
    kinds = {option.key: option for option in KINDS}
    address = here(ctx, f"{SEQUENCE.plural}/{id}/plan")
    read = filler(
        ctx,
        whom,
        ctx.tenant.language,
        *(text for s in steps for text in (s.name, s.subject, s.text, s.subject_b, s.text_b)),
    )
    may_change = bool(decide(ctx.actor, "sequence_step.update")) and bool(
        decide(ctx.actor, "sequence.update", sequence)
    )
    counts = standing(ctx.actor, id)
    return render(request, "sequences/plan.html", {
        "sequence": sequence, "problem": problem, "may_change": may_change, "url": here(ctx, f"{SEQUENCE.plural}/{id}/"), "address": address,
        "steps": [
            {"step": s, "kind": kinds[s.kind], "lines": [_line(ctx, o, s) for o in found.get(s.id, [])], "verdict": verdict(found.get(s.id, [])),
             "texts": _read(s, read), "name": _filled(s.name, read),
             "edit": f"{here(ctx, f'{STEP.plural}/{s.id}/edit')}?{urlencode({'next': address})}",
             "remove": here(ctx, f"{SEQUENCE.plural}/{id}/steps/{s.id}/remove")}
            for s in steps
        ],
        "new": f"{here(ctx, f'{STEP.plural}/new')}?{urlencode({'sequence': id, 'next': address})}",
        "person": person,
        "states": [(o.label, counts.get(o.key, 0), _in_state(ctx, id, o.key)) for o in STATES],
    }, status=422 if problem else 200)  # fmt: skip


def _line(ctx: Context, outcome: Outcome, step: Step) -> dict[str, Any]:
    """The figures of one text, each with the address of its rows."""
    figures = []
    for key, count in outcome.counts.items():
        asked: list[Any] = [{"field": "step", "op": "is", "value": str(step.id)}, *_ROWS[key]]
        if outcome.variant:
            asked.append({"field": "variant", "op": "is", "value": outcome.variant})
        figures.append((key, count, list_url(ctx, RUN, *asked)))
    low, high = outcome.answers.interval
    return {"variant": outcome.variant, "figures": figures, "rate": outcome.answers.share, "low": low, "high": high,
            "is_written": step.kind in m.WRITTEN}  # fmt: skip


def _in_state(ctx: Context, id: int, state: str) -> str:
    of_it = {"field": "sequence", "op": "is", "value": str(id)}
    return list_url(ctx, ENROLMENT, of_it, {"field": "state", "op": "is", "value": state})


def _somebody(ctx: Context, id: int) -> tuple[Person | None, Records]:
    """For whom the texts are shown, and whose records fill them in: whoever went in last, else any person that the actor sees."""
    last = Enrolment.objects.filter(sequence_id=id, person_id__isnull=False).order_by("-id").first()
    seen = visible(ctx.actor, PERSON.key, Person.objects.filter(deleted_at__isnull=True))
    theirs: Person | None = seen.filter(id=last.person_id).first() if last else None
    person: Person | None = theirs or seen.order_by("-id").first()
    whom: dict[str, int | None] = {"user": ctx.actor.user_id}
    if last and theirs:
        whom[last.about_object] = last.about_id
    if person:
        whom |= {"person": person.id, "company": person.company_id}
    return person, whom


def _filled(text: str, read: Callable[[str], str]) -> str:
    """A text as that person would read it; what is wrong with it, where a field that it names is no more."""
    try:
        check_places(text)
    except Invalid as error:
        return say(error.problems[0].message)
    return read(text)


def _read(step: Step, read: Callable[[str], str]) -> list[dict[str, Any]]:
    """The texts of a step as that person would read them."""
    pairs = [(step.subject, step.text), *([(step.subject_b, step.text_b)] if step.has_two else [])]
    out = []
    for n, (subject, text) in enumerate(pairs):
        if not text:
            continue
        text = _filled(text, read)
        out.append({
            "name": "ab"[n] if step.has_two else "", "subject": _filled(subject, read), "text": text,
            "parts": count_parts(text)[0] if step.kind == m.SMS else 0,
        })  # fmt: skip
    return out
