"""The history of a record: every change of every field, a value put back, and the record as it was on a day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from peyvand.kernel import clock
from peyvand.kernel.errors import Invalid, NotAllowed, NotFound, RuleViolation, msg
from peyvand.kernel.persian.calendar import format_date, format_time
from peyvand.platform.actions.context import Context
from peyvand.platform.events.facts import fact_named, rebuild
from peyvand.platform.fields.types import Day, Field, LongText, whole_id
from peyvand.platform.identity.actor import by_itself
from peyvand.platform.objects.history import (
    Cause,
    Change,
    Revision,
    as_of,
    fetch_history,
    restore_value,
)
from peyvand.platform.objects.records import as_field_value
from peyvand.platform.objects.spec import ObjectSpec
from peyvand.web.components.inputs import read_inputs, render_input
from peyvand.web.components.tags import say
from peyvand.web.objects.editing import undo_toast
from peyvand.web.objects.pages.access import Opened, open_record
from peyvand.web.objects.pages.answers import page_url, with_events
from peyvand.web.objects.pages.entries import day_heading
from peyvand.web.objects.pages.shown import plain_prose, shown
from peyvand.web.objects.resolve import spec_for
from peyvand.web.shell.middleware import context_of

_CAUSES: Final[Mapping[str, str | Promise]] = {
    "web": _("on the screen"),
    "api": _("through the API"),
    "cli": _("from the command line"),
    "job": _("by Peyvand itself"),
    "import": _("by an import"),
    "bulk": _("by a change of many"),
    "merge": _("by a merge"),
    "restore": _("by restoring an earlier value"),
    "undo": _("by undoing a change"),
    "automation": _("by an automation"),
}
KINDS: Final[Mapping[str, tuple[str | Promise, str]]] = {
    "created": (_("created it"), "plus"),
    "updated": (_("changed it"), "pencil"),
    "deleted": (_("moved it to the bin"), "trash"),
    "restored": (_("took it out of the bin"), "undo"),
}
# The two days that a record is compared on; without the second it is the present.
_DAYS: Final = (Day(key="on", label=_("As it was on")), Day(key="against", label=_("Compared with")))


@dataclass(frozen=True)
class Line:
    """A revision ready to be drawn; ``day`` is written above it where a new day begins."""

    id: int
    day: str
    icon: str
    who: str
    # What they did and by which door, to stand after their name.
    did: str
    at: datetime
    hour: str
    changes: list[ShownChange]


@dataclass(frozen=True)
class ShownChange:
    key: str
    label: str | Promise
    old: SafeString | str
    new: SafeString | str
    restorable: bool


@dataclass(frozen=True)
class Compared:
    """A field on two days."""

    label: str | Promise
    then: SafeString | str
    now: SafeString | str
    differs: bool


def object_history(request: HttpRequest, workspace: str, plural: str, id: int) -> HttpResponse:
    """The history alone (``?field=``), or its next lines (``?before=``)."""
    ctx = context_of(request)
    spec = spec_for(ctx, plural)
    opened = open_record(ctx, spec, id)
    context = history_context(request, ctx, opened) | {
        "opened": opened, "spec": spec, "url": page_url(ctx, spec, id),
    }  # fmt: skip
    template = "_revisions.html" if context["before"] else "_history.html"
    return render(request, f"objects/pages/{template}", context)


@require_POST
def object_history_restore(
    request: HttpRequest, workspace: str, plural: str, id: int, event: int
) -> HttpResponse:
    """Put back what stood in a field before this change; the toast offers to take that back again."""
    ctx = context_of(request)
    spec = spec_for(ctx, plural)
    key = request.POST.get("field", "")
    opened = open_record(ctx, spec, id, ())
    field = spec.all_fields.get(key)
    if field is None:
        raise NotFound
    if opened.in_bin:
        raise NotAllowed
    before, version = as_field_value(field, opened.record, ctx.actor), opened.record.version
    try:
        with transaction.atomic():
            record = restore_value(ctx, spec, opened.record, event, key)
    except (Invalid, RuleViolation) as error:
        reason = error.problems[0].message if isinstance(error, Invalid) else error.message
        return _answer(request, ctx, spec, id, {"text": say(reason), "kind": "bad"})
    if record.version == version:
        return _answer(request, ctx, spec, id, {"text": gettext("It has this value already.")})
    words = say(msg("“%(field)s” has its earlier value again.", field=field.label))
    return _answer(
        request, ctx, spec, id, {**undo_toast(ctx, spec, field, record, before, words), "kind": "good"}
    )


def _answer(
    request: HttpRequest, ctx: Context, spec: ObjectSpec, id: int, toast: dict[str, str]
) -> HttpResponse:
    if not request.headers.get("HX-Request"):
        return HttpResponseRedirect(f"{page_url(ctx, spec, id)}?tab=history")
    response = HttpResponse()
    response["HX-Reswap"] = "none"
    return with_events(response, toast=toast, changed={"object": spec.key, "ids": [id]})


def history_context(request: HttpRequest, ctx: Context, opened: Opened) -> dict[str, Any]:
    """What the history's template needs: its lines, or two days of the record beside each other."""
    spec, hidden = opened.spec, ctx.actor.grants.hides(opened.spec.key)
    fields = [
        f
        for f in spec.all_fields.values()
        if f.key not in hidden and f.key not in ("id", "updated_at", "created_at")
    ]
    only = request.GET.get("field", "")
    only = only if only in {f.key for f in fields} else ""
    given = read_inputs(_DAYS, request.GET, ctx.reader)
    days: dict[str, date | None] = {}
    for day in _DAYS:
        try:
            days[day.key] = day.parse(given.get(day.key), ctx.reader)
        except Invalid:
            days[day.key] = None
    context: dict[str, Any] = {
        "fields": sorted(fields, key=lambda f: str(f.label)),
        "only": only,
        "before": 0,
        "days": [
            (d.label, render_input(d, days[d.key], name=d.key, problems=(), reader=ctx.reader)) for d in _DAYS
        ],
        "day_labels": [_day_label(ctx, days["on"]), _day_label(ctx, days["against"])],
    }
    if days["on"] is not None:
        return context | {"compared": compare(ctx, opened, days["on"], days["against"]), "is_comparing": True}
    before = whole_id(request.GET.get("before", ""))
    page = fetch_history(ctx, spec, opened.record.id, only, before)
    return context | {
        "lines": lines_of(ctx, opened, page.revisions, request.GET.get("day", "") if before else ""),
        "next": page.next,
        "last_day": page.revisions[-1].at.astimezone(ctx.reader.tz).date().isoformat()
        if page.revisions
        else "",
        "before": before,
    }


def lines_of(ctx: Context, opened: Opened, revisions: list[Revision], last: str = "") -> list[Line]:
    """Revisions as lines; ``last`` is the ISO day whose heading is on the page already."""
    out = []
    for one in revisions:
        on = one.at.astimezone(ctx.reader.tz).date()
        heading = "" if on.isoformat() == last else day_heading(on, ctx)
        last = on.isoformat()
        what, icon = _what(ctx, opened, one)
        # What reads the same before and after was changed too finely to be seen.
        shown_changes = [_shown(ctx, opened, change) for change in one.changes]
        changes = [c for c in shown_changes if str(c.old) != str(c.new)]
        hour = format_time(one.at, ctx.reader.tz, ctx.reader.language)
        who = one.who or by_itself()
        out.append(Line(one.id, heading, icon, who, did(what, one.cause), one.at, hour, changes))
    return out


def did(what: str | Promise, cause: Cause) -> str:
    """What someone did, by which door and with what, to stand after their name."""
    how = str(_CAUSES.get(cause.kind, ""))
    if cause.names:
        how = gettext("%(how)s (%(names)s)") % {"how": how, "names": " · ".join(cause.names)}
    return gettext("%(what)s %(how)s") % {"what": what, "how": how} if how else str(what)


def compare(ctx: Context, opened: Opened, on: date, against: date | None) -> list[Compared] | None:
    """Every field at the end of a day beside that of another day, or of now; None: the record was not there yet."""
    present = opened.row.values
    then = as_of(ctx, opened.spec, opened.record.id, present, _end_of(ctx, on))
    other = (
        present
        if against is None
        else as_of(ctx, opened.spec, opened.record.id, present, _end_of(ctx, against))
    )
    if then is None or other is None:
        return None
    hidden = ctx.actor.grants.hides(opened.spec.key)
    out = []
    for section in opened.spec.form_sections:
        for key in section.fields:
            field = opened.spec.field(key)
            if key in hidden:
                continue
            old, new = (shown(field, values.get(key), ctx.reader) for values in (then, other))
            if old or new:
                out.append(
                    Compared(field.label, old, new, _says(field, then, ctx) != _says(field, other, ctx))
                )
    return out


def _says(field: Field, values: Mapping[str, Any], ctx: Context) -> str:
    return field.show(values.get(field.key), ctx.reader) if values.get(field.key) is not None else ""


def _end_of(ctx: Context, day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), ctx.reader.tz)


def _day_label(ctx: Context, day: date | None) -> str:
    return format_date(day, ctx.reader.language, "day", clock.today(ctx.reader.tz)) if day else gettext("Now")


def _what(ctx: Context, opened: Opened, one: Revision) -> tuple[str, str]:
    if one.kind in KINDS:
        label, icon = KINDS[one.kind]
        return str(label), icon
    kind = fact_named(one.kind)
    fact = rebuild(one.kind, opened.spec.key, opened.record.id, one.at, dict(one.data or {}))
    if kind is None or fact is None:
        return "", "bolt"
    return say(fact.describe()), kind.icon


def _shown(ctx: Context, opened: Opened, change: Change) -> ShownChange:
    old, new = (brief(ctx, change.field, value) for value in (change.old, change.new))
    may = change.restorable and opened.may_update
    return ShownChange(change.field.key, change.field.label, old, new, may)


def brief(ctx: Context, field: Field, value: Any) -> SafeString | str:
    """A value of the log as HTML, long texts cut."""
    if isinstance(field, LongText) and value:
        text = plain_prose(str(value))
        return text if len(text) <= 300 else f"{text[:299]}…"
    return shown(field, value, ctx.reader)
