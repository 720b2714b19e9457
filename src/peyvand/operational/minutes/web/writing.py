"""The dialog in which minutes are written, offered once a meeting was held; and the sheet to print."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from peyvand.kernel import numbers
from peyvand.kernel.errors import Invalid, NotFound, Problem, RuleViolation, msg
from peyvand.operational.activities.public import MEETING, Meeting
from peyvand.operational.minutes.actions import INPUTS, may_write, minute_meeting, participants_of
from peyvand.operational.minutes.models import Attendance, Minutes
from peyvand.operational.minutes.reading import read_minutes
from peyvand.operational.minutes.writing import items_of
from peyvand.platform.access.decisions import decide
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import whole_id
from peyvand.platform.identity.models import User
from peyvand.platform.objects.queries import load_record
from peyvand.platform.objects.sight import unseen
from peyvand.web.components.inputs import read_inputs
from peyvand.web.components.rows import read
from peyvand.web.components.tags import say
from peyvand.web.objects.dialogs import typed
from peyvand.web.objects.pages.access import open_record
from peyvand.web.objects.pages.answers import moved, page_url, saved_in_place, with_events
from peyvand.web.objects.pages.drawn import draw_field, loose_problems
from peyvand.web.objects.pages.forms import problems_of
from peyvand.web.shell.middleware import context_of
from peyvand.web.shell.navigation import here
from peyvand.web.shell.offers import offer, offered_after

_PRESENT, _OUTCOME, _DECISIONS, _ITEMS = INPUTS


@offered_after("meeting.hold", order=10)
def after_holding(ctx: Context, meeting: Any) -> str:
    """Whoever held a meeting is asked for its minutes, and may skip that."""
    return (
        page_url(ctx, MEETING, meeting.id, "minutes")
        if may_write(ctx) and decide(ctx.actor, "meeting.minute", meeting)
        else ""
    )


def write_minutes(request: HttpRequest, workspace: str, id: int) -> HttpResponse:
    """GET: the minutes as they are, to be written; POST: writes them and makes the tasks. POST ``skip``: what comes next."""
    ctx = context_of(request)
    meeting = load_record(MEETING, ctx.actor, id, lock=request.method == "POST")
    if (
        meeting.status == "cancelled"
        or not may_write(ctx)
        or not decide(ctx.actor, "meeting.minute", meeting)
    ):
        raise NotFound
    if request.method != "POST":
        return _dialog(request, ctx, meeting, _begun(meeting))
    if request.POST.get("skip"):
        response = HttpResponse(status=204)
        return with_events(response, closeDialog=True, **offer(ctx, "meeting.minute", meeting))
    raw = read_inputs((_PRESENT, _OUTCOME, _DECISIONS), request.POST, ctx.reader)
    came = [whom for whom in request.POST.getlist("came") if whom.isdecimal()]
    raw["present"] = list(dict.fromkeys([*came, *map(str, raw.get("present", ()))]))
    raw["items"] = read("items", request.POST)
    try:
        if request.POST.get("seen", "") != _seen(meeting):
            raise RuleViolation(
                msg("A colleague wrote minutes meanwhile. Look at theirs; saving replaces them by yours.")
            )
        with transaction.atomic():
            made = minute_meeting(ctx, meeting, **typed(ctx, INPUTS, raw))
    except (Invalid, RuleViolation) as error:
        return _dialog(request, ctx, meeting, {**raw, "came": came}, problems_of(error))
    words = gettext("The minutes are written.")
    if made:
        words = gettext("The minutes are written; tasks made: %(n)s") % {
            "n": numbers.format_number(len(made), ctx.reader.language)
        }
    if not request.headers.get("HX-Request"):
        return moved(request, page_url(ctx, MEETING, id), words)
    return saved_in_place(MEETING, id, words, **offer(ctx, "meeting.minute", meeting))


@require_GET
def sheet(request: HttpRequest, workspace: str, id: int) -> HttpResponse:
    """The minutes as a page to be printed."""
    ctx = context_of(request)
    opened = open_record(ctx, MEETING, id)
    if opened.in_bin or "outcome" in ctx.actor.grants.hides("meeting"):
        raise NotFound
    shown = read_minutes(ctx, opened.record)
    if shown["minutes"] is None:
        raise NotFound
    context = {**shown, "row": opened.row, "values": opened.row.values, "back": page_url(ctx, MEETING, id)}
    return render(request, "minutes/sheet.html", context)


def _seen(meeting: Meeting) -> str:
    """When the minutes were written last: what a writer has before them."""
    at = Minutes.objects.filter(meeting_id=meeting.id).values_list("written_at", flat=True).first()
    return at.isoformat() if at else ""


def _begun(meeting: Meeting) -> dict[str, Any]:
    """What the dialog begins with: the minutes of before, else that everybody came."""
    minutes = Minutes.objects.filter(meeting_id=meeting.id).first()
    absent = set(
        Attendance.objects.filter(meeting_id=meeting.id, is_present=False).values_list("person_id", flat=True)
    )
    items = [
        {
            "id": i.id,
            "title": i.title,
            "owner": i.owner_id,
            "due_on": i.due_on.isoformat() if i.due_on else "",
        }
        for i in items_of(meeting)
    ]
    return {
        "came": [str(p["id"]) for p in participants_of(meeting) if p["id"] not in absent],
        "outcome": meeting.outcome, "decisions": "\n".join(minutes.decisions) if minutes else "", "items": items,
    }  # fmt: skip


def _dialog(
    request: HttpRequest, ctx: Context, meeting: Meeting, values: Mapping[str, Any], problems: Sequence[Problem] = ()
) -> HttpResponse:  # fmt: skip
    came = set(values["came"])
    invited = participants_of(meeting)
    hidden = unseen(ctx.actor, "person", {p["id"] for p in invited})
    owners = {str(item.get("owner") or "") for item in values["items"]} - {""}
    names = {
        str(id): name
        for id, name in User.objects.filter(id__in=[whole_id(o) for o in owners]).values_list("id", "name")
    }
    wrong: dict[str, list[str]] = {}
    for problem in problems:
        field, _dot, rest = (problem.field or "").partition(".")
        if field == "items":
            wrong.setdefault(rest.partition(".")[0], []).append(say(problem.message))
    rows = [
        (n, {**item, "name": names.get(str(item.get("owner") or ""), "")}, wrong.get(str(n), []))
        for n, item in enumerate(values["items"])
    ]
    context = {
        "meeting": meeting, "post": request.path, "back": page_url(ctx, MEETING, meeting.id), "seen": _seen(meeting),
        "people": [
            (p["id"], gettext("out of sight") if p["id"] in hidden else p["name"], str(p["id"]) in came) for p in invited
        ],
        "also": draw_field(_PRESENT, (), ctx.reader, problems).control,
        "outcome": draw_field(_OUTCOME, values.get("outcome"), ctx.reader, problems, autofocus=True).html,
        "decisions": draw_field(_DECISIONS, values.get("decisions"), ctx.reader, problems).html,
        "rows": rows, "blank": {}, "count": len(rows), "users": here(ctx, "users/options"),
        "loose": [say(p.message) for p in loose_problems(problems, INPUTS)] + wrong.get("", []),
    }  # fmt: skip
    part = "_write" if request.headers.get("HX-Request") else "write"
    return render(request, f"minutes/{part}.html", context, status=422 if problems else 200)
