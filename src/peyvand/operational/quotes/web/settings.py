"""The settings about discounts: how much each role may give."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_http_methods

from peyvand.kernel.errors import Invalid
from peyvand.operational.quotes.limits import LIMIT, limits, set_limits
from peyvand.operational.quotes.web import LIMITS
from peyvand.platform.access.decisions import demand
from peyvand.web.components.inputs import control_id, render_input
from peyvand.web.shell.middleware import context_of
from peyvand.web.shell.settings_pages import render_settings


@require_http_methods(["GET", "HEAD", "POST"])
def discounts(request: HttpRequest, workspace: str) -> HttpResponse:
    """Every role with its limit; POST changes them."""
    ctx = context_of(request)
    demand(ctx.actor, LIMITS.operation)
    known = limits()
    raw: dict[str, Any] = {}
    problems: tuple[Any, ...] = ()
    if request.method == "POST":
        raw = {role.key: request.POST[role.key] for role, _ in known if role.key in request.POST}
        try:
            with transaction.atomic():
                set_limits(ctx, limits=raw)
            return HttpResponseRedirect(request.path)
        except Invalid as error:
            problems = error.problems
    inputs = []
    for role, percent in known:
        own = [p for p in problems if p.field == role.key]
        control = render_input(
            LIMIT, raw.get(role.key, percent), name=role.key, problems=own, reader=ctx.reader
        )
        inputs.append({"role": role, "control": control, "id": control_id(role.key), "is_wrong": bool(own)})
    context = {"inputs": inputs}
    return render_settings(request, LIMITS, "quotes/limits.html", context, status=422 if problems else 200)
