"""Minutes on paper: who came, what was said and decided, what is to be done by whom until when."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from django.utils.translation import gettext, override

from peyvand.kernel.errors import NotFound
from peyvand.kernel.persian.calendar import format_date, format_time, weekday_name
from peyvand.operational.activities.public import MEETING, Meeting
from peyvand.operational.documents.public import Part, Sheet, pdf, seller
from peyvand.operational.minutes.models import ActionItem
from peyvand.operational.minutes.reading import read_minutes
from peyvand.platform.actions.context import Context
from peyvand.platform.objects.queries import ListQuery, fetch_rows

# Whoever may not know one of these may not have the paper that says it.
SAYS: Final = frozenset(
    {"title", "starts_at", "ends_at", "place", "about", "agenda", "outcome", "participants"}
)


def make(ctx: Context, meeting: Meeting) -> bytes:
    """The minutes as PDF, in the reader's language and calendar.

    Raises:
        NotFound: none were written.
    """
    return pdf(sheet_of(ctx, meeting))


def file_name(meeting: Meeting) -> str:
    """What the file is called."""
    return f"minutes-{meeting.id}"


def sheet_of(ctx: Context, meeting: Meeting) -> Sheet:
    """What stands on the paper, as far as the actor sees it: another's name that is out of sight is not told.

    Raises:
        NotFound: no minutes were written.
    """
    language = ctx.reader.language
    with override(language):
        shown = read_minutes(ctx, meeting)
        if shown["minutes"] is None:
            raise NotFound
        own, footer, logo = seller(ctx.tenant)
        tasks = tuple(
            (
                item.title,
                _whose(item),
                format_date(item.due_on, language) if item.due_on else "—",
            )
            for item in shown["items"]
        )
        parts = (
            Part(gettext("For us"), shown["host"]),
            Part(gettext("Present"), shown["present"]),
            Part(gettext("Absent"), shown["absent"]),
            Part(gettext("Agenda"), meeting.agenda),
            Part(gettext("Minutes"), meeting.outcome),
            Part(gettext("Decisions"), points=tuple(shown["minutes"].decisions)),
            Part(
                gettext("To be done"),
                columns=(gettext("What"), gettext("Who"), gettext("By when")),
                rows=tasks,
            ),
        )
        return Sheet(
            title=gettext("Minutes"), subject=meeting.title, language=language, head=tuple(_head(ctx, meeting)),
            parts=tuple(part for part in parts if part.text or part.points or part.rows),
            sender=own.name, footer=footer, logo=logo,
        )  # fmt: skip


def _whose(item: ActionItem) -> str:
    """Whoever was named for it, else who has its task."""
    owner = item.owner or (item.task.owner if item.task else None)
    return owner.name if owner else "—"


def in_language(ctx: Context, language: str) -> Context:
    """The same actor, who reads in this language."""
    return Context(replace(ctx.actor, language=language), ctx.via)


def _head(ctx: Context, meeting: Meeting) -> list[tuple[str, str]]:
    tz, language = ctx.tenant.tz, ctx.reader.language
    start = meeting.starts_at.astimezone(tz)
    hours = format_time(meeting.starts_at, tz, language)
    if meeting.ends_at is not None and meeting.ends_at.astimezone(tz).date() == start.date():
        hours += f"–{format_time(meeting.ends_at, tz, language)}"
    day = f"{weekday_name(start.date(), language)} {format_date(start.date(), language, 'long')}"
    head = [(gettext("Date"), day), (gettext("Time"), hours)]
    if meeting.place:
        head.append((gettext("Place"), meeting.place))
    if about := _about(ctx, meeting):
        head.append((gettext("About"), about))
    return head


def _about(ctx: Context, meeting: Meeting) -> str:
    """What the meeting was about, where the actor sees that."""
    row = fetch_rows(ListQuery(MEETING, ctx.actor, ("about",)), [meeting.id]).get(meeting.id)
    about: Any = row.values.get("about") if row else None
    return about.title if about else ""
