"""The page of the workspace's own facts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods

from peyvand.administration.settings.actions import FIELDS, TIMEZONE, clean_workspace, update_workspace
from peyvand.administration.settings.web import WORKSPACE
from peyvand.administration.settings.zones import find_zones, zone_label
from peyvand.kernel.errors import Invalid, Problem
from peyvand.platform.access.decisions import demand
from peyvand.platform.workspaces.models import Workspace
from peyvand.web.components.inputs import control_id, read_inputs, render_input, render_problems
from peyvand.web.objects.pages.answers import with_events
from peyvand.web.shell.middleware import context_of
from peyvand.web.shell.settings_pages import render_settings


@require_http_methods(["GET", "POST"])
def workspace_page(request: HttpRequest, workspace: str) -> HttpResponse:
    """The form; POST saves it."""
    ctx = context_of(request)
    demand(ctx.actor, WORKSPACE.operation)
    row = Workspace.objects.get(id=ctx.tenant.id)
    values: dict[str, Any] = {field.key: getattr(row, field.key) for field in FIELDS}
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


@require_GET
def timezones(request: HttpRequest, workspace: str) -> JsonResponse:
    """What the picker of the time zone offers."""
    ctx = context_of(request)
    demand(ctx.actor, WORKSPACE.operation)
    return JsonResponse(find_zones(request.GET.get("q", ""), ctx.actor.language), safe=False)


def _zones(request: HttpRequest, zone: str, problems: Sequence[Problem]) -> SafeString:
    """The picker of a time zone, with what is wrong beneath it."""
    ctx, id = context_of(request), control_id(TIMEZONE.key)
    wrong = format_html(' aria-invalid="true" aria-describedby="{}-e"', id) if problems else ""
    return format_html(
        '<pv-picker id="{id}" name="timezone" required{wrong} data-url="/w/{slug}/settings/timezones" data-label="{label}"'
        ' placeholder="{hint}"><input type="hidden" name="timezone" value="{zone}" data-label="{name}"></pv-picker>{said}',
        id=id, wrong=wrong, slug=ctx.tenant.slug, label=TIMEZONE.label, hint=gettext("Type a city…"), zone=zone,
        name=zone_label(zone), said=render_problems(problems, id=f"{id}-e"),
    )  # fmt: skip


def _page(request: HttpRequest, values: dict[str, Any], problems: Any = ()) -> HttpResponse:
    reader = context_of(request).reader
    inputs = []
    for field in FIELDS:
        own = [p for p in problems if p.field == field.key]
        if field is TIMEZONE:
            control = _zones(request, str(values[field.key]), own)
        else:
            control = render_input(field, values[field.key], problems=own, reader=reader)
        inputs.append(
            {"field": field, "control": control, "id": control_id(field.key), "is_wrong": bool(own)}
        )
    template = "settings/_workspace.html" if request.headers.get("HX-Request") else "settings/workspace.html"
    context = {"inputs": inputs, "slug": context_of(request).tenant.slug}
    return render_settings(request, WORKSPACE, template, context, status=422 if problems else 200)
