"""What each role allows: a table of objects and verbs, and which fields it hides."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from peyvand.administration.members.actions import role_named
from peyvand.administration.members.roles import change_role, create_role, remove_role
from peyvand.administration.members.web import ROLES
from peyvand.administration.members.web.matrix import ACCESS, field_rows, matrix, read_matrix
from peyvand.administration.members.web.users import role_field
from peyvand.platform.access.decisions import demand
from peyvand.platform.fields.types import Text
from peyvand.platform.identity.models import Role, User
from peyvand.web.components.tags import say
from peyvand.web.objects.dialogs import MENDABLE, answered, done
from peyvand.web.objects.pages.answers import moved, with_events
from peyvand.web.shell.middleware import context_of
from peyvand.web.shell.settings_pages import render_settings

NAME = Text(key="name", label=_("Name"), required=True, max_length=100)


@require_GET
def roles(request: HttpRequest, workspace: str) -> HttpResponse:
    """The roles there are, and how many have each."""
    ctx = context_of(request)
    demand(ctx.actor, ROLES.operation)
    holders = Counter(User.objects.filter(deleted_at=None, is_active=True).values_list("role_id", flat=True))
    found = Role.objects.order_by("-is_builtin", "id")
    rows = [{"role": role, "name": role.name, "holders": holders[role.id]} for role in found]
    if "part" in request.GET:
        return render(request, "members/_roles.html", {"rows": rows})
    return render_settings(request, ROLES, "members/roles.html", {"rows": rows})


@require_http_methods(["GET", "POST"])
def new_role(request: HttpRequest, workspace: str) -> HttpResponse:
    """The dialog that copies a role under a new name."""
    ctx = context_of(request)
    demand(ctx.actor, "role.create")
    fields = (NAME, replace(role_field(), key="copy_of", attr="copy_of", label=_("Begins as")))
    begins = {"copy_of": request.GET.get("copy_of", "member")}

    def make(values: dict[str, Any]) -> HttpResponse:
        role = create_role(ctx, name=values["name"], copy_of=values["copy_of"] or "member")
        return moved(request, f"/w/{ctx.tenant.slug}/settings/{ROLES.path}/{role.key}")

    return answered(request, _("New role"), fields, begins, make, button=_("Create"))


@require_http_methods(["GET", "POST"])
def role(request: HttpRequest, workspace: str, key: str) -> HttpResponse:
    """The table of one role; POST saves it."""
    ctx = context_of(request)
    demand(ctx.actor, ROLES.operation)
    record = role_named(key)
    error = None
    if request.method == "POST":
        grants, fields, conditions = read_matrix(ctx, request.POST, record)
        try:
            with transaction.atomic():
                change_role(ctx, record, grants=grants, fields=fields, conditions=conditions)
        except MENDABLE as failure:
            error = say(failure.message)
            record.grants, record.fields, record.conditions = grants, fields, conditions
        else:
            if not request.headers.get("HX-Request"):
                return HttpResponseRedirect(request.path)
    context = {"role": record, "name": record.name, "error": error, "accesses": ACCESS}
    context |= {"groups": matrix(ctx, record), "field_rows": field_rows(record)}
    if request.headers.get("HX-Request"):
        response = render(request, "members/_role.html", context, status=422 if error else 200)
        return response if error else with_events(response, toast={"text": gettext("Saved."), "kind": "good"})
    return render_settings(request, ROLES, "members/role.html", context, status=422 if error else 200)


@require_POST
def delete_role(request: HttpRequest, workspace: str, key: str) -> HttpResponse:
    """Delete a role of the workspace's own."""
    ctx = context_of(request)
    record = role_named(key)
    id = record.id
    remove_role(ctx, record)
    return done(request, gettext("Deleted."), ROLES.path, object="role", ids=[id])
