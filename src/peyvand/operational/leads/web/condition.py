"""The condition of a rule of scoring as people meet it: the builder of the lists, for leads."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_GET

from peyvand.kernel.errors import Invalid
from peyvand.operational.leads.objects import LEAD
from peyvand.operational.leads.web.pages import SCORING
from peyvand.platform.access.decisions import demand
from peyvand.platform.fields.reader import Reader
from peyvand.platform.fields.types import Field
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
    """The inside of the control; what it cannot draw stays as it is."""
    ctx = context_of(request)
    demand(ctx.actor, SCORING.operation)
    given = request.GET.get("condition", "")
    query = QueryDict(mutable=True)
    query.update({"view": NO_VIEW, "filter": given})
    state = read_state(ctx, LEAD, query)
    if given and (state.problems or not is_buildable(state.raw)):
        return render(request, "leads/_condition.html", {"kept": given})
    context: dict[str, Any] = {
        "schema": builder_schema(state),
        "value": dump(for_builder(state.raw, state)) if state.raw else "",
        "labels": dump(labels_for(state)),
    }
    return render(request, "leads/_condition.html", context)


def _draw(field: Field, value: Any, attrs: Attributes, reader: Reader) -> SafeString:
    return format_html(
        '<div class="stack" id="{}" hx-get="/w/{}/settings/lead-scoring/condition" hx-trigger="load" hx-include="this" '
        'hx-target="this" hx-swap="innerHTML"><input type="hidden" name="{}" value="{}"></div>',
        attrs.id, reader.workspace, attrs.name, value or "",
    )  # fmt: skip


def _read(name: str, post: QueryDict, reader: Reader) -> str:
    """The condition as JSON, amounts in the smallest unit where the builder made it."""
    text = post.get(name, "")
    if not text or f"{name}-built" not in post:
        return text
    try:
        return dump(plain_condition(read_json(text), LEAD, reader))
    except (ValueError, Invalid):
        # The field refuses it, at its place in the form.
        return text


register_control("lead_condition", _draw, _read)
