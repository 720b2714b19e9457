"""The page of the workspace's own facts."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from peyvand.administration.settings.actions import FIELDS, clean_workspace, update_workspace
from peyvand.administration.settings.pages import render_settings
from peyvand.administration.settings.web import WORKSPACE
from peyvand.kernel.errors import Invalid
from peyvand.platform.access.decisions import demand
from peyvand.platform.workspaces.models import Workspace
from peyvand.web.components.inputs import control_id, read_inputs, render_input
from peyvand.web.objects.pages.answers import with_events
from peyvand.web.shell.middleware import context_of


@require_http_methods(["GET", "POST"])
def workspace_page(request: HttpRequest, workspace: str) -> HttpResponse:
    """The form; POST saves it."""
    ctx = context_of(request)
    demand(ctx.actor, WORKSPACE.operation)
    values: dict[str, Any] = Workspace.objects.filter(id=ctx.tenant.id).values(*(f.key for f in FIELDS))[0]
    if request.method != "POST":
        return _page(request, values)
    raw = read_inputs(FIELDS, request.POST, ctx.reader)
    try:
        with transaction.atomic():
            update_workspace(ctx, **clean_workspace(ctx, raw))
    except Invalid as error:
        return _page(request, {**values, **raw}, error.problems)
    if not request.headers.get("HX-Request"):
        return HttpResponseRedirect(request.path)
    # The name stands in the shell, and the unit in every amount: the page is loaded anew.
    response = with_events(HttpResponse(), toast={"text": gettext("Saved."), "kind": "good"})
    response["HX-Refresh"] = "true"
    return response


def _page(request: HttpRequest, values: dict[str, Any], problems: Any = ()) -> HttpResponse:
    reader = context_of(request).reader
    inputs = []
    for field in FIELDS:
        own = [p for p in problems if p.field == field.key]
        control = render_input(field, values[field.key], problems=own, reader=reader)
        inputs.append(
            {"field": field, "control": control, "id": control_id(field.key), "is_wrong": bool(own)}
        )
    template = "settings/_workspace.html" if request.headers.get("HX-Request") else "settings/workspace.html"
    context = {"inputs": inputs, "slug": context_of(request).tenant.slug}
    return render_settings(request, WORKSPACE, template, context, status=422 if problems else 200)
