"""Putting messages into the queue, in sets: whom they may go to is asked first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext

from peyvand.collaborative.sms.events import MessageWritten
from peyvand.collaborative.sms.models import SmsLine, SmsMessage
from peyvand.collaborative.sms.objects import MESSAGE
from peyvand.collaborative.sms.parts import count_parts
from peyvand.kernel import clock
from peyvand.kernel.errors import Message, RuleViolation, msg
from peyvand.operational.consents.public import Purpose, Why, standings
from peyvand.operational.contacts.public import Person
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import Ref
from peyvand.platform.jobs.scoped import defer
from peyvand.platform.objects.records import create_records
from peyvand.platform.objects.references import subjects_of
from peyvand.platform.workspaces.scope import current_workspace_id

SEND = "sms.send"
MOST_PARTS = 10


@dataclass(frozen=True)
class Draft:
    """One message to a person. ``key``: unique in the workspace; a second message with it is refused by the table."""

    person: Person
    text: str
    about: Ref | None = None
    owner: int | None = None
    key: str | None = None


def unsendable(text: str) -> Message | None:
    """Why a text cannot be sent as an SMS; None where it can."""
    if text.strip() and count_parts(text)[0] <= MOST_PARTS:
        return None
    return msg("An SMS has between one letter and %(most)s parts.", most=MOST_PARTS)


def line_here() -> SmsLine:
    """The line that messages go out by: the first active one.

    Raises:
        RuleViolation: there is none.
    """
    line: SmsLine | None = (
        SmsLine.objects.filter(is_active=True, deleted_at__isnull=True).order_by("id").first()
    )
    if line is None:
        raise RuleViolation(
            msg("There is no active SMS line; one is set up in the settings."), code="no_line"
        )
    return line


def reached(ctx: Context, people: Sequence[Person], purpose: Purpose | None) -> dict[int, str | Message]:
    """For each person by id the number to use, or (a Message) why there is none."""
    found: dict[int, str | Message] = {
        p.id: p.phone or msg("%(name)s has no phone number.", name=p.name) for p in people
    }
    if purpose is None or "consents" in ctx.tenant.modules_off:
        return found
    said = standings([p.id for p in people], "sms", purpose.word)
    for person in people:
        standing = said.get(person.id)
        if standing is None or not standing.may:
            why = standing.why if standing else Why.NEVER_ASKED
            if why is not Why.NO_ADDRESS:
                found[person.id] = msg("%(name)s has not consented to such messages.", name=person.name)
        elif standing.address:
            found[person.id] = standing.address
    return found


def queue(ctx: Context, drafts: Sequence[Draft], purpose: Purpose | None = None) -> list[SmsMessage]:
    """Queue messages in the open action, for the worker to send; in a few statements however many.

    Raises:
        RuleViolation: there is no line, or somebody cannot or may not be written to. Nothing is queued then.
    """
    if not drafts:
        return []
    line, numbers, now = line_here(), reached(ctx, [d.person for d in drafts], purpose), clock.now()
    rows: list[Mapping[str, Any]] = []
    for draft in drafts:
        number, (parts, _, _) = numbers[draft.person.id], count_parts(draft.text)
        if isinstance(number, Message):
            raise RuleViolation(number, code="unreachable")
        if why := unsendable(draft.text):
            raise RuleViolation(why, "text")
        rows.append({
            "title": beginning(draft.text), "text": draft.text, "direction": "out", "state": "queued", "phone": number, "parts": parts,
            "line": line.id, "purpose": purpose.id if purpose else None, "person": draft.person.id, "company": draft.person.company_id,
            "about": draft.about, "owner": draft.owner or ctx.actor.user_id or draft.person.owner_id,
        })  # fmt: skip
    messages: list[SmsMessage] = create_records(ctx, MESSAGE, rows)
    for message, draft in zip(messages, drafts, strict=True):
        message.next_at, message.key = now, draft.key
    SmsMessage.objects.bulk_update(messages, ["next_at", "key"])
    ctx.record(*(
        MessageWritten(object=MESSAGE.key, object_id=m.id, title=m.title, subjects=subjects, person_id=m.person_id)
        for m, subjects in zip(messages, subjects_of(MESSAGE, messages), strict=True)
    ))  # fmt: skip
    send_soon()
    return messages


def queue_to(ctx: Context, line: SmsLine, phone: str, text: str, notice: int | None = None) -> SmsMessage:
    """Queue a message to a bare number: of nobody whom we know, or of the colleague with this id, as a ``notice`` to them."""
    parts, _, _ = count_parts(text)
    message: SmsMessage = create_records(ctx, MESSAGE, [{
        "title": beginning(text) if notice is None else gettext("A notification"), "text": text, "direction": "out", "state": "queued",
        "phone": phone, "parts": parts, "line": line.id, "owner": notice or ctx.actor.user_id,
    }])[0]  # fmt: skip
    message.next_at, message.is_notice = clock.now(), notice is not None
    SmsMessage.objects.bulk_update([message], ["next_at", "is_notice"])
    send_soon()
    return message


def send_soon(delay: int = 0) -> None:
    """Have what is due sent, inside the workspace's scope."""
    defer(SEND, once=f"{SEND}:{current_workspace_id()}", delay=delay)


def beginning(text: str) -> str:
    """The first words of a text, as its title."""
    line = " ".join(text.split())
    return line if len(line) <= 120 else line[:119].rsplit(" ", 1)[0] + "…"
