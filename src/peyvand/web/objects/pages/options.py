"""What pickers offer: records found by part of their name, or the newest; only what the actor may see."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, JsonResponse

from peyvand.kernel.conditions import parse
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import Link, Money, Ref
from peyvand.platform.objects.excerpts import beside
from peyvand.platform.objects.queries import ListQuery, fetch_page
from peyvand.platform.objects.references import shown_title
from peyvand.platform.objects.spec import ObjectSpec, all_objects, object_named
from peyvand.platform.search.find import Hit, find
from peyvand.web.components.avatars import tint_of
from peyvand.web.components.inputs import money_text
from peyvand.web.objects.lists.state import visible_schema
from peyvand.web.objects.resolve import spec_for
from peyvand.web.shell.middleware import context_of

MOST = 12
Option = dict[str, Any]


def object_options(request: HttpRequest, workspace: str, plural: str) -> JsonResponse:
    """Records of one object as ``[{id, label, sub, icon, tint, mark, fill}]``.

    ``?by=name`` gives names for ids (tags); the key of a link narrows (``?pipeline=7``); ``?with=price`` has each
    record's price sent along, as one types it; ``?others`` leaves out the user who looks.
    """
    ctx = context_of(request)
    spec = spec_for(ctx, plural)
    text = request.GET.get("q", "").strip()
    links = {
        f.key: request.GET[f.key] for f in spec.own_fields if isinstance(f, Link) and request.GET.get(f.key)
    }
    condition = (
        parse(
            {"and": [{"field": key, "op": "is", "value": value} for key, value in links.items()]},
            visible_schema(ctx, spec),
        )
        if links
        else None
    )
    query = ListQuery(spec, ctx.actor, (spec.subtitle,) if spec.subtitle else (), condition)
    found = _searched(query, text) if text else _newest(query)
    if spec.key == "user" and "others" in request.GET:
        found = [option for option in found if option["id"] != str(ctx.actor.user_id)]
    _mark(spec, found)
    _fill(ctx, spec, found, request.GET.get("with", ""))
    if request.GET.get("by") == "name":
        found = [{**option, "id": option["label"]} for option in found]
    return JsonResponse(found, safe=False)


def any_options(request: HttpRequest, workspace: str) -> JsonResponse:
    """Records of every searchable object, their ids as "deal:42"."""
    ctx = context_of(request)
    query = request.GET.get("q", "").strip()
    keys = [spec.key for spec in all_objects() if spec.in_search and spec.menu is not None]
    hits = beside(ctx.actor, find(ctx.actor, query, keys, MOST)) if query else []
    return JsonResponse([_option(hit, f"{hit.object}:{hit.id}") for hit in hits], safe=False)


def _searched(query: ListQuery, text: str) -> list[Option]:
    spec = query.spec
    if spec.in_search and query.condition is None:
        hits = beside(query.actor, find(query.actor, text, [spec.key], MOST))
        return [_option(hit, str(hit.id)) for hit in hits]
    named = query.rows().filter(**{f"{spec.title}__icontains": text})
    return [
        _option(Hit(spec.key, id, title, ""), str(id))
        for id, title in named.order_by(spec.title).values_list("id", spec.title)[:MOST]
    ]


def _newest(query: ListQuery) -> list[Option]:
    spec = query.spec
    page = fetch_page(query, limit=MOST)
    hits = [Hit(spec.key, row.id, row.title, _text(row.values.get(spec.subtitle))) for row in page.rows]
    if spec.key == "user":
        # Whoever fills in a form most often means themself.
        hits.sort(key=lambda hit: hit.id != query.actor.user_id)
    return [_option(hit, str(hit.id)) for hit in hits]


def _mark(spec: ObjectSpec, found: list[Option]) -> None:
    if spec.mark is None or not found:
        return
    rows = spec.rows.filter(id__in=[option["id"] for option in found])
    marks = {id: spec.mark.says(*values) for id, *values in rows.values_list("id", *spec.mark.columns)}
    for option in found:
        option["mark"] = marks.get(int(option["id"]), "")


def _fill(ctx: Context, spec: ObjectSpec, found: list[Option], key: str) -> None:
    """What a form takes from the record that is chosen: an amount, in the control of the same name beside it."""
    field = spec.all_fields.get(key)
    if not isinstance(field, Money) or key in ctx.actor.grants.hides(spec.key) or not found:
        return
    rows = spec.rows.filter(id__in=[option["id"] for option in found])
    amounts = dict(rows.values_list("id", field.column))
    for option in found:
        amount = amounts.get(int(option["id"]))
        option["fill"] = {key: "" if amount is None else money_text(amount, ctx.reader)}


def _text(value: Any) -> str:
    return value.title if isinstance(value, Ref) else str(value or "")


def _option(hit: Hit, id: str) -> Option:
    spec = object_named(hit.object)
    option: Option = {"id": id, "label": shown_title(spec, hit.title), "sub": hit.subtitle}
    if spec.key in ("user", "person", "company"):
        return option | {"tint": tint_of(hit.title, hit.id)}
    return option | {"icon": spec.icon}
