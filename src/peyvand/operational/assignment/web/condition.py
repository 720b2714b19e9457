"""The condition of a rule as people meet it: the builder of the lists, for the records that the rule gives out."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_GET

from peyvand.kernel.errors import Invalid
from peyvand.operational.assignment.fields import KINDS
from peyvand.operational.assignment.rules import kind_named
from peyvand.operational.assignment.web.pages import ASSIGNMENT
from peyvand.platform.access.decisions import demand
from peyvand.platform.fields.reader import Reader
from peyvand.platform.fields.types import Field
from peyvand.platform.objects.spec import find_object
from peyvand.web.components.inputs import Attributes, register_control
from peyvand.web.objects.lists.filters import (
    builder_schema,
    for_builder,
    is_buildable,
    labels_for,
    plain_condition,
)
from peyvand.web.objects.lists.state import NO_VIEW, dump, read_json, read_state
from peyvand.web.shell.middleware import context_of


@require_GET
def part(request: HttpRequest, workspace: str) -> HttpResponse:
    """The inside of the control for the object that the form names; what it cannot draw stays as it is."""
    ctx = context_of(request)
    demand(ctx.actor, ASSIGNMENT.operation)
    spec = kind_named(request.GET.get("object", ""))
    given = request.GET.get("condition", "")
    query = QueryDict(mutable=True)
    query.update({"view": NO_VIEW, "filter": given})
    state = read_state(ctx, spec, query)
    if given and not state.problems and not is_buildable(state.raw):
        return render(request, "assignment/_condition.html", {"kept": given})
    # A condition on records of another kind, left from before the kind was changed, is forgotten.
    raw = None if state.problems else state.raw
    context: dict[str, Any] = {
        "schema": builder_schema(state),
        "value": dump(for_builder(raw, state)) if raw else "",
        "labels": dump(labels_for(state)) if raw else "{}",
    }
    return render(request, "assignment/_condition.html", context)


def _draw(field: Field, value: Any, attrs: Attributes, reader: Reader) -> SafeString:
    return format_html(
        '<div class="stack" id="{}" hx-get="/w/{}/settings/assignment/condition" hx-trigger="load, change from:#f-object" '
        'hx-include="closest form" hx-target="this" hx-swap="innerHTML"><input type="hidden" name="{}" value="{}"></div>',
        attrs.id, reader.workspace, attrs.name, value or "",
    )  # fmt: skip


def _read(name: str, post: QueryDict, reader: Reader) -> str:
    """The condition as JSON, amounts in the smallest unit where the builder made it."""
    text, key = post.get(name, ""), post.get("object", "")
    spec = find_object(key) if key in KINDS else None
    if not text or spec is None or f"{name}-built" not in post:
        return text
    try:
        return dump(plain_condition(read_json(text), spec, reader))
    except (ValueError, Invalid):
        # The field refuses it, at its place in the form.
        return text


register_control("assignment_condition", _draw, _read)
