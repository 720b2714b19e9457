"""Verbs of a record: deleting and restoring it, and every action that its object declares."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from peyvand.kernel.errors import Conflict, Invalid, NotFound, Problem, RuleViolation, msg
from peyvand.platform.access.decisions import decide, demand
from peyvand.platform.actions.action import ActionSpec, action_named
from peyvand.platform.actions.context import Context
from peyvand.platform.database.locks import hold
from peyvand.platform.fields.choices import Awaited
from peyvand.platform.fields.types import Field, is_empty, whole_id
from peyvand.platform.objects.history import take_back
from peyvand.platform.objects.queries import load_record
from peyvand.platform.objects.records import as_field_value, delete_records, restore_records
from peyvand.platform.objects.spec import ObjectSpec, object_named
from peyvand.web.components.inputs import read_inputs
from peyvand.web.components.tags import say
from peyvand.web.objects.pages.access import Opened, open_record
from peyvand.web.objects.pages.answers import came_from, moved, page_url, undo_of, with_events
from peyvand.web.objects.pages.drawn import draw_field, loose_problems, with_titles
from peyvand.web.objects.pages.forewords import foreword_of
from peyvand.web.objects.pages.forms import problems_of
from peyvand.web.objects.pages.meanwhile import done_meanwhile, is_other_by_now, too_late
from peyvand.web.objects.pages.page import title_of
from peyvand.web.objects.resolve import spec_for
from peyvand.web.shell.middleware import context_of
from peyvand.web.shell.offers import offer

# In the address of a verb: whoever presses it is led to the record's own page.
BACK = "back"


@require_POST
def object_delete(request: HttpRequest, workspace: str, plural: str, id: int) -> HttpResponse:
    """Move the record to the bin; the toast offers to take it out again."""
    ctx = context_of(request)
    spec = spec_for(ctx, plural)
    opened = open_record(ctx, spec, id, ())
    if opened.in_bin:
        raise NotFound
    try:
        with transaction.atomic():
            delete_records(ctx, spec, [opened.record])
    except (Invalid, RuleViolation, Conflict) as error:
        return _refused(request, error)
    words = say(msg("“%(title)s” was moved to the bin.", title=title_of(spec, opened.row)))
    return _page_again(request, ctx, opened, {"text": words, "undo": page_url(ctx, spec, id, "restore")})


@require_POST
def object_restore(request: HttpRequest, workspace: str, plural: str, id: int) -> HttpResponse:
    """Take the record out of the bin."""
    ctx = context_of(request)
    spec = spec_for(ctx, plural)
    record = load_record(spec, ctx.actor, id, in_bin=True)
    restore_records(ctx, spec, [record])
    return _page_again(
        request, ctx, open_record(ctx, spec, id, ()), {"text": gettext("Restored."), "kind": "good"}
    )


@require_POST
def object_undo(request: HttpRequest, workspace: str, plural: str, id: int, event: int) -> HttpResponse:
    """Take one change of the record back, as its toast offers, unless somebody changed the record since."""
    ctx = context_of(request)
    spec = spec_for(ctx, plural)
    opened = open_record(ctx, spec, id, ())
    try:
        with transaction.atomic():
            take_back(ctx, spec, opened.record, event, whole_id(request.GET.get("version", "")))
    except (Invalid, RuleViolation, Conflict) as error:
        return _refused(request, error)
    return _told(request, ctx, opened, {"text": gettext("Undone"), "kind": "good"})


def object_action(
    request: HttpRequest, workspace: str, plural: str, id: int, verb: str, *, inputs: Sequence[Field] | None = None
) -> HttpResponse:  # fmt: skip
    """GET: the dialog that asks what the verb needs; POST: does it. ``inputs``: the verb's own, where more is said of them."""
    ctx = context_of(request)
    spec = spec_for(ctx, plural)
    action = action_named(spec.permission(verb))
    if action is None or action.on != "one":
        raise NotFound
    if inputs is not None:
        action = replace(action, inputs=tuple(inputs))
    if request.method == "POST" and "foreword" not in request.GET:
        # Of two people who press at once the later one finds what the first one did.
        hold(ctx.tenant.id, f"verb:{spec.key}:{id}")
    opened = open_record(ctx, spec, id, ())
    if opened.in_bin:
        raise NotFound
    if request.method != "POST":
        if _is_over(ctx, opened, action):
            # The page that it was asked for from is old by now.
            return too_late(request, opened, done_meanwhile(ctx, opened))
        values = {f.key: _first_value(f.default, opened.record, f.attr) for f in action.inputs}
        return _dialog(request, ctx, opened, action, with_titles(ctx, action.inputs, values))
    raw, before = read_inputs(action.inputs, request.POST, ctx.reader), opened.record.version
    if "foreword" in request.GET:
        demand(ctx.actor, action.key, opened.record)
        shown = {"foreword": foreword_of(ctx, opened, action, raw), "post": request.path}
        return render(request, "objects/pages/_foreword.html", shown)
    seen = request.POST.get("seen", "")
    is_other = is_other_by_now(opened, seen)
    if is_other and not action.offered(opened.record):
        return too_late(request, opened, done_meanwhile(ctx, opened, seen))
    called = _called(spec, id)
    try:
        with transaction.atomic():
            made = action.function(ctx, opened.record, **_typed(ctx, action, raw))
    except (Invalid, RuleViolation, Conflict) as error:
        problems: Sequence[Problem] = (
            [Problem(None, error.message, error.code)] if isinstance(error, Conflict) else problems_of(error)
        )
        if is_other and (meanwhile := done_meanwhile(ctx, opened, seen)):
            problems = [Problem(None, meanwhile), *problems]
        return _dialog(request, ctx, opened, action, with_titles(ctx, action.inputs, raw), problems)
    words = _done(ctx, opened, action)
    if action.opens:
        back = _way_back(ctx, opened, action)
        return moved(request, page_url(ctx, object_named(made._meta.model_name), made.id), words, back)
    undo = {} if action.final else undo_of(ctx, spec, id, before)
    here = page_url(ctx, spec, id)
    if BACK in request.GET:
        # Pressed in the toast on the page of what the verb that it takes back had made.
        return moved(request, here, words)
    if came_from(request) == here and not action.then(opened.record) and called != _called(spec, id):
        # The way to the page names the record too.
        return moved(request, here, words, undo)
    toast = {"text": words, "kind": "good", **undo}
    response = _told(request, ctx, opened, toast, **offer(ctx, action.key, opened.record))
    if action.then(opened.record) and "HX-Trigger" in response:
        # Whatever on the page waits for it opens the dialog (``hx-trigger="ask from:body"``).
        response["HX-Trigger"] = json.dumps({**json.loads(response["HX-Trigger"]), "ask": True})
    return response


def _is_over(ctx: Context, opened: Opened, action: ActionSpec) -> bool:
    """Whether the verb makes no sense for the record as it is, and has no words of its own for why."""
    if action.offered(opened.record) or not decide(ctx.actor, action.key, opened.record):
        return False
    foreword = foreword_of(ctx, opened, action, {})
    return foreword is None or not foreword.is_closed


def _way_back(ctx: Context, opened: Opened, action: ActionSpec) -> dict[str, str]:
    """What a toast offers where another verb takes this one back."""
    if not action.undo or not decide(ctx.actor, opened.spec.permission(action.undo), opened.record):
        return {}
    return {"undo": f"{page_url(ctx, opened.spec, opened.record.id, 'do', action.undo)}?{BACK}=1"}


def _called(spec: ObjectSpec, id: int) -> str:
    return str(getattr(spec.rows.filter(id=id).first(), spec.title, ""))


def _refused(request: HttpRequest, error: Invalid | RuleViolation | Conflict) -> HttpResponse:
    """What was pressed shows no form that could say why: a toast does; without scripts, the page of the error."""
    if not request.headers.get("HX-Request"):
        raise error
    reason = error.problems[0].message if isinstance(error, Invalid) else error.message
    return with_events(HttpResponse(status=error.status), toast={"text": say(reason), "kind": "bad"})


def _done(ctx: Context, opened: Opened, action: ActionSpec) -> str:
    """What the toast says: of a move, where the record is now."""
    spec = opened.spec
    if action.verb == "move" and spec.board:
        by = spec.field(spec.board.by)
        lane = by.show(as_field_value(by, opened.record, ctx.actor), ctx.reader)
        return say(msg("“%(title)s” is now in %(lane)s.", title=title_of(spec, opened.row), lane=lane))
    return str(action.says) or gettext("Done: %(verb)s") % {"verb": action.label}


def _first_value(default: Any, record: Any, attr: str) -> Any:
    """What a dialog begins with: the input's default, else what the record already says."""
    if default is not None:
        return default() if callable(default) else default
    return getattr(record, f"{attr}_id", None) or getattr(record, attr, None)


def _typed(ctx: Context, action: ActionSpec, raw: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of an action from what was typed; those left out keep the function's own default."""
    problems: list[Problem] = []
    values: dict[str, Any] = {}
    for field in action.inputs:
        if field.key not in raw:
            if field.required:
                problems.append(Problem(field.key, msg("This is required."), "required"))
            continue
        try:
            values[field.key] = field.parse(raw[field.key], ctx.reader)
        except Invalid as error:
            problems += error.at(field.key).problems
            continue
        if field.required and is_empty(values[field.key]):
            problems.append(Problem(field.key, msg("This is required."), "required"))
    if problems:
        raise Invalid(problems)
    return values


def _dialog(
    request: HttpRequest, ctx: Context, opened: Opened, action: ActionSpec, values: Mapping[str, Any], problems: Sequence[Problem] = ()
) -> HttpResponse:  # fmt: skip
    shown = list(action.inputs)
    if request.method == "POST":
        # A verb pressed without its dialog (a stage of the path) asks only for what is missing.
        wanted = {(p.field or "").split(".")[0] for p in problems} | set(
            request.POST.get("asked", "").split(",")
        )
        shown = [f for f in action.inputs if f.key in wanted]
    shown = list(_askable(ctx, shown, opened.record))
    unseen = {f.key for f in action.inputs} - {f.key for f in shown}
    kept = [(key, value) for key, value in request.POST.items() if key in unseen]
    wrong = {(p.field or "").split(".")[0] for p in problems}
    first = next((f.key for f in shown if f.key in wrong), shown[0].key if shown else "")
    context = {
        "opened": opened,
        "asked": ",".join(f.key for f in shown),
        "kept": kept,
        "action": action,
        "title": title_of(opened.spec, opened.row),
        "fields": [
            draw_field(f, values.get(f.key), ctx.reader, problems, autofocus=f.key == first) for f in shown
        ],
        "loose": [say(p.message) for p in loose_problems(problems, shown)],
        "post": request.path,
        "foreword": foreword_of(ctx, opened, action, values)
        if decide(ctx.actor, action.key, opened.record)
        else None,
        "back": page_url(ctx, opened.spec, opened.record.id),
    }
    template = (
        "objects/pages/_action_dialog.html"
        if request.headers.get("HX-Request")
        else "objects/pages/action.html"
    )
    return render(request, template, context, status=422 if problems else 200)


def _askable(ctx: Context, fields: Sequence[Field], record: Any) -> Iterator[Field]:
    """The inputs as a dialog about this record asks for them; what it lacks nothing of is left out."""
    for one in fields:
        if not isinstance(one, Awaited):
            yield one
        elif (boxes := one.boxes(ctx, record)).options:
            yield boxes


def _page_again(request: HttpRequest, ctx: Context, opened: Opened, toast: dict[str, str]) -> HttpResponse:
    """As ``_told``; the record's own page also fetches itself whole, for it now looks otherwise."""
    response = _told(request, ctx, opened, toast)
    if came_from(request) == page_url(ctx, opened.spec, opened.record.id):
        events = {**json.loads(response["HX-Trigger"]), "page-changed": True}
        return with_events(response, **events)
    return response


def _told(
    request: HttpRequest, ctx: Context, opened: Opened, toast: dict[str, str], **events: Any
) -> HttpResponse:
    """A toast, and whatever shows the record is fetched again; without scripts the record's page."""
    if not request.headers.get("HX-Request"):
        return HttpResponseRedirect(page_url(ctx, opened.spec, opened.record.id))
    changed = {"object": opened.spec.key, "ids": [opened.record.id]}
    response = HttpResponse()
    response["HX-Reswap"] = "none"
    return with_events(response, closeDialog=True, toast=toast, changed=changed, **events)
