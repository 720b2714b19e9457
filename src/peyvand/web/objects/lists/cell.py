"""Editing one cell in its place: the editor, the saving, and the way back."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from peyvand.kernel.errors import Conflict, NotAllowed, NotFound, RuleViolation, msg
from peyvand.platform.access.decisions import demand
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import Field
from peyvand.platform.identity.grants import FieldAccess
from peyvand.platform.objects.queries import ListQuery, Row, fetch_rows, load_record
from peyvand.platform.objects.records import update_record
from peyvand.platform.objects.spec import ObjectSpec
from peyvand.web.objects.editing import Attempt, attempt, begin, editor, undo_toast
from peyvand.web.objects.lists.rows import RowWriter
from peyvand.web.objects.lists.state import read_json, read_state
from peyvand.web.objects.pages.answers import not_typed
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
        try:
            return _editor(request, ctx, spec, known, id, begin(ctx, spec, known, record))
        except RuleViolation as error:
            return not_typed(error)
    if "undo" in request.GET:
        return _undone(request, ctx, spec, known, id)
    record = load_record(spec, ctx.actor, id, lock=True)
    tried = attempt(ctx, spec, known, record, request.POST)
    if not tried.is_settled:
        return _editor(request, ctx, spec, known, id, tried)
    response = HttpResponse(_cell_now(request, ctx, spec, known, id))
    if toast := undo_toast(ctx, spec, known, record, tried.before):
        events: dict[str, Any] = {"toast": toast}
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
    request: HttpRequest, ctx: Context, spec: ObjectSpec, field: Field, id: int, tried: Attempt
) -> HttpResponse:
    context = editor(ctx, spec, field, id, tried) | {"action": address(ctx, spec, id, "cell", field.key)}
    return render(request, "objects/_editor.html", context, status=200 if tried.is_settled else 422)


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
