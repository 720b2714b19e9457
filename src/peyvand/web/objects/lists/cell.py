"""Editing one cell in its place: the editor, the saving, what a colleague saved meanwhile, and the way back."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote, urlsplit

from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from peyvand.kernel.errors import Conflict, Invalid, NotAllowed, NotFound, Problem, RuleViolation, msg
from peyvand.platform.access.decisions import demand
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import Field, whole_id
from peyvand.platform.identity.grants import FieldAccess
from peyvand.platform.objects.queries import ListQuery, Row, fetch_rows, load_record
from peyvand.platform.objects.records import as_field_value, update_record
from peyvand.platform.objects.spec import ObjectSpec
from peyvand.web.components.inputs import read_inputs, render_input, said
from peyvand.web.objects.lists.clash import BOTH, THEIRS, Clash, can_merge, clash_of, merged
from peyvand.web.objects.lists.rows import RowWriter
from peyvand.web.objects.lists.state import read_json, read_state
from peyvand.web.objects.resolve import address, spec_for
from peyvand.web.shell.middleware import context_of


@require_http_methods(["GET", "POST"])
def object_cell(request: HttpRequest, workspace: str, plural: str, id: int, field: str) -> HttpResponse:
    """GET: the cell's editor. POST: save, and answer the cell as it is now; with ``undo`` put back the old value."""
    ctx = context_of(request)
    spec = spec_for(ctx, plural, "update")
    known = _field(ctx, spec, field)
    if request.method == "GET":
        record = load_record(spec, ctx.actor, id)
        demand(ctx.actor, spec.permission("update"), record)
        return _editor(
            request, ctx, spec, known, id, as_field_value(known, record, ctx.actor), record.version, ()
        )
    if "undo" in request.GET:
        return _undone(request, ctx, spec, known, id)
    record = load_record(spec, ctx.actor, id, lock=True)
    old = as_field_value(known, record, ctx.actor)
    typed = read_inputs([known], request.POST, ctx.reader)
    value = typed.get(known.key, "")
    choice = request.POST.get("choice", "")
    if choice == THEIRS:
        return HttpResponse(_cell_now(request, ctx, spec, known, id))
    version = request.POST.get("version", "")
    given = request.POST.get("old")
    is_stale = whole_id(version) not in (0, record.version) and given is not None
    if is_stale and given != _plain(known, old):
        # Another field may have changed meanwhile without harm; this one did, so the person decides.
        clash = clash_of(ctx, spec, id, known, old)
        return _editor(
            request, ctx, spec, known, id, value, record.version, (), status=422, old=old, clash=clash
        )
    if choice == BOTH and can_merge(known):
        value = merged(known, known.parse(value, ctx.reader), old)
    try:
        # A refusal undoes no more than the action, so that the editor can be drawn again.
        with transaction.atomic():
            update_record(ctx, spec, record, {known.key: value})
    except Invalid as error:
        problems = [p if p.field else Problem(known.key, p.message, p.code) for p in error.problems]
        return _editor(request, ctx, spec, known, id, value, record.version, problems, status=422, old=old)
    except RuleViolation as error:
        wrong = Problem(known.key, error.message, error.code)
        return _editor(request, ctx, spec, known, id, value, record.version, (wrong,), status=422, old=old)
    response = HttpResponse(_cell_now(request, ctx, spec, known, id))
    if _plain(known, as_field_value(known, record, ctx.actor)) != _plain(known, old):
        undo = f"{address(ctx, spec, id, 'cell', known.key)}?undo={_quoted(known.to_json(old))}&version={record.version}"
        events: dict[str, Any] = {"toast": {"text": gettext("Saved"), "undo": undo}}
        grouping = read_state(ctx, spec, _given(request)).grouping
        if grouping is not None and grouping.field.key == known.key:
            # The row stands in another group now.
            events["rows-changed"] = {}
        response["HX-Trigger"] = json.dumps(events)
    return response


def _field(ctx: Context, spec: ObjectSpec, key: str) -> Field:
    known = spec.all_fields.get(key)
    if known is None or key in ctx.actor.grants.hides(spec.key):
        raise NotFound
    if known.readonly or ctx.actor.grants.field_access(spec.key, key) is not FieldAccess.WRITE:
        raise NotAllowed(msg("This cannot be changed here."))
    return known


def _editor(
    request: HttpRequest, ctx: Context, spec: ObjectSpec, field: Field, id: int, value: Any, version: int,
    problems: Any, status: int = 200, old: Any = ..., clash: Clash | None = None,
) -> HttpResponse:  # fmt: skip
    own = [p for p in problems if not p.field or p.field.split(".")[0] == field.key]
    context = {
        "url": address(ctx, spec, id, "cell", field.key),
        "control": render_input(
            field, value, name=field.key, problems=own, reader=ctx.reader, autofocus=True
        ),
        "field": field,
        "version": version,
        "clash": clash,
        "old": _plain(field, value if old is ... else old),
        # What a rule says of other fields (a company is missing) has no control here to stand beneath.
        "others": [
            f"{spec.field(p.field).label if p.field in spec.all_fields else ''}: {said(p, ctx.reader)}"
            for p in problems
            if p not in own
        ],
    }
    return render(request, "objects/lists/_cell.html", context, status=status)


def _cell_now(request: HttpRequest, ctx: Context, spec: ObjectSpec, field: Field, id: int) -> str:
    """The cell as the list at hand draws it. What else changed in its row comes by the live notice of the change."""
    state = read_state(ctx, spec, _given(request))
    rows = fetch_rows(
        ListQuery(spec, ctx.actor, tuple(dict.fromkeys((*(c.key for c in state.columns), field.key)))), [id]
    )
    row: Row | None = rows.get(id)
    if row is None:
        return ""
    return RowWriter(state).cell(row, field.key)


def _given(request: HttpRequest) -> Any:
    """The query of the list that this cell stands in: htmx and the islands name it, else the object's own list."""
    where = urlsplit(request.headers.get("HX-Current-URL") or request.headers.get("Referer") or "")
    return QueryDict(where.query if where.path.rstrip("/").endswith(request.path.split("/")[3]) else "")


def _plain(field: Field, value: Any) -> str:
    return json.dumps(field.to_json(value), ensure_ascii=False, sort_keys=True, default=str)


def _shown(ctx: Context, field: Field, value: Any) -> str:
    return field.show(value, ctx.reader) or gettext("empty")


def _quoted(value: Any) -> str:
    return quote(json.dumps(value, ensure_ascii=False))


def _undone(request: HttpRequest, ctx: Context, spec: ObjectSpec, field: Field, id: int) -> HttpResponse:
    """Put back the value that the toast remembers, unless the record changed again since."""
    record = load_record(spec, ctx.actor, id, lock=True)
    if str(record.version) != request.GET.get("version"):
        raise Conflict
    try:
        value = read_json(request.GET.get("undo", ""))
    except ValueError:
        raise NotFound from None
    update_record(ctx, spec, record, {field.key: value})
    response = HttpResponse(status=204)
    response["HX-Trigger"] = json.dumps({"changed": {"object": spec.key, "ids": [id]}})
    return response
