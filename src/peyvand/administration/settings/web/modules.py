"""Which modules are on in the workspace."""

from __future__ import annotations

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from peyvand.administration.settings.actions import switch_module
from peyvand.administration.settings.web import MODULES
from peyvand.kernel.errors import RuleViolation
from peyvand.platform.access.decisions import demand
from peyvand.platform.workspaces.modules import all_modules
from peyvand.web.objects.pages.answers import refused, with_events
from peyvand.web.shell.middleware import context_of
from peyvand.web.shell.settings_pages import render_settings


@require_GET
def modules(request: HttpRequest, workspace: str) -> HttpResponse:
    """Every module that can be switched, with what it is for."""
    ctx = context_of(request)
    demand(ctx.actor, MODULES.operation)
    off = ctx.tenant.modules_off
    rows = [{"module": module, "is_on": module.key not in off} for module in all_modules()]
    return render_settings(request, MODULES, "settings/modules.html", {"rows": rows})


@require_POST
def switch(request: HttpRequest, workspace: str, key: str, way: str) -> HttpResponse:
    """Switch a module on or off. The sidebar changes with it, so the page is loaded anew."""
    ctx = context_of(request)
    try:
        with transaction.atomic():
            switch_module(ctx, key, is_on=way == "on")
    except RuleViolation as rule:
        return refused(rule)
    if not request.headers.get("HX-Request"):
        return HttpResponseRedirect(f"/w/{ctx.tenant.slug}/settings/{MODULES.path}")
    response = with_events(HttpResponse(), toast={"text": gettext("Saved."), "kind": "good"})
    response["HX-Refresh"] = "true"
    return response
