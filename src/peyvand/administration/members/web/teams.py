"""The tree of teams. Forms and the bin are those of every object."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from peyvand.administration.members.web import TEAMS
from peyvand.administration.members.web.users import teams_of
from peyvand.platform.access.decisions import demand
from peyvand.web.shell.middleware import context_of
from peyvand.web.shell.settings_pages import render_settings


@require_GET
def teams(request: HttpRequest, workspace: str) -> HttpResponse:
    """All teams; with ``part`` only the list, for it follows changes."""
    ctx = context_of(request)
    demand(ctx.actor, TEAMS.operation)
    context = {"rows": teams_of(ctx)}
    if "part" in request.GET:
        return render(request, "members/_teams.html", context)
    return render_settings(request, TEAMS, "members/teams.html", context)
