"""Above the form that puts somebody into a sequence: who it is, what they will get and when, and what is in the way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from peyvand.collaborative.filling import filler
from peyvand.collaborative.sequences import models as m
from peyvand.collaborative.sequences.enrolling import in_the_way, people_of, steps_of
from peyvand.collaborative.sequences.models import Sequence, Step
from peyvand.collaborative.sequences.objects import KINDS, SEQUENCE
from peyvand.collaborative.sequences.running import mailboxes
from peyvand.collaborative.sequences.timing import WorkingClock
from peyvand.collaborative.sms.public import SmsLine
from peyvand.kernel import clock
from peyvand.kernel.errors import Message, msg
from peyvand.kernel.phone import show_phone
from peyvand.operational.contacts.public import PERSON, Person
from peyvand.platform.access.decisions import visible
from peyvand.platform.actions.context import Context
from peyvand.web.components.tags import say
from peyvand.web.objects.pages.access import Opened
from peyvand.web.objects.pages.forewords import Foreword, before_verb

TEMPLATE: Final = "sequences/foreword.html"
# The next ones come in their time, which nobody reads months ahead.
MOST_STEPS: Final = 5


def _outlook(ctx: Context, opened: Opened, given: Mapping[str, Any]) -> Foreword:
    person = people_of(ctx, opened.spec, [opened.record]).get(opened.record.id)
    if person is None:
        return Foreword(TEMPLATE, {"problem": say(msg("There is no person to write to."))}, is_closed=True)
    data: dict[str, Any] = {"name": person.name}
    there = Sequence.objects.select_related("purpose").filter(
        id=given.get("sequence") or 0, deleted_at__isnull=True
    )
    sequence = visible(ctx.actor, SEQUENCE.key, there).first()
    if sequence is None:
        return Foreword(TEMPLATE, data)
    steps = steps_of([sequence.id])[sequence.id]
    owner = opened.record.owner_id or person.owner_id or ctx.actor.user_id
    why = _problem(ctx, opened, person, sequence, steps, owner, again=bool(given.get("again")))
    data |= {
        "problem": say(why) if why else "",
        "steps": [] if why else _steps(ctx, opened, person, steps, owner),
        "more": max(0, len(steps) - MOST_STEPS),
    }
    return Foreword(TEMPLATE, data)


def _problem(
    ctx: Context, opened: Opened, person: Person, sequence: Sequence, steps: list[Step], owner: int | None, *, again: bool
) -> Message | None:  # fmt: skip
    """What is in the way: of going in, or of the first message later on."""
    if not sequence.is_active or not steps:
        return msg("This sequence is not active.")
    why = in_the_way(ctx, opened.spec, opened.record, person, sequence, steps, again=again)
    if why is not None:
        return why
    kinds, boxes = {step.kind for step in steps}, mailboxes()
    if m.MAIL in kinds and not (boxes.get(owner) or boxes.get(None)):
        return msg("Neither the owner nor the workspace has an e-mail account.")
    if m.SMS in kinds and not SmsLine.objects.filter(is_active=True, deleted_at__isnull=True).exists():
        return msg("There is no active SMS line; one is set up in the settings.")
    return None


def _steps(
    ctx: Context, opened: Opened, person: Person, steps: list[Step], owner: int | None
) -> list[dict[str, Any]]:
    """The first steps with the moments at which they come, if nothing ends the sequence before."""
    kinds, times, at = {option.key: option for option in KINDS}, WorkingClock(ctx.tenant), clock.now()
    hides, out = ctx.actor.grants.hides(PERSON.key), []
    whom = {
        "person": person.id,
        "company": person.company_id,
        "user": owner,
        opened.spec.key: opened.record.id,
    }
    fill = filler(ctx, whom, ctx.tenant.language, *(step.name for step in steps[:MOST_STEPS]))
    for step in steps[:MOST_STEPS]:
        at = times.after(owner, at, step.days, step.hours) or at
        to = ""
        if step.kind == m.MAIL and not {"email", "emails"} & hides:
            to = person.email
        elif step.kind == m.SMS and not {"phone", "phones"} & hides:
            to = show_phone(person.phone, ctx.reader.language)
        out.append({"kind": kinds[step.kind], "name": fill(step.name), "at": at, "to": to})
    return out


for _key in ("person", "lead", "deal"):
    before_verb(f"{_key}.enrol")(_outlook)
