"""The control of a condition that a record holds (``platform/objects/conditions``): the builder of the lists, in a form; and
what such a condition says.

The control fetches its inside, for what it offers depends on the object, which another field of the form may name. Beside
the condition (``<name>``) it sends for which object the builder made it (``<name>-of``), and what it keeps meanwhile for
another one (``<name>-kept``, ``<name>-kept-of``), so that a kind chosen by mistake loses nothing.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_GET

from peyvand.kernel.errors import Invalid
from peyvand.platform.access.decisions import decide
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.reader import Reader
from peyvand.platform.fields.types import Field
from peyvand.platform.objects.conditions import ConditionText, condition_in
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
def condition_builder(request: HttpRequest, workspace: str) -> HttpResponse:
    """The inside of the control; what the builder cannot draw stays as it is, until somebody begins anew."""
    ctx, asked = context_of(request), request.GET
    name, chooser = asked.get("name", "condition"), asked.get("by", "of")
    chosen = [key for key in asked.getlist(chooser) if key]
    spec = find_object(chosen[0]) if len(chosen) == 1 else None
    given, meant = ("", "") if "anew" in asked else _in_play(name, asked, ctx.reader, spec)
    inside: dict[str, Any] = {"name": name, "spec": spec, "given": given, "meant": meant}
    if chooser not in asked:
        # Edited by itself, without the field that says about which records it asks.
        inside |= {"is_alone": True, "is_fixed": True, "value": given}
    if spec is not None:
        own = given if meant == spec.key else ""
        inside |= _drawn(ctx, spec, own, is_personal="personal" in asked)
        words = {"name": name, "of": spec.key, "anew": 1, **({"personal": 1} if "personal" in asked else {})}
        inside["anew"] = f"{request.path}?{urlencode(words)}"
    return render(request, "objects/lists/_condition.html", inside)


def _in_play(name: str, sent: QueryDict, reader: Reader, spec: ObjectSpec | None) -> tuple[str, str]:
    """The plain condition that the control holds, and the key of the object that it is about."""
    built_for = sent.get(f"{name}-of", "")
    built = _read(name, sent, reader)
    if built and built not in ('{"and":[]}', '{"or":[]}'):
        return built, built_for or (spec.key if spec else "")
    # A condition that came before its object was known is about whichever is chosen first.
    return sent.get(f"{name}-kept", ""), sent.get(f"{name}-kept-of", "") or (spec.key if spec else "")


def _drawn(ctx: Context, spec: ObjectSpec, given: str, *, is_personal: bool) -> dict[str, Any]:
    may_see = bool(decide(ctx.actor, spec.permission("view")))
    query = QueryDict(mutable=True)
    query.update({"view": NO_VIEW, "filter": given})
    state = read_state(ctx, spec, query)
    if not may_see or (given and (state.problems or not is_buildable(state.raw))):
        return {"is_fixed": True, "value": given, "may_see": may_see}
    return {
        "schema": builder_schema(state, is_personal=is_personal),
        "value": dump(for_builder(state.raw, state)) if state.raw else "",
        "labels": dump(labels_for(state)),
    }


def in_words(ctx: Context, spec: ObjectSpec, record: Any, key: str = "condition") -> str:
    """What the condition of a record (of the object ``spec``) says; as it is written where it means nothing any more."""
    field = spec.field(key)
    assert isinstance(field, ConditionText), key
    text = str(field.read(record) or "")
    chosen = field.about or spec.field(field.chosen_by).read(record)
    keys = [chosen] if isinstance(chosen, str) else list(chosen or ())
    about = find_object(keys[0]) if len(keys) == 1 else None
    if about is None:
        return text
    try:
        condition = condition_in(text, about, is_personal=True)
    except Invalid:
        return text
    return Sayer(ctx, about, condition)(condition) if condition is not None else ""


def _draw(field: Field, value: Any, attrs: Attributes, reader: Reader) -> SafeString:
    assert isinstance(field, ConditionText), field
    asked = {"name": attrs.name, **({"by": field.chosen_by} if field.chosen_by else {"of": field.about})}
    if field.is_personal:
        asked["personal"] = "1"
    chooser = f"#f-{field.chosen_by}" if field.chosen_by else ""
    return format_html(
        '<div class="stack" id="{id}" hx-get="/w/{slug}/condition?{asked}" hx-trigger="load{changes}" hx-include="#{id}{chooser}" '
        'hx-target="this" hx-swap="innerHTML"><input type="hidden" name="{name}" value="{value}"></div>',
        id=attrs.id, slug=reader.workspace, asked=urlencode(asked), name=attrs.name, value=value or "",
        changes=f", change from:{chooser}" if chooser else "", chooser=f", {chooser}" if chooser else "",
    )  # fmt: skip


def _read(name: str, post: QueryDict, reader: Reader) -> str:
    """The condition as JSON, amounts in the smallest unit where the builder made it."""
    text = post.get(name, "")
    spec = find_object(post.get(f"{name}-of", ""))
    if not text or spec is None:
        return text
    try:
        return dump(plain_condition(read_json(text), spec, reader))
    except (ValueError, Invalid):
        # The field refuses it, at its place in the form.
        return text


register_control(ConditionText.widget, _draw, _read)
