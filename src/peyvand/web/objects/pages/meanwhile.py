"""What somebody else did to a record while a form about it lay open: who, what and when, as its timeline tells it.

A verb's form says by ``seen`` which version of the record it was drawn from, and when. Where the record is another by now and the
verb makes no sense for it any more, whoever pressed is told why instead of what the verb says of values that it no longer has.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from django.http import HttpRequest, HttpResponse

from peyvand.kernel import clock
from peyvand.kernel.errors import Conflict, Message, msg
from peyvand.kernel.persian.calendar import format_time, relative_day
from peyvand.platform.actions.context import Context
from peyvand.platform.events.facts import RecordUpdated
from peyvand.platform.fields.types import whole_id
from peyvand.platform.identity.actor import by_itself
from peyvand.web.components.tags import say
from peyvand.web.objects.pages.access import Opened
from peyvand.web.objects.pages.answers import page_url, with_events
from peyvand.web.objects.pages.timeline import Entry, fetch_timeline
from peyvand.web.shell.errors import outrun
from peyvand.web.shell.middleware import context_of

# What was written a moment before a form was drawn may have been committed just after.
_MOMENT: Final = timedelta(seconds=10)


def is_other_by_now(opened: Opened, seen: str) -> bool:
    """Whether the record changed since the form was drawn; a request that does not say when knows no better."""
    version = whole_id(seen.partition(".")[0])
    return version not in (0, opened.record.version)


def done_meanwhile(ctx: Context, opened: Opened, seen: str = "") -> Message | None:
    """The newest that somebody did to the record itself, since ``seen`` if that is given; None where nothing tells."""
    found = fetch_timeline(ctx, opened.spec, opened.record.id).entries
    own = [e for e in found if (e.fact.object, e.fact.object_id) == (opened.spec.key, opened.record.id)]
    since = whole_id(seen.partition(".")[2])
    # No form was drawn later than now: such a moment, which a program made up, is none.
    if 0 < since <= clock.now().timestamp():
        drawn = datetime.fromtimestamp(since, UTC) - _MOMENT
        # What was said to have happened earlier stands further down, and is still the newest that was written.
        own = [e for e in own if e.at >= drawn] or own
    people = [e for e in own if e.actor] or own
    return _told(ctx, max(people, key=lambda e: e.id)) if people else None


def too_late(request: HttpRequest, opened: Opened, meanwhile: Message | None) -> HttpResponse:
    """The verb makes no sense any more: its dialog ends, a toast says why, and what shows the record fetches it again."""
    words = msg("The record was changed meanwhile; this can no longer be done.")
    if meanwhile:
        words = msg("%(meanwhile)s This can no longer be done.", meanwhile=meanwhile)
    error = Conflict(words)
    if not request.headers.get("HX-Request"):
        url = page_url(context_of(request), opened.spec, opened.record.id)
        return outrun(request, error, (url, opened.title))
    return with_events(
        HttpResponse(status=error.status),
        closeDialog=True,
        toast={"text": say(words), "kind": "bad"},
        changed={"object": opened.spec.key, "ids": [opened.record.id]},
    )


def _told(ctx: Context, entry: Entry) -> Message:
    reader = ctx.reader
    day = relative_day(entry.at.astimezone(reader.tz).date(), clock.today(reader.tz), reader.language)
    what = entry.fact.describe()
    if isinstance(entry.fact, RecordUpdated):
        labels = reader.comma.join(str(change.field.label) for change in entry.changes)
        what = msg("changed %(fields)s", fields=labels)
    return msg(
        "Meanwhile %(who)s %(what)s (%(when)s).",
        who=entry.fact.told_by() or entry.actor or by_itself(),
        what=what,
        when=f"{day} {format_time(entry.at, reader.tz, reader.language)}",
    )
