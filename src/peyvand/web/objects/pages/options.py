"""What pickers offer: records found by part of their name, or the newest; only what the actor may see."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, JsonResponse

from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import Ref
from peyvand.platform.objects.queries import ListQuery, fetch_page
from peyvand.platform.objects.spec import ObjectSpec, all_objects, object_named
from peyvand.platform.search.find import Hit, find
from peyvand.web.components.avatars import tint_of
from peyvand.web.objects.resolve import spec_for
from peyvand.web.shell.middleware import context_of

MOST = 12


def object_options(request: HttpRequest, workspace: str, plural: str) -> JsonResponse:
    """Records of one object as ``[{id, label, sub, icon, tint}]``; ``?by=name`` gives names for ids (tags)."""
    ctx = context_of(request)
    spec = spec_for(ctx, plural)
    query = request.GET.get("q", "").strip()
    found = _searched(ctx, spec, query) if query else _newest(ctx, spec)
    if request.GET.get("by") == "name":
        found = [{**option, "id": option["label"]} for option in found]
    return JsonResponse(found, safe=False)


def any_options(request: HttpRequest, workspace: str) -> JsonResponse:
    """Records of every searchable object, their ids as "deal:42"."""
    ctx = context_of(request)
    query = request.GET.get("q", "").strip()
    keys = [spec.key for spec in all_objects() if spec.in_search and spec.menu is not None]
    hits = find(ctx.actor, query, keys, MOST) if query else []
    return JsonResponse([_option(hit, f"{hit.object}:{hit.id}") for hit in hits], safe=False)


def _searched(ctx: Context, spec: ObjectSpec, query: str) -> list[dict[str, Any]]:
    if spec.in_search:
        return [_option(hit, str(hit.id)) for hit in find(ctx.actor, query, [spec.key], MOST)]
    named = ListQuery(spec, ctx.actor, ()).rows().filter(**{f"{spec.title}__icontains": query})
    return [
        _option(Hit(spec.key, id, title, ""), str(id))
        for id, title in named.order_by(spec.title).values_list("id", spec.title)[:MOST]
    ]


def _newest(ctx: Context, spec: ObjectSpec) -> list[dict[str, Any]]:
    columns = (spec.subtitle,) if spec.subtitle else ()
    page = fetch_page(ListQuery(spec, ctx.actor, columns), limit=MOST)
    hits = [Hit(spec.key, row.id, row.title, _text(row.values.get(spec.subtitle))) for row in page.rows]
    if spec.key == "user":
        # Whoever fills in a form most often means themself.
        hits.sort(key=lambda hit: hit.id != ctx.actor.user_id)
    return [_option(hit, str(hit.id)) for hit in hits]


def _text(value: Any) -> str:
    return value.title if isinstance(value, Ref) else str(value or "")


def _option(hit: Hit, id: str) -> dict[str, Any]:
    spec = object_named(hit.object)
    option: dict[str, Any] = {"id": id, "label": hit.title, "sub": hit.subtitle}
    if spec.key in ("user", "person", "company"):
        return option | {"tint": tint_of(hit.title, hit.id)}
    return option | {"icon": spec.icon}
