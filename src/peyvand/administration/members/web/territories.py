"""Territories: their tree, what lies in each, and who works there."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from peyvand.administration.members.territories import create_territory, draw_territory, remove_territory
from peyvand.administration.members.web import TERRITORIES
from peyvand.administration.members.web.matrix import chosen_view, said, views_to_take
from peyvand.platform.access.decisions import demand
from peyvand.platform.fields.types import Link, Text, whole_id
from peyvand.platform.identity.models import Territory, TerritoryMember, User
from peyvand.platform.objects.queries import load_record
from peyvand.platform.objects.sharing import can_share
from peyvand.platform.objects.spec import all_objects, object_named
from peyvand.web.components.tags import say
from peyvand.web.objects.dialogs import MENDABLE, answered, done
from peyvand.web.objects.pages.answers import moved, with_events
from peyvand.web.shell.middleware import context_of
from peyvand.web.shell.settings_pages import render_settings

NAME = Text(key="name", label=_("Name"), required=True)
PARENT = Link(key="parent", label=_("Part of"), to="territory")


@require_GET
def territories(request: HttpRequest, workspace: str) -> HttpResponse:
    """The tree; with ``part`` only the list."""
    ctx = context_of(request)
    demand(ctx.actor, TERRITORIES.operation)
    found = list(Territory.objects.filter(deleted_at=None).order_by("name"))
    sizes = Counter(TerritoryMember.objects.values_list("territory_id", flat=True))
    rows: list[dict[str, Any]] = []

    def walk(parent: int | None, depth: int) -> None:
        for one in (t for t in found if t.parent_id == parent):
            rows.append({"territory": one, "depth": min(depth, 4), "size": sizes[one.id]})
            walk(one.id, depth + 1)

    walk(None, 0)
    if "part" in request.GET:
        return render(request, "members/_territories.html", {"rows": rows})
    return render_settings(request, TERRITORIES, "members/territories.html", {"rows": rows})


@require_http_methods(["GET", "POST"])
def new_territory(request: HttpRequest, workspace: str) -> HttpResponse:
    """The dialog that adds one."""
    ctx = context_of(request)
    demand(ctx.actor, "territory.create")

    def make(values: dict[str, Any]) -> HttpResponse:
        parent = (
            load_record(object_named("territory"), ctx.actor, values["parent"]) if values["parent"] else None
        )
        made = create_territory(ctx, name=values["name"], parent=parent)
        return moved(request, f"/w/{ctx.tenant.slug}/settings/{TERRITORIES.path}/{made.id}")

    return answered(request, _("New territory"), (NAME, PARENT), {}, make, button=_("Create"))


@require_http_methods(["GET", "POST"])
def territory(request: HttpRequest, workspace: str, id: int) -> HttpResponse:
    """What lies in one territory and who works there; POST saves it."""
    ctx = context_of(request)
    demand(ctx.actor, TERRITORIES.operation)
    record: Territory = load_record(object_named("territory"), ctx.actor, id)
    specs = [spec for spec in all_objects() if can_share(spec)]
    views = views_to_take(ctx, (spec.key for spec in specs))
    error = None
    if request.method == "POST":
        conditions = {}
        for spec in specs:
            asked = request.POST.get(f"condition:{spec.key}", "keep")
            if (view := chosen_view(views, request.POST, spec.key)) is not None:
                conditions[spec.key] = view.condition
            elif asked == "keep" and spec.key in record.conditions:
                conditions[spec.key] = record.conditions[spec.key]
        try:
            with transaction.atomic():
                draw_territory(
                    ctx,
                    record,
                    conditions=conditions,
                    members=list(map(whole_id, request.POST.getlist("member"))),
                )
        except MENDABLE as failure:
            error = say(failure.message)
        else:
            if not request.headers.get("HX-Request"):
                return HttpResponseRedirect(request.path)
    members = set(TerritoryMember.objects.filter(territory=record).values_list("user_id", flat=True))
    context = {
        "territory": record,
        "error": error,
        "rows": [
            {
                "spec": spec,
                "said": said(ctx, spec, record.conditions[spec.key]) if spec.key in record.conditions else "",
                "views": [(view.pk, view.name) for view in views.get(spec.key, ())],
            }
            for spec in specs
        ],
        "users": [
            (user, user.id in members)
            for user in User.objects.filter(deleted_at=None, is_active=True).order_by("name")
        ],
    }
    if request.headers.get("HX-Request"):
        response = render(request, "members/_territory.html", context, status=422 if error else 200)
        return response if error else with_events(response, toast={"text": gettext("Saved."), "kind": "good"})
    return render_settings(
        request, TERRITORIES, "members/territory.html", context, status=422 if error else 200
    )


@require_POST
def delete_territory(request: HttpRequest, workspace: str, id: int) -> HttpResponse:
    """Delete one in which no other lies."""
    ctx = context_of(request)
    record: Territory = load_record(object_named("territory"), ctx.actor, id)
    remove_territory(ctx, record)
    return done(request, gettext("Deleted."), TERRITORIES.path, object="territory", ids=[id])
