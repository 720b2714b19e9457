"""Minutes of a meeting that go to its participants, as PDF."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

from peyvand.collaborative.mail.actions import FROM, LATER, PRIVATE
from peyvand.collaborative.mail.fields import Receivers, written
from peyvand.collaborative.mail.models import MailMessage
from peyvand.collaborative.mail.writing import UNDO_SECONDS, Draft, Sent, account_of, queue
from peyvand.kernel.errors import NotAllowed, RuleViolation, msg
from peyvand.operational.activities.public import MEETING, Meeting
from peyvand.operational.contacts.public import PERSON, Person
from peyvand.operational.minutes.public import (
    SAYS,
    Attendance,
    Minutes,
    file_name,
    in_language,
    make,
    participants_of,
)
from peyvand.platform.access.decisions import visible
from peyvand.platform.actions.action import action
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import LongText, Ref, Text
from peyvand.platform.workspaces.modules import belongs

_INPUTS = (
    FROM,
    Receivers(key="to", label=_("Receivers")),
    Receivers(key="cc", label=_("Copy to")),
    Text(key="subject", label=_("Subject"), max_length=500),
    LongText(key="text", label=_("Text"), max_length=50_000),
    LATER,
    PRIVATE,
)
belongs("meeting.send_minutes", "mail")


def has_minutes(ctx: Context, meeting: Any) -> bool:
    """Whether there are minutes to be sent, all of which the actor may know."""
    return (
        not SAYS & ctx.actor.grants.hides(MEETING.key)
        and Minutes.objects.filter(meeting_id=meeting.id).exists()
    )


@action(
    "meeting.send_minutes",
    label=_("Send the minutes"),
    icon="mail",
    inputs=_INPUTS,
    final=True,
    useful=has_minutes,
)
def send_minutes(
    ctx: Context, /, meeting: Meeting, *, to: str = "", cc: str = "", account: int | None = None, subject: str = "", text: str = "",
    send_at: Any = None, is_private: bool = False, files: Iterable[Sent] = (),
) -> MailMessage:  # fmt: skip
    """Send the minutes of a meeting as PDF, to its participants unless somebody else is named.

    Raises:
        RuleViolation: none were written. NotAllowed: the role hides some of what they say. Invalid: it goes to nobody.
    """
    if SAYS & ctx.actor.grants.hides(MEETING.key):
        raise NotAllowed(msg("Your role does not show all that minutes are made of."))
    if not Minutes.objects.filter(meeting_id=meeting.id).exists():
        raise RuleViolation(msg("There are no minutes of this meeting yet: write them first."))
    usual_subject, usual_text = words_for(ctx, meeting)
    paper = make(in_language(ctx, ctx.tenant.language), meeting)
    draft = Draft(
        to=to or participants(ctx, meeting), cc=cc, subject=subject or usual_subject, text=text or usual_text,
        about=Ref(MEETING.key, meeting.id, ""), send_at=send_at, is_private=is_private,
        files=[(f"{file_name(meeting)}.pdf", (paper,)), *files], wait_seconds=UNDO_SECONDS,
    )  # fmt: skip
    return queue(ctx, account_of(ctx, account), draft)


def participants(ctx: Context, meeting: Meeting) -> str:
    """The addresses of those who were to take part, as far as the actor may know them and they have one."""
    if {"email", "emails"} & ctx.actor.grants.hides(PERSON.key):
        return ""
    there = set(Attendance.objects.filter(meeting_id=meeting.id).values_list("person_id", flat=True))
    ids = there | {one["id"] for one in participants_of(meeting)}
    rows = visible(ctx.actor, PERSON.key, Person.objects.filter(id__in=ids, deleted_at__isnull=True))
    found = rows.exclude(email="").order_by("name", "id").values_list("name", "email")
    return ", ".join(written(name, email) for name, email in found)


def words_for(ctx: Context, meeting: Meeting) -> tuple[str, str]:
    """Subject and text that such a mail begins with, in the language of the workspace."""
    with override(ctx.tenant.language):
        title = {"title": meeting.title}
        return gettext("Minutes: %(title)s") % title, gettext(
            "The minutes of “%(title)s” are enclosed."
        ) % title
