"""Work on many rows: a dialog that says how many it will touch, the deed, its progress, and the way back."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_GET, require_POST

from peyvand.kernel import numbers
from peyvand.kernel.errors import Invalid, Message, NotFound, msg
from peyvand.platform.access.decisions import demand
from peyvand.platform.actions.action import ActionSpec, action_named
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import Field, whole_id
from peyvand.platform.identity.grants import FieldAccess
from peyvand.platform.objects.bulk import (
    AT_ONCE,
    DONE,
    Order,
    begin,
    count_chosen,
    reasons_of,
    refusals_of,
    stop,
    tag_field,
    try_out,
    undo,
)
from peyvand.platform.objects.inputs import clean_inputs
from peyvand.platform.objects.models import BulkRun
from peyvand.platform.objects.queries import ListQuery, fetch_rows
from peyvand.platform.objects.sifting import Outcome
from peyvand.platform.objects.spec import ObjectSpec
from peyvand.web.components.csv_files import csv_answer
from peyvand.web.components.inputs import read_inputs, render_input
from peyvand.web.components.tags import say
from peyvand.web.objects.lists.state import ListState, read_state
from peyvand.web.objects.lists.totals import say_count
from peyvand.web.objects.resolve import address, spec_for
from peyvand.web.shell.middleware import context_of

# More records than this are not named to the page one by one: it fetches all its rows anew.
MOST_NAMED = 100
MOST_AT_ONCE = 1000
_DIALOGS = {"edit": "update", "assign": "update", "tag": "tag", "delete": "delete", "restore": "restore"}


# What a verb of the bar brings with it beyond the records themselves, by "object.verb": said in its dialog.
_notes: dict[str, str | Promise] = {}


def note_before_bulk(key: str, words: str | Promise) -> None:
    """Say above the buttons of a bulk verb's dialog ("lead.assign") what else comes of it."""
    _notes[key] = words


@require_POST
def object_bulk(request: HttpRequest, workspace: str, plural: str, verb: str) -> HttpResponse:
    """A verb of the bar. Without ``confirm`` it answers the dialog, but for small deletions, which can be undone."""
    ctx = context_of(request)
    spec = spec_for(ctx, plural)
    demand(ctx.actor, spec.permission("bulk"))
    state = read_state(ctx, spec, request.GET)
    order = _order(ctx, state, request, verb)
    is_plain = verb in ("delete", "restore") and order.ids is not None
    if "confirm" not in request.POST and not is_plain:
        return _dialog(request, state, order, verb, {}, ())
    try:
        raw = _raw(ctx, spec, verb, request)
        if "preview" in request.POST:
            tried = try_out(ctx, Order(**{**vars(order), "raw": raw}))
            return _dialog(request, state, order, verb, request.POST, (), tried=tried)
        run = begin(ctx, Order(**{**vars(order), "raw": raw}))
    except Invalid as error:
        return _dialog(request, state, order, verb, request.POST, error.problems)
    return _done(state, run) if run.state == DONE else _started(request, spec, run)


def _order(ctx: Context, state: ListState, request: HttpRequest, verb: str) -> Order:
    ids = [id for id in map(whole_id, request.POST.getlist("ids")) if id]
    kept: dict[str, Any] = {
        "object": state.spec.key,
        "verb": _DIALOGS.get(verb, verb.removeprefix("do-")),
        "in_bin": state.in_bin,
    }
    if request.POST.get("all") == "1":
        if state.problems:
            raise Invalid(state.problems)
        return Order(**kept, condition=state.raw or None, text=state.text)
    if not ids:
        raise Invalid.of(msg("Choose at least one row first."))
    return Order(**kept, ids=tuple(ids[:5000]))


def _action(spec: ObjectSpec, verb: str) -> ActionSpec:
    known = action_named(spec.permission(verb.removeprefix("do-")))
    if known is None or known.on != "many" or not known.button:
        raise NotFound
    return known


def editable_fields(ctx: Context, spec: ObjectSpec) -> list[Field]:
    """Fields that can be set to one value for many records."""
    return [
        f
        for f in spec.own_fields
        if not f.readonly
        and f.widget
        not in ("points", "addresses", "lines", "priced", "parts", "table", "tags", "textarea", "condition")
        and ctx.actor.grants.field_access(spec.key, f.key) is FieldAccess.WRITE
    ]


def _raw(ctx: Context, spec: ObjectSpec, verb: str, request: HttpRequest) -> dict[str, Any]:
    """The values that the dialog sent."""
    post = request.POST
    if verb == "edit":
        chosen = next((f for f in editable_fields(ctx, spec) if f.key == post.get("field")), None)
        if chosen is None:
            raise Invalid.of(msg("Choose a field."), "field")
        return read_inputs([chosen], post, ctx.reader)
    if verb == "assign":
        return {"owner": post.get("owner", "")}
    if verb == "tag":
        raw = {word: [name for name in post.getlist(word) if name.strip()] for word in ("add", "remove")}
        if not raw["add"] and not raw["remove"]:
            raise Invalid.of(msg("Choose a tag to add or to remove."), "add")
        return raw
    if verb.startswith("do-"):
        known = _action(spec, verb)
        raw = read_inputs(known.inputs, post, ctx.reader)
        clean_inputs(ctx, known.inputs, raw)
        return raw
    if verb in _DIALOGS:
        return {}
    raise NotFound


_TITLES = {
    "edit": lambda n: ngettext("Edit %(count)s record", "Edit %(count)s records", n),
    "assign": lambda n: ngettext("Assign %(count)s record", "Assign %(count)s records", n),
    "tag": lambda n: ngettext("Tag %(count)s record", "Tag %(count)s records", n),
    "delete": lambda n: ngettext(
        "Move %(count)s record to the bin?", "Move %(count)s records to the bin?", n
    ),
    "restore": lambda n: ngettext("Restore %(count)s record?", "Restore %(count)s records?", n),
}


def _dialog(
    request: HttpRequest,
    state: ListState,
    order: Order,
    verb: str,
    typed: Any,
    problems: Any,
    *,
    tried: tuple[Outcome, bool] | None = None,
) -> HttpResponse:
    ctx, spec = state.ctx, state.spec
    total, exact, allowed = count_chosen(ctx, order)
    count = say_count(total, exact, ctx.reader.language)
    known = _action(spec, verb) if verb.startswith("do-") else None
    title = (
        _TITLES[verb](total) % {"count": count}
        if verb in _TITLES
        else f"{known.label if known else ''}: {count}"
    )
    context = {
        "verb": verb,
        "spec": spec,
        "title": title,
        "total": total,
        "denied": numbers.format_number(total - allowed, ctx.reader.language) if total > allowed else "",
        "is_large": total > AT_ONCE,
        "note": _notes.get(spec.permission(verb), ""),
        "tried": _tried(ctx, tried) if tried else None,
        "can_undo": verb in ("delete", "edit", "assign", "tag", "restore") and total <= AT_ONCE,
        "ids": order.ids or (),
        "url": f"{address(ctx, spec, 'bulk', verb)}?{state.query_string}",
        "fields": editable_fields(ctx, spec) if verb == "edit" else (),
        "chosen": typed.get("field", "") if typed else request.POST.get("field", ""),
        "inputs": _inputs(ctx, spec, verb, known, typed, problems),
        "problems": [p for p in problems if p.field in (None, "field", "add")],
        "field_url": address(ctx, spec, "bulk-field"),
        "is_danger": verb == "delete" or bool(known and known.tone == "danger"),
    }
    return render(request, "objects/lists/_bulk.html", context, status=422 if problems else 200)


def _tried(ctx: Context, tried: tuple[Outcome, bool]) -> dict[str, Any]:
    """What the dialog says after an attempt of which nothing was kept."""
    outcome, is_whole = tried
    language = ctx.reader.language
    reasons = [
        (Message(template, dict(params)), count) for (template, params), count in outcome.reasons.items()
    ]
    return {
        "is_whole": is_whole,
        "looked_at": numbers.format_number(len(outcome.done) + len(outcome.refused), language),
        "done": numbers.format_number(len(outcome.done), language),
        "refused": len(outcome.refused),
        "reasons": [(say(reason), count) for reason, count in reasons],
    }


def _inputs(
    ctx: Context, spec: ObjectSpec, verb: str, known: ActionSpec | None, typed: Any, problems: Any
) -> list[dict[str, Any]]:
    def one(field: Field, name: str = "", label: Any = "") -> dict[str, Any]:
        key = name or field.key
        value = (typed.getlist(key) if field.is_compound else typed.get(key)) if typed else None
        own = [p for p in problems if p.field and p.field.split(".")[0] == key]
        return {
            "label": label or field.label, "id": f"f-{key}", "is_wrong": bool(own),
            "control": render_input(field, value, name=key, problems=own, reader=ctx.reader),
        }  # fmt: skip

    if verb == "edit":
        chosen = next((f for f in editable_fields(ctx, spec) if typed and f.key == typed.get("field")), None)
        return [one(chosen)] if chosen else []
    if verb == "assign":
        return [one(spec.field("owner"))]
    if verb == "tag" and (tags := tag_field(spec)):
        return [one(tags, "add", gettext("Add tags")), one(tags, "remove", gettext("Remove tags"))]
    return [one(f) for f in known.inputs] if known else []


@require_GET
def object_bulk_field(request: HttpRequest, workspace: str, plural: str) -> HttpResponse:
    """The control of the field that was chosen in the edit dialog."""
    ctx = context_of(request)
    spec = spec_for(ctx, plural, "update")
    chosen = next((f for f in editable_fields(ctx, spec) if f.key == request.GET.get("field")), None)
    inputs = _inputs(ctx, spec, "edit", None, request.GET, ()) if chosen else []
    return render(request, "objects/lists/_bulk_field.html", {"inputs": inputs})


def _done(state: ListState, run: BulkRun) -> HttpResponse:
    """A toast, the choice let go, and word of what changed: the rows at hand are fetched anew by it."""
    # Nothing is left for the dialog itself, so it stays closed.
    changed = _changed(state.spec, run)
    return _with_events(
        {"closeDialog": True, "toast": _toast(state, run), "changed": changed, "bulk-done": {}}
    )


def _changed(spec: ObjectSpec, run: BulkRun) -> dict[str, Any]:
    ids = run.order.get("done", ())
    return {"object": spec.key, "ids": list(ids) if len(ids) <= MOST_NAMED else None}


def _with_events(events: dict[str, Any], status: int = 200) -> HttpResponse:
    response = HttpResponse(status=status)
    response["HX-Trigger"] = json.dumps(events)
    return response


def _toast(state: ListState, run: BulkRun) -> dict[str, Any]:
    language = state.ctx.reader.language
    toast: dict[str, Any] = {"text": outcome_text(run, language)}
    if run.order.get("done") and run.verb in ("update", "tag", "delete", "restore"):
        toast["undo"] = address(state.ctx, state.spec, "bulk-run", run.id, "undo")
    if run.refused:
        toast["kind"] = "bad"
    return toast


def outcome_text(run: BulkRun, language: str) -> str:
    """«۴ مورد تغییر کرد. ۲ مورد پذیرفته نشد: …»"""
    words = {
        "delete": ngettext("%(n)s record moved to the bin", "%(n)s records moved to the bin", run.done),
        "restore": ngettext("%(n)s record restored", "%(n)s records restored", run.done),
    }
    said = words.get(run.verb) or ngettext("%(n)s record changed", "%(n)s records changed", run.done)
    text = said % {"n": numbers.format_number(run.done, language)}
    if run.refused:
        why = say(reasons_of(run)[0][0])
        text += ". " + ngettext("%(n)s was refused: %(why)s", "%(n)s were refused: %(why)s", run.refused) % {
            "n": numbers.format_number(run.refused, language), "why": why,
        }  # fmt: skip
    return text


def _started(request: HttpRequest, spec: ObjectSpec, run: BulkRun) -> HttpResponse:
    response = _progress(request, spec, run)
    response["HX-Retarget"] = "#runs"
    response["HX-Reswap"] = "afterbegin"
    response["HX-Trigger"] = json.dumps({"closeDialog": True, "bulk-done": {}})
    return response


def _progress(request: HttpRequest, spec: ObjectSpec, run: BulkRun) -> HttpResponse:
    context = progress_context(context_of(request), spec, run)
    return render(request, "objects/lists/_run.html", context)


def progress_context(ctx: Context, spec: ObjectSpec, run: BulkRun) -> dict[str, Any]:
    """What the line of a run shows."""
    worked = run.done + run.refused
    return {
        "run": run,
        "is_over": run.state not in ("waiting", "running"),
        "share": min(100, worked * 100 // run.total) if run.total else 0,
        "text": outcome_text(run, ctx.reader.language),
        "reasons": [(say(reason), count) for reason, count in reasons_of(run)],
        "url": address(ctx, spec, "bulk-run", run.id),
    }


def _mine(ctx: Context, spec: ObjectSpec, id: int) -> BulkRun:
    run = BulkRun.objects.filter(id=id, object=spec.key, user_id=ctx.actor.user_id).first()
    if not isinstance(run, BulkRun):
        raise NotFound
    return run


@require_GET
def object_bulk_run(request: HttpRequest, workspace: str, plural: str, id: int) -> HttpResponse:
    """How far a run is; the line asks again each second until it is over."""
    ctx = context_of(request)
    spec = spec_for(ctx, plural)
    run = _mine(ctx, spec, id)
    response = _progress(request, spec, run)
    if run.state == DONE:
        response["HX-Trigger"] = json.dumps({"rows-changed": {}})
    return response


@require_GET
def object_bulk_refused(request: HttpRequest, workspace: str, plural: str, id: int) -> HttpResponse:
    """The file of what a run left as it was: number, title and reason of each record."""
    ctx = context_of(request)
    spec = spec_for(ctx, plural)
    run = _mine(ctx, spec, id)
    refused = list(refusals_of(run))
    query = ListQuery(spec, ctx.actor, ())
    titles: dict[int, str] = {}
    for start in range(0, len(refused), MOST_AT_ONCE):
        ids = [record for record, _ in refused[start : start + MOST_AT_ONCE]]
        titles |= {row.id: row.title for row in fetch_rows(query, ids).values()}
    rows = ((record, titles.get(record, ""), say(reason)) for record, reason in refused)
    header = (gettext("Number"), spec.label, gettext("Reason"))
    return csv_answer(f"{spec.plural}-refused-{run.id}.csv", header, rows)


@require_POST
def object_bulk_stop(request: HttpRequest, workspace: str, plural: str, id: int) -> HttpResponse:
    """Let a run do no further set."""
    ctx = context_of(request)
    spec = spec_for(ctx, plural)
    run = _mine(ctx, spec, id)
    stop(run)
    return _progress(request, spec, run)


@require_POST
def object_bulk_undo(request: HttpRequest, workspace: str, plural: str, id: int) -> HttpResponse:
    """Put back what a small run changed."""
    ctx = context_of(request)
    spec = spec_for(ctx, plural)
    run = _mine(ctx, spec, id)
    changed = _changed(spec, run)
    undo(ctx, run)
    # What left the list and comes back has no row to take its place in: the list begins anew.
    return _with_events(
        {"rows-changed": {}} if run.verb in ("delete", "restore") else {"changed": changed}, 204
    )
