"""Putting people into a sequence, in sets: whoever cannot be reached, or is in it already, is named with the reason."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence as Several
from typing import Any

from django.db.models import F, Value

from peyvand.collaborative.sequences.events import Enrolled
from peyvand.collaborative.sequences.models import ACTIVE, GOING, MAIL, SMS, Enrolment, Sequence, Step
from peyvand.collaborative.sequences.objects import ENROLMENT
from peyvand.collaborative.sequences.reasons import ANSWERS
from peyvand.collaborative.sequences.timing import WorkingClock
from peyvand.collaborative.sms.public import reached
from peyvand.kernel import clock
from peyvand.kernel.errors import Message, NotFound, Refusals, RuleViolation, msg
from peyvand.operational.consents.public import Why, standings
from peyvand.operational.contacts.public import PERSON, Person
from peyvand.platform.access.decisions import visible
from peyvand.platform.actions.context import Context
from peyvand.platform.database.locks import hold
from peyvand.platform.fields.types import Ref
from peyvand.platform.objects.records import create_records
from peyvand.platform.objects.references import subjects_of
from peyvand.platform.objects.spec import ObjectSpec


def steps_of(sequence_ids: Several[int]) -> dict[int, list[Step]]:
    """The steps of sequences in their order."""
    found: dict[int, list[Step]] = {id: [] for id in sequence_ids}
    for step in Step.objects.filter(sequence_id__in=sequence_ids, deleted_at__isnull=True).order_by(
        "position", "id"
    ):
        found[step.sequence_id].append(step)
    return found


def enrol(
    ctx: Context, spec: ObjectSpec, records: Several[Any], sequence_id: int, *, again: bool = False
) -> list[Enrolment]:
    """Put the people of these records into a sequence. ``again``: also those who answered in it before.

    Raises:
        NotFound: there is no such sequence.
        RuleViolation: it takes nobody in, or names every record (``refused``) whose person cannot go in.
    """
    there = Sequence.objects.select_related("purpose").filter(id=sequence_id, deleted_at__isnull=True)
    sequence = visible(ctx.actor, "sequence", there).first()
    if sequence is None:
        raise NotFound
    steps = steps_of([sequence.id])[sequence.id]
    if not sequence.is_active or not steps:
        raise RuleViolation(msg("This sequence is not active."), "sequence")
    # Two clicks at once put nobody in twice.
    hold(ctx.tenant.id, f"sequences.enrol:{sequence.id}")
    people = people_of(ctx, spec, records)
    refused = _refused(ctx, sequence, steps, list({p.id: p for p in people.values()}.values()), again=again)
    refusals, chosen, taken = Refusals(), [], set()
    for record in records:
        with refusals.of(record.id):
            person = people.get(record.id)
            if person is None:
                raise RuleViolation(msg("There is no person to write to."))
            if (why := _out_of_work(spec, record) or refused.get(person.id)) is not None:
                raise RuleViolation(why)
            if person.id in taken:
                raise RuleViolation(msg("%(name)s is in this sequence already.", name=person.name))
            taken.add(person.id)
            chosen.append((record, person))
    refusals.settle()
    return _put_in(ctx, spec, sequence, steps[0], chosen)


def people_of(ctx: Context, spec: ObjectSpec, records: Several[Any]) -> Mapping[int, Person]:
    """The living person of each record, by the record's id; those out of the actor's sight are nobody to them."""
    ids = {r.id: r.id if spec is PERSON else r.person_id for r in records}
    there = Person.objects.filter(id__in={id for id in ids.values() if id}, deleted_at__isnull=True)
    rows = visible(ctx.actor, PERSON.key, there).in_bulk()
    return {record: rows[person] for record, person in ids.items() if person in rows}


def in_the_way(
    ctx: Context,
    spec: ObjectSpec,
    record: Any,
    person: Person,
    sequence: Sequence,
    steps: Several[Step],
    *,
    again: bool,
) -> Message | None:
    """Why the person of a record cannot go into a sequence; None where they can."""
    return _out_of_work(spec, record) or _refused(ctx, sequence, steps, [person], again=again).get(person.id)


def _out_of_work(spec: ObjectSpec, record: Any) -> Message | None:
    if spec.key == "deal" and record.status != "open":
        return msg("This deal is closed.")
    if spec.key == "lead" and record.state in ("converted", "disqualified"):
        return msg("This lead is closed.")
    return None


def _refused(
    ctx: Context, sequence: Sequence, steps: Several[Step], people: Several[Person], *, again: bool
) -> dict[int, Message]:
    """Why people cannot go in, by their ids; the first reason of each."""
    found: dict[int, Message] = {}
    names, kinds = {p.id: p.name for p in people}, {step.kind for step in steps}
    before = Enrolment.objects.filter(sequence=sequence, person_id__in=names)
    for id in before.filter(state__in=GOING).values_list("person_id", flat=True):
        found[id] = msg("%(name)s is in this sequence already.", name=names[id])
    if not again:
        for id in before.filter(reason__in=ANSWERS).values_list("person_id", flat=True):
            found.setdefault(id, msg("%(name)s answered in this sequence before.", name=names[id]))
    if SMS in kinds:
        for id, number in reached(ctx, people, sequence.purpose).items():
            if isinstance(number, Message):
                found.setdefault(id, number)
    if MAIL in kinds:
        for id, why in unmailed(ctx, people, sequence).items():
            found.setdefault(id, why)
    return found


def unmailed(ctx: Context, people: Several[Person], sequence: Sequence) -> dict[int, Message]:
    """Those of the people whom a sequence cannot or may not write mail to, with why."""
    found = {p.id: msg("%(name)s has no e-mail address.", name=p.name) for p in people if not p.email}
    if sequence.purpose is not None and "consents" not in ctx.tenant.modules_off:
        said = standings([p.id for p in people], "email", sequence.purpose.word)
        for person in people:
            standing = said.get(person.id)
            if standing is not None and not standing.may and standing.why is not Why.NO_ADDRESS:
                found.setdefault(
                    person.id, msg("%(name)s has not consented to such messages.", name=person.name)
                )
    return found


def _put_in(
    ctx: Context, spec: ObjectSpec, sequence: Sequence, first: Step, chosen: Several[tuple[Any, Person]]
) -> list[Enrolment]:
    if not chosen:
        return []
    now, times = clock.now(), WorkingClock(ctx.tenant)
    owners = [record.owner_id or person.owner_id or ctx.actor.user_id for record, person in chosen]
    enrolments: list[Enrolment] = create_records(ctx, ENROLMENT, [
        {"title": sequence.name, "sequence": sequence.id, "person": person.id, "company": person.company_id, "state": ACTIVE,
         "about": Ref(spec.key, record.id, ""), "step": first.id, "owner": owner,
         "next_at": times.after(owner, now, first.days, first.hours) or now}
        for (record, person), owner in zip(chosen, owners, strict=True)
    ])  # fmt: skip
    # It is written in the name of whoever puts them in, the owner's own only by the owner's own wish.
    sender = F("owner_id") if ctx.actor.user_id is None else Value(ctx.actor.user_id)
    Enrolment.objects.filter(id__in=[e.id for e in enrolments]).update(place=first.position, sender_id=sender)
    ctx.record(*(
        Enrolled(object=ENROLMENT.key, object_id=e.id, title=e.title, subjects=subjects, person_id=e.person_id, sequence_id=sequence.id)
        for e, subjects in zip(enrolments, subjects_of(ENROLMENT, enrolments), strict=True)
    ))  # fmt: skip
    return enrolments
