"""A webhook's condition as people meet it: the builder of the lists, for the one kind of record that is chosen."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_GET

from peyvand.integrations.webhooks.hooks import condition_of
from peyvand.integrations.webhooks.models import Webhook
from peyvand.integrations.webhooks.web import WEBHOOKS
from peyvand.kernel.errors import Invalid
from peyvand.platform.access.decisions import decide, demand
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.reader import Reader
from peyvand.platform.fields.types import Field
from peyvand.platform.objects.spec import ObjectSpec, find_object
from peyvand.web.components.inputs import Attributes, register_control
from peyvand.web.objects.lists.filters import (
    Sayer,
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
    """The inside of the control, for the records that the form has chosen; what it cannot draw stays as it is."""
    ctx = context_of(request)
    demand(ctx.actor, WEBHOOKS.operation)
    given = _read("condition", request.GET, ctx.reader) or request.GET.get("condition-kept", "")
    chosen = [key for key in request.GET.getlist("objects") if key]
    spec = find_object(chosen[0]) if len(chosen) == 1 else None
    if spec is None or not decide(ctx.actor, spec.permission("view")):
        return render(request, "webhooks/_condition.html", {"kept": given})
    return render(request, "webhooks/_condition.html", _builder(ctx, spec, given))


def in_words(ctx: Context, webhook: Webhook) -> str:
    """What a webhook's condition says; as it is written where it means nothing any more."""
    try:
        asked = condition_of(webhook)
    except Invalid:
        return webhook.condition
    return Sayer(ctx, *asked)(asked[1]) if asked else ""


def _builder(ctx: Context, spec: ObjectSpec, given: str) -> dict[str, Any]:
    query = QueryDict(mutable=True)
    query.update({"view": NO_VIEW, "filter": given})
    state = read_state(ctx, spec, query)
    if given and (state.problems or not is_buildable(state.raw)):
        # Made for other records, or in a way that the builder does not know.
        state = read_state(ctx, spec, QueryDict(f"view={NO_VIEW}"))
    return {
        "spec": spec,
        "kept": given,
        "schema": builder_schema(state),
        "value": dump(for_builder(state.raw, state)) if state.raw else "",
        "labels": dump(labels_for(state)),
    }


def _draw(field: Field, value: Any, attrs: Attributes, reader: Reader) -> SafeString:
    return format_html(
        '<div class="stack" id="{}" hx-get="/w/{}/settings/webhooks/condition" hx-trigger="load, change from:#f-objects" '
        'hx-include="#f-objects, #f-condition" hx-target="this" hx-swap="innerHTML"><input type="hidden" name="{}" value="{}"></div>',
        attrs.id, reader.workspace, attrs.name, value or "",
    )  # fmt: skip


def _read(name: str, post: QueryDict, reader: Reader) -> str:
    """The condition as JSON, amounts in the smallest unit: the builder says for which records it built."""
    text = post.get(name, "")
    spec = find_object(post.get(f"{name}-of", ""))
    if not text or spec is None:
        return text
    try:
        return dump(plain_condition(read_json(text), spec, reader))
    except (ValueError, Invalid):
        # The field refuses it, at its place in the form.
        return text


register_control("condition", _draw, _read)
