"""A meeting or a task made where one points in the calendar, and times at which all who are to come are free."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models.functions import Lower
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from peyvand.kernel import clock
from peyvand.kernel.errors import Invalid, NotFound, Problem, RuleViolation, msg
from peyvand.kernel.persian.calendar import format_date, format_time, weekday_name
from peyvand.operational.activities.public import MEETING, TASK
from peyvand.operational.contacts.public import PERSON, Person
from peyvand.operational.scheduling.free import USUAL
from peyvand.operational.scheduling.proposing import propose
from peyvand.operational.scheduling.repeating import REPETITION
from peyvand.operational.scheduling.web.hours import stamp
from peyvand.operational.scheduling.web.view import is_near
from peyvand.platform.access.decisions import decide, visible
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import Choice, Compound, Field, Instant, Text, whole_id
from peyvand.platform.identity.models import User
from peyvand.platform.objects.queries import load_record
from peyvand.platform.objects.records import create_record
from peyvand.web.components.inputs import read_inputs
from peyvand.web.components.tags import say
from peyvand.web.objects.pages.additions import additions_of, apply_additions
from peyvand.web.objects.pages.answers import moved, saved_in_place
from peyvand.web.objects.pages.drawn import draw_field, loose_problems, with_titles
from peyvand.web.objects.pages.forms import next_hour, problems_of
from peyvand.web.shell.middleware import context_of
from peyvand.web.shell.navigation import here

# Colleagues that one may ask about at once.
MOST: Final = 20
_TITLE: Final = Text(key="title", label=_("Title"), required=True, max_length=300)
_STARTS: Final = Instant(key="starts_at", label=_("Begins"), required=True)
_ENDS: Final = Instant(key="ends_at", label=_("Ends"))
FIELDS: Final[tuple[Field, ...]] = (
    _TITLE, _STARTS, _ENDS, MEETING.field("about"), MEETING.field("reminders"), MEETING.field("participants"),
)  # fmt: skip


def quick_new(request: HttpRequest, workspace: str) -> HttpResponse:
    """GET ``at``, ``until``, ``owner``: a small form of a meeting or a task there; POST makes it."""
    ctx = context_of(request)
    kinds = _kinds(ctx)
    if not kinds:
        raise NotFound
    if request.method != "POST":
        owner = whole_id(request.GET.get("owner", "")) or (ctx.actor.user_id or 0)
        start, end = _asked(ctx, request)
        return _form(request, ctx, kinds[0][0], owner, {"starts_at": start, "ends_at": end, **_begun()})
    raw = read_inputs(FIELDS, request.POST, ctx.reader)
    slot, _slash, until = request.POST.get("slot", "").partition("/")
    if slot:
        raw |= {"starts_at": slot, "ends_at": until}
    kind, owner = request.POST.get("kind", ""), whole_id(request.POST.get("owner", ""))
    if kind not in [key for key, _label, _icon in kinds]:
        kind = kinds[0][0]
    spec = MEETING if kind == "meeting" else TASK
    values = {"title": raw.get("title"), "about": raw.get("about") or None, "owner": owner or None}
    if "reminders" in raw and "reminders" not in ctx.actor.grants.hides(spec.key):
        values["reminders"] = raw["reminders"]
    if spec is MEETING:
        values |= {key: raw[key] for key in ("starts_at", "ends_at", "participants") if key in raw}
    else:
        values |= {"due_at": raw.get("starts_at"), "kind": kind}
    more = read_inputs(REPETITION, request.POST, ctx.reader)
    try:
        with transaction.atomic():
            record = create_record(ctx, spec, values)
            apply_additions(ctx, additions_of(ctx, spec), record, more)
    except (Invalid, RuleViolation) as error:
        problems = [replace(p, field="starts_at") if p.field == "due_at" else p for p in problems_of(error)]
        return _form(request, ctx, kind, owner, {**with_titles(ctx, FIELDS, raw), **more}, problems)
    words = say(msg("“%(title)s” was created.", title=record.title))
    if not request.headers.get("HX-Request"):
        return moved(request, here(ctx, "calendar"), words)
    return saved_in_place(spec, record.id, words)


def times(request: HttpRequest, workspace: str) -> HttpResponse:
    """Three times at which all who are to come are free: of the form that is being filled in (POST), or of ``meeting`` (GET);
    ``after``: later ones than this."""
    ctx = context_of(request)
    if not decide(ctx.actor, MEETING.permission("update" if request.method == "GET" else "create")):
        raise NotFound
    given = request.POST if request.method == "POST" else request.GET
    meeting: Any = None
    if request.method == "POST":
        raw = read_inputs(FIELDS, given, ctx.reader)
        start, end = (_moment(ctx, field, raw) for field in (_STARTS, _ENDS))
        guests = [whole_id(str(id)) for id in raw.get("participants", ())]
        owner = whole_id(given.get("owner", ""))
    else:
        meeting = load_record(MEETING, ctx.actor, whole_id(given.get("meeting", "")))
        start, end, owner = meeting.starts_at, meeting.ends_at, meeting.owner_id or 0
        held = MEETING.field("participants", Compound).load([meeting.id])
        guests = [item["id"] for item in held.get(meeting.id, ())]
    length = end - start if start and end and end > start else USUAL
    chosen = list(filter(None, (whole_id(id) for id in given.getlist("colleagues")[:MOST])))
    users = _users(ctx, [owner or ctx.actor.user_id or 0, *chosen], guests)
    after = _later_than(given.get("after", "")) or (max(clock.now(), start) if start else clock.now())
    found = propose(ctx.tenant, list(users), length, after, without=meeting.id if meeting else None)
    tz, language = ctx.reader.tz, ctx.reader.language
    shown = []
    for at in found:
        day = at.astimezone(tz).date()
        hours = f"{format_time(at, tz, language)}–{format_time(at + length, tz, language)}"
        shown.append(
            (
                stamp(at, at + length, tz).split("/"),
                f"{weekday_name(day, language)} {format_date(day, language, 'day')}",
                hours,
            )
        )
    context = {
        "found": shown, "later": found[-1].isoformat() if found else "", "names": ctx.reader.comma.join(users.values()),
        "meeting": meeting, "was": stamp(start, end, tz) if meeting else "",
        "url": here(ctx, "calendar/times"), "move": here(ctx, "calendar/move"), "users": here(ctx, "users/options"),
        "chosen": [(id, users[id]) for id in chosen if id in users],
    }  # fmt: skip
    part = "_times" if request.method == "POST" else "_times_dialog"
    return render(request, f"scheduling/{part}.html", context)


def _kinds(ctx: Context) -> list[tuple[str, Any, str]]:
    """What the actor may make: a meeting, or a task of some kind."""
    made = [("meeting", MEETING.label, MEETING.icon)] if decide(ctx.actor, "meeting.create") else []
    kind = TASK.field("kind")
    if decide(ctx.actor, "task.create") and isinstance(kind, Choice):
        made += [(option.key, option.label, option.icon or TASK.icon) for option in kind.options]
    return made


def _begun() -> dict[str, Any]:
    """What a new one begins with that is not pointed at."""
    default = MEETING.field("reminders").default
    return {"reminders": default() if callable(default) else default}


def _asked(ctx: Context, request: HttpRequest) -> tuple[datetime, datetime]:
    """The span that was pointed at, else the next full hour."""
    tz = ctx.reader.tz
    try:
        start, end = (
            datetime.fromisoformat(request.GET.get(name, "")).replace(tzinfo=tz) for name in ("at", "until")
        )
        if not (is_near(start) and is_near(end)):
            raise ValueError
    except ValueError:
        start = next_hour(ctx)
        end = start + USUAL
    return start, end


def _later_than(text: str) -> datetime | None:
    """The moment after which further times are asked for; nothing where it makes no sense."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return max(clock.now(), at + timedelta(minutes=1)) if at.tzinfo and is_near(at) else None


def _moment(ctx: Context, field: Field, raw: Mapping[str, Any]) -> datetime | None:
    try:
        found = field.parse(raw.get(field.key), ctx.reader)
    except Invalid:
        # What is half typed is no wish yet.
        return None
    return found if isinstance(found, datetime) else None


def _users(ctx: Context, ids: Sequence[int], guests: Sequence[int]) -> dict[int, str]:
    """These users, and those whose address is a guest's, by id with their names."""
    seen = visible(ctx.actor, PERSON.key, Person.objects.filter(id__in=guests, deleted_at__isnull=True))
    mails = {mail.lower() for mail in seen.values_list("email", flat=True) if mail}
    rows = User.objects.filter(is_active=True, deleted_at__isnull=True).annotate(mail=Lower("email"))
    found = rows.filter(id__in=ids) | rows.filter(mail__in=mails)
    return dict(found.order_by("name", "id").values_list("id", "name")[: MOST * 2])


def _form(
    request: HttpRequest, ctx: Context, kind: str, owner: int, values: Mapping[str, Any], problems: Sequence[Problem] = ()
) -> HttpResponse:  # fmt: skip
    spec = MEETING if kind == "meeting" else TASK
    hidden = ctx.actor.grants.hides(spec.key)
    drawn = {
        f.key: draw_field(f, values.get(f.key), ctx.reader, problems, autofocus=f is _TITLE)
        for f in (*FIELDS, *(REPETITION if decide(ctx.actor, f"{spec.key}.repeat") else ()))
        if f.key not in hidden
    }
    name = User.objects.filter(id=owner).values_list("name", flat=True).first() or ""
    context = {
        "post": here(ctx, "calendar/new"), "fields": drawn, "kinds": _kinds(ctx), "kind": kind, "owner": owner,
        "whose": name if owner != ctx.actor.user_id else "", "times": here(ctx, "calendar/times"),
        "users": here(ctx, "users/options"), "loose": [say(p.message) for p in loose_problems(problems, (*FIELDS, *REPETITION))],
        "back": here(ctx, "calendar"),
    }  # fmt: skip
    part = "_quick" if request.headers.get("HX-Request") else "quick"
    return render(request, f"scheduling/{part}.html", context, status=422 if problems else 200)
