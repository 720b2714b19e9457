"""The settings about discounts: how much each role may give."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_http_methods

from peyvand.kernel.errors import Invalid
from peyvand.operational.quotes.limits import LIMIT, limits, set_limits
from peyvand.operational.quotes.web.pages import LIMITS
from peyvand.platform.access.decisions import demand
from peyvand.web.components.inputs import labelled
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
    inputs = [
        {"role": role, **labelled(LIMIT, raw.get(role.key, percent), problems, ctx.reader, name=role.key)}
        for role, percent in known
    ]
    context = {"inputs": inputs}
    return render_settings(request, LIMITS, "quotes/limits.html", context, status=422 if problems else 200)
