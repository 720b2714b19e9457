"""Leaving a sequence before its end: by hand or because of what happened. In sets."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.db.models import Max, Q, QuerySet

from peyvand.collaborative.sequences.events import Ended
from peyvand.collaborative.sequences.models import (
    FAILED,
    FINISHED,
    GOING,
    STOPPED,
    WRITTEN,
    Enrolment,
    StepRun,
)
from peyvand.collaborative.sequences.objects import ENROLMENT, RUN
from peyvand.collaborative.sequences.reasons import BOOKED, REPLIED
from peyvand.collaborative.sequences.reasons import FAILED as STEP_FAILED
from peyvand.kernel import clock
from peyvand.platform.actions.action import perform
from peyvand.platform.actions.context import Context
from peyvand.platform.identity.operations import declare_verb
from peyvand.platform.objects.references import subjects_of

# Whoever answers later than this after the end was moved by something else.
CREDITED_WITHIN = timedelta(days=30)
# What the product itself does to whoever goes through a sequence.
ADVANCE = "enrolment.advance"
declare_verb(ADVANCE, admin=True)


def stop_where(ctx: Context, where: Q, reason: str) -> int:
    """Stop those that go through a sequence and meet ``where``; return how many they were. An action of its own."""
    going = Enrolment.objects.filter(where, state__in=GOING).order_by("id")
    found = list(going.select_for_update(of=("self",)))
    if found:
        perform(ctx, ADVANCE, (), lambda: end(ctx, found, STOPPED, reason))
    return len(found)


def end(ctx: Context, enrolments: Sequence[Enrolment], state: str, reason: str = "") -> None:
    """Take locked enrolments out of their sequences, within an action."""
    if not enrolments:
        return
    now = clock.now()
    for one in enrolments:
        one.state, one.reason, one.next_at, one.ended_at = state, reason, None, now
        if state == FINISHED:
            one.step_id = None
    Enrolment.objects.bulk_update(
        enrolments, ["state", "reason", "problem", "next_at", "ended_at", "step"], batch_size=1000
    )
    ids = [e.id for e in enrolments]
    if state in (STOPPED, FAILED) and reason != STEP_FAILED:
        _mark(ctx, StepRun.objects.filter(enrolment_id__in=ids), is_stopped=True)
    ctx.record(*(
        Ended(object=ENROLMENT.key, object_id=e.id, title=e.title, subjects=subjects, person_id=e.person_id,
              sequence_id=e.sequence_id, reason=reason)
        for e, subjects in zip(enrolments, subjects_of(ENROLMENT, enrolments), strict=True)
    ))  # fmt: skip
    ctx.touch(ENROLMENT.key, *ids)


def credit(
    ctx: Context, people: Sequence[int], reason: str, *, answered: Sequence[tuple[str, int]] = ()
) -> None:
    """Note on the step that brought it about that people answered or booked: the one whose message they answered, else the
    last written to them. Only steps of sequences that were going on, or had come to their end lately."""
    flag = {REPLIED: {"is_replied": True}, BOOKED: {"is_booked": True}}[reason]
    lately = Q(enrolment__state=FINISHED, enrolment__ended_at__gte=clock.now() - CREDITED_WITHIN)
    runs = StepRun.objects.filter(Q(enrolment__state__in=GOING) | lately, kind__in=WRITTEN)
    named = Q(pk__in=[])
    for object_key, id in answered:
        named |= Q(made_object=object_key, made_id=id)
    known = list(runs.filter(named).values_list("id", "person_id"))
    rest = set(people) - {person for _, person in known}
    last = (
        runs.filter(person_id__in=rest)
        .order_by()
        .values("person_id")
        .annotate(last=Max("id"))
        .values_list("last", flat=True)
    )
    ids = [*(id for id, _ in known), *last]
    if ids:
        StepRun.objects.filter(id__in=ids).update(**flag)
        ctx.touch(RUN.key, *ids)


def _mark(ctx: Context, runs: QuerySet[StepRun], **flags: bool) -> None:
    rows = runs.values("enrolment_id").annotate(last=Max("id"))
    ids = list(rows.values_list("last", flat=True))
    StepRun.objects.filter(id__in=ids).update(**flags)
    ctx.touch(RUN.key, *ids)
