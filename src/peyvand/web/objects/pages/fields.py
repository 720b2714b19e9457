"""One field edited in its place on the page. A colleague's change of the same field is shown, not overwritten."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext

from peyvand.kernel.errors import NotAllowed, NotFound, RuleViolation
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import Field
from peyvand.platform.objects.queries import load_record
from peyvand.platform.objects.spec import ObjectSpec
from peyvand.web.components.inputs import is_row_widget
from peyvand.web.objects.editing import Attempt, attempt, begin, editor, undo_toast
from peyvand.web.objects.pages.access import may_write, open_record
from peyvand.web.objects.pages.answers import not_typed, page_url, saved_in_place, undo_of, with_events
from peyvand.web.objects.pages.shown import shown
from peyvand.web.objects.resolve import spec_for
from peyvand.web.shell.middleware import context_of


def object_field(request: HttpRequest, workspace: str, plural: str, id: int, key: str) -> HttpResponse:
    """GET: the editor of the field; POST: saves it and answers the place as it looks then."""
    ctx = context_of(request)
    spec = spec_for(ctx, plural)
    field = spec.all_fields.get(key)
    if field is None or key in ctx.actor.grants.hides(spec.key):
        raise NotFound
    opened = open_record(ctx, spec, id, ())
    if not opened.may_update or not may_write(ctx, spec, field):
        raise NotAllowed
    if request.method != "POST":
        try:
            return _editor(request, ctx, spec, field, id, begin(ctx, spec, field, opened.record))
        except RuleViolation as error:
            return not_typed(error)
    record: Any = load_record(spec, ctx.actor, id, lock=True)
    version = record.version
    tried = attempt(ctx, spec, field, record, request.POST)
    if not tried.is_settled:
        return _editor(request, ctx, spec, field, id, tried)
    if _is_dialog(request):
        undo = undo_of(ctx, spec, id, version)
        return saved_in_place(spec, id, gettext("Saved.") if undo else gettext("It stays as it is."), undo)
    context = {
        "url": page_url(ctx, spec, id, "field", key),
        "html": shown(field, open_record(ctx, spec, id, (key,)).row.values.get(key), ctx.reader),
        "field": field,
    }
    response = render(request, "objects/pages/_value.html", context)
    toast = undo_toast(ctx, spec, field, record, tried.before)
    return with_events(response, toast=toast) if toast else response


def _editor(
    request: HttpRequest, ctx: Context, spec: ObjectSpec, field: Field, id: int, tried: Attempt
) -> HttpResponse:
    context = editor(ctx, spec, field, id, tried) | {
        "action": page_url(ctx, spec, id, "field", field.key), "in_rows": is_row_widget(field),
    }  # fmt: skip
    template = "objects/pages/_field_dialog.html" if _is_dialog(request) else "objects/_editor.html"
    return render(request, template, context, status=200 if tried.is_settled else 422)


def _is_dialog(request: HttpRequest) -> bool:
    return request.headers.get("HX-Target") == "dialog"
