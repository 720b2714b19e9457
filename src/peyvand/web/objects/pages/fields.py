"""One field edited in its place on the page. A colleague's change of the same field is shown, not overwritten."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext

from peyvand.kernel.errors import Invalid, NotAllowed, NotFound, Problem, RuleViolation
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.custom import CustomFile
from peyvand.platform.fields.types import Field, Option
from peyvand.platform.files.queries import files_of
from peyvand.platform.objects.records import update_record
from peyvand.web.components.inputs import read_inputs, render_input
from peyvand.web.objects.lists.clash import BOTH, THEIRS, Clash, can_merge, clash_of, merged
from peyvand.web.objects.pages.access import Opened, may_write, open_record
from peyvand.web.objects.pages.answers import page_url, saved_in_place, undo_of
from peyvand.web.objects.pages.drawn import with_titles
from peyvand.web.objects.pages.forms import problems_of
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
    opened = open_record(ctx, spec, id, (key,))
    if not opened.may_update or not may_write(ctx, spec, field):
        raise NotAllowed
    now = opened.row.values.get(key)
    if request.method != "POST":
        return _editor(request, ctx, opened, field, now, was=_mark(field, now))
    raw, before = read_inputs([field], request.POST, ctx.reader), opened.record.version
    choice = request.POST.get("choice", "")
    if choice != THEIRS and request.POST.get("was", _mark(field, now)) != _mark(field, now):
        typed = with_titles(ctx, [field], raw).get(key)
        clash = clash_of(ctx, spec, id, field, now)
        return _editor(request, ctx, opened, field, typed, was=_mark(field, now), clash=clash)
    if choice == THEIRS and _is_dialog(request):
        return saved_in_place(spec, id, gettext("It stays as it is."))
    if choice == THEIRS:
        return _place(request, ctx, opened, field, now)
    if choice == BOTH and can_merge(field):
        raw = {key: merged(field, field.parse(raw.get(key), ctx.reader), now or ())}
    try:
        with transaction.atomic():
            update_record(ctx, spec, opened.record, raw)
    except (Invalid, RuleViolation) as error:
        typed = with_titles(ctx, [field], raw).get(key)
        # A rule may speak of another field; here there is only this one to say it at.
        problems = [
            p if (p.field or "").split(".")[0] == key else Problem(key, p.message, p.code)
            for p in problems_of(error)
        ]
        return _editor(request, ctx, opened, field, typed, problems, was=_mark(field, now))
    if _is_dialog(request):
        return saved_in_place(spec, id, gettext("Saved."), undo_of(ctx, spec, id, before))
    saved = open_record(ctx, spec, id, (key,))
    response = _place(request, ctx, saved, field, saved.row.values.get(key))
    if _mark(field, saved.row.values.get(key)) != _mark(field, now):
        words = urlencode({"undo": _mark(field, now), "version": saved.record.version})
        undo = f"{page_url(ctx, spec, id, 'cell', key)}?{words}"
        response["HX-Trigger"] = json.dumps({"toast": {"text": gettext("Saved"), "undo": undo}})
    return response


def _place(request: HttpRequest, ctx: Context, opened: Opened, field: Field, value: Any) -> HttpResponse:
    """The place of a field as it looks with this value."""
    context = {
        "url": page_url(ctx, opened.spec, opened.record.id, "field", field.key),
        "html": shown(field, value, ctx.reader),
        "field": field,
    }
    return render(request, "objects/pages/_value.html", context)


def _editor(
    request: HttpRequest, ctx: Context, opened: Opened, field: Field, value: Any, problems: Sequence[Problem] = (), *, was: str,
    clash: Clash | None = None,
) -> HttpResponse:  # fmt: skip
    if isinstance(field, CustomFile):
        files = files_of(opened.spec.key, opened.record.id)
        field = replace(field, files=tuple(Option(str(f.id), f.name) for f in files))
    control = render_input(field, value, name=field.key, problems=problems, reader=ctx.reader, autofocus=True)
    context = {
        "control": control,
        "was": was,
        "clash": clash,
        "field": field,
        "action": page_url(ctx, opened.spec, opened.record.id, "field", field.key),
    }
    template = "objects/pages/_field_dialog.html" if _is_dialog(request) else "objects/pages/_editor.html"
    return render(request, template, context, status=422 if problems or clash else 200)


def _is_dialog(request: HttpRequest) -> bool:
    return request.headers.get("HX-Target") == "dialog"


def _mark(field: Field, value: Any) -> str:
    """The value as it stood when the editor opened, to be compared when it is saved."""
    return json.dumps(field.to_json(value), ensure_ascii=False, sort_keys=True, default=str)
