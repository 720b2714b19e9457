"""The small dialog after something was done: what comes next, filled in from what was done and what the playbook says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from peyvand.kernel.errors import Invalid, NotFound, Problem, RuleViolation
from peyvand.operational.activities.public import MEETING, TASK, suggested
from peyvand.operational.scheduling.following import (
    DONE,
    INPUTS,
    NOTHING,
    concerned,
    follow_call,
    follow_meeting,
    follow_task,
    is_open,
    working_days,
)
from peyvand.platform.access.decisions import decide
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import Instant, Text
from peyvand.platform.objects.queries import load_record
from peyvand.platform.objects.spec import ObjectSpec
from peyvand.web.components.inputs import read_inputs, render_input
from peyvand.web.components.tags import say
from peyvand.web.objects.dialogs import typed
from peyvand.web.objects.pages.answers import moved, page_url, saved_in_place
from peyvand.web.objects.pages.forms import problems_of
from peyvand.web.shell.middleware import context_of
from peyvand.web.shell.navigation import here
from peyvand.web.shell.offers import offered_after

# Steps of a playbook that are proposed.
STEPS: Final = 2
REASONS: Final = (
    _("They will get back to us"),
    _("All is done"),
    _("They are not interested"),
)
_FOLLOW: Final[dict[str, Any]] = {"task": follow_task, "meeting": follow_meeting, "call": follow_call}


@dataclass(frozen=True)
class Way:
    """One of the things that may come next, with what it begins with."""

    key: str
    kind: str
    label: str | Promise
    icon: str
    title: str = ""
    at: datetime | None = None


@offered_after("task.complete", "meeting.hold", "meeting.minute", "call.create")
def next_step(ctx: Context, done: Any) -> str:
    """Asked where nothing is planned about the record yet."""
    key = done._meta.model_name
    may = decide(ctx.actor, f"{key}.follow", done) and decide(ctx.actor, "task.create")
    return here(ctx, f"next/{key}/{done.id}") if may and is_open(ctx.actor, done) else ""


def next_dialog(request: HttpRequest, workspace: str, object_key: str, id: int) -> HttpResponse:
    """GET: what may come next after a task, meeting or call; POST ``way`` with its title and time: it is made."""
    ctx = context_of(request)
    spec = DONE.get(object_key)
    if spec is None:
        raise NotFound
    done = load_record(spec, ctx.actor, id)
    if not decide(ctx.actor, spec.permission("follow"), done):
        raise NotFound
    ways = _ways(ctx, spec, done)
    if request.method != "POST":
        return _dialog(request, ctx, spec, done, ways, ways[0].key, {})
    way = next((w for w in ways if w.key == request.POST.get("way")), ways[-1])
    fields = _fields(way)
    raw = read_inputs(fields, request.POST, ctx.reader)
    try:
        with transaction.atomic():
            values = {key.partition("-")[0]: value for key, value in typed(ctx, fields, raw).items()}
            if values.get("reason") == "" and request.POST.get("because"):
                values["reason"] = request.POST["because"][:300]
            made = _FOLLOW[object_key](ctx, done, kind=way.kind, **values)
    except (Invalid, RuleViolation) as error:
        return _dialog(request, ctx, spec, done, ways, way.key, raw, problems_of(error))
    about = page_url(ctx, spec, id)
    if not request.headers.get("HX-Request"):
        return moved(request, about)
    if made is None:
        return saved_in_place(spec, id, gettext("Noted: nothing follows."))
    planned = gettext("Planned: “%(title)s”") % {"title": made.title}
    return saved_in_place(MEETING if way.kind == "meeting" else TASK, made.id, planned)


def _ways(ctx: Context, spec: ObjectSpec, done: Any) -> list[Way]:
    """What may come next: first what the playbook asks for, then the usual."""
    name = str(getattr(done, spec.title))
    concerns = done.person if done.person_id else done.company if done.company_id else None
    whom = concerns.name if concerns else name
    days = working_days(ctx.tenant, done.owner_id or ctx.actor.user_id, (1, 2, 3))
    about = concerned(done)
    steps = suggested(ctx, about.object, about.id)[:STEPS] if about else []
    ways = [Way(f"step{n}", "todo", step, "check", step, days[1]) for n, step in enumerate(steps)]
    call = Way(
        "call", "call", _("Call back in two working days"), "phone",
        gettext("Call %(name)s") % {"name": whom}, days[2],
    )  # fmt: skip
    meeting = Way(
        "meeting", "meeting", MEETING.label, MEETING.icon,
        gettext("Meeting with %(name)s") % {"name": whom}, days[3].replace(hour=10, minute=0),
    )  # fmt: skip
    task = Way(
        "task", "follow_up", pgettext_lazy("next step", "Another task"), TASK.icon,
        gettext("Follow up: %(title)s") % {"title": name}, days[2],
    )  # fmt: skip
    usual = [call, *([meeting] if decide(ctx.actor, "meeting.create") else []), task]
    return [*ways, *usual, Way("nothing", NOTHING, _("Nothing follows, because…"), "xc")]


def _fields(way: Way) -> list[Text | Instant]:
    """The inputs of one way; their names are its own, so that what was typed for another stays there."""
    title, at, reason = INPUTS[1:]
    assert isinstance(title, Text)
    assert isinstance(at, Instant)
    assert isinstance(reason, Text)
    if way.kind == NOTHING:
        return [Text(key="reason", label=reason.label, max_length=reason.max_length)]
    return [
        Text(key=f"title-{way.key}", label=title.label, max_length=title.max_length),
        Instant(key=f"at-{way.key}", label=at.label),
    ]


def _dialog(
    request: HttpRequest, ctx: Context, spec: ObjectSpec, done: Any, ways: Sequence[Way], chosen: str, raw: dict[str, Any],
    problems: Sequence[Problem] = (),
) -> HttpResponse:  # fmt: skip
    drawn = []
    for way in ways:
        own = [p for p in problems if way.key == chosen]
        controls = []
        for field in _fields(way):
            begun = way.title if isinstance(field, Text) else way.at
            value = raw.get(field.key, begun)
            controls.append((field, render_input(field, value, name=field.key, reader=ctx.reader)))
        drawn.append((way, controls, [say(p.message) for p in own]))
    context = {
        "ways": drawn, "chosen": chosen, "post": request.path, "title": str(getattr(done, spec.title)),
        "reasons": REASONS, "back": page_url(ctx, spec, done.id),
    }  # fmt: skip
    part = "_next" if request.headers.get("HX-Request") else "next"
    return render(request, f"scheduling/{part}.html", context, status=422 if problems else 200)
