"""What each role allows: a table of objects and verbs, and which fields it hides."""

from __future__ import annotations

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
from peyvand.administration.members.web.dialogs import MENDABLE, dialog, done, typed
from peyvand.administration.members.web.users import role_field
from peyvand.administration.settings.public import render_settings
from peyvand.platform.access.decisions import demand
from peyvand.platform.actions.action import actions_of
from peyvand.platform.fields.types import Text
from peyvand.platform.identity.grants import FieldAccess, Grants, Scope
from peyvand.platform.identity.models import Role, User
from peyvand.platform.objects.spec import ObjectSpec, all_objects
from peyvand.web.components.inputs import read_inputs
from peyvand.web.components.tags import say
from peyvand.web.objects.pages.answers import with_events
from peyvand.web.shell.middleware import context_of

NAME = Text(key="name", label=_("Name"), required=True, max_length=100)
VERBS = (("view", _("See")), ("create", _("Create")), ("update", _("Change")), ("delete", _("Delete")))
SCOPES = (
    (Scope.NONE, _("none")),
    (Scope.OWN, _("own")),
    (Scope.TEAM, _("the team's")),
    (Scope.ALL, _("all")),
)
ACCESS = (
    (FieldAccess.WRITE, _("sees and changes")),
    (FieldAccess.READ, _("sees only")),
    (FieldAccess.HIDDEN, _("does not see")),
)


@require_GET
def roles(request: HttpRequest, workspace: str) -> HttpResponse:
    """The roles there are, and how many have each."""
    ctx = context_of(request)
    demand(ctx.actor, ROLES.operation)
    holders: dict[int, int] = {}
    for role_id in User.objects.filter(deleted_at=None, is_active=True).values_list("role_id", flat=True):
        holders[role_id] = holders.get(role_id, 0) + 1
    found = Role.objects.order_by("-is_builtin", "id")
    rows = [{"role": role, "name": role.name, "holders": holders.get(role.id, 0)} for role in found]
    if "part" in request.GET:
        return render(request, "members/_roles.html", {"rows": rows})
    return render_settings(request, ROLES, "members/roles.html", {"rows": rows})


@require_http_methods(["GET", "POST"])
def new_role(request: HttpRequest, workspace: str) -> HttpResponse:
    """The dialog that copies a role under a new name."""
    ctx = context_of(request)
    demand(ctx.actor, "role.create")
    fields = (NAME, replace(role_field(), key="copy_of", attr="copy_of", label=_("Begins as")))
    if request.method != "POST":
        return dialog(
            request,
            _("New role"),
            fields,
            {"copy_of": request.GET.get("copy_of", "member")},
            button=_("Create"),
        )
    raw = read_inputs(fields, request.POST, ctx.reader)
    try:
        with transaction.atomic():
            values = typed(ctx, fields, raw)
            role = create_role(ctx, name=values["name"], copy_of=values["copy_of"] or "member")
    except MENDABLE as error:
        return dialog(request, _("New role"), fields, raw, button=_("Create"), error=error)
    response = (
        HttpResponse() if request.headers.get("HX-Request") else HttpResponseRedirect(f"roles/{role.key}")
    )
    response["HX-Redirect"] = f"/w/{ctx.tenant.slug}/settings/roles/{role.key}"
    return response


@require_http_methods(["GET", "POST"])
def role(request: HttpRequest, workspace: str, key: str) -> HttpResponse:
    """The table of one role; POST saves it."""
    ctx = context_of(request)
    demand(ctx.actor, ROLES.operation)
    record = role_named(key)
    error = None
    if request.method == "POST":
        grants, fields = _read(request, record)
        try:
            with transaction.atomic():
                change_role(ctx, record, grants=grants, fields=fields)
        except MENDABLE as failure:
            error = say(failure.message)
            record.grants, record.fields = grants, fields
        else:
            if not request.headers.get("HX-Request"):
                return HttpResponseRedirect(request.path)
    context = {
        "role": record,
        "name": record.name,
        "rows": _table(record),
        "scopes": SCOPES,
        "verbs": VERBS,
        "error": error,
    }
    context |= {"hidden_rows": _field_rows(record), "accesses": ACCESS}
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


def _edited() -> list[ObjectSpec]:
    return [spec for spec in all_objects() if spec.key != "role"]


def _verbs(spec: ObjectSpec) -> list[tuple[str, Any]]:
    """The four of every object, then those of its own that a person presses."""
    return [
        *VERBS,
        *((a.verb, a.label) for a in actions_of(spec.key) if a.verb not in dict(VERBS) and a.button),
    ]


def _table(role: Role) -> list[dict[str, Any]]:
    grants = Grants.from_json(role.grants, {})
    return [
        {
            "spec": spec,
            "cells": [
                {"verb": verb, "label": label, "scope": grants.scope(spec.permission(verb)).value}
                for verb, label in _verbs(spec)[:4]
            ],
            "more": [
                {"verb": verb, "label": label, "scope": grants.scope(spec.permission(verb)).value}
                for verb, label in _verbs(spec)[4:]
            ],
        }
        for spec in _edited()
    ]


def _field_rows(role: Role) -> list[dict[str, Any]]:
    grants = Grants.from_json({}, role.fields)
    out = []
    for spec in _edited():
        if spec.menu is None:
            continue
        own = [f for f in spec.fields if f.key != spec.title]
        cells = [{"field": f, "access": grants.field_access(spec.key, f.key).value} for f in own]
        out.append({"spec": spec, "cells": cells, "ruled": sum(c["access"] != "write" for c in cells)})
    return out


def _read(request: HttpRequest, role: Role) -> tuple[dict[str, str], dict[str, str]]:
    """The table as posted; patterns of the role that the table does not show stay as they were."""
    shown = {spec.permission(verb) for spec in _edited() for verb, _label in _verbs(spec)}
    before = Grants.from_json(role.grants, {})
    grants = dict(role.grants)
    for operation in shown:
        asked = request.POST.get(f"grant:{operation}")
        if asked is not None and (operation in grants or asked != before.scope(operation).value):
            grants[operation] = asked
    fields = {
        f"{row['spec'].key}.{cell['field'].key}": request.POST.get(
            f"field:{row['spec'].key}.{cell['field'].key}", "write"
        )
        for row in _field_rows(role)
        for cell in row["cells"]
    }
    return grants, {path: access for path, access in fields.items() if access != FieldAccess.WRITE}
