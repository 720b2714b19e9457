"""How good the data is: all objects at a glance, one in detail, what is asked of it, and reckoning anew."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from peyvand.administration.quality.actions import UNDER_WAY, begin_reckoning, change_rules
from peyvand.administration.quality.asking import may_ask
from peyvand.administration.quality.measures import (
    MANAGE,
    MOST_MONTHS,
    MOST_WEIGHT,
    can_tell,
    open_objects,
    rules_of,
    usual,
    usual_months,
)
from peyvand.administration.quality.queries import asked_lines, field_lines, last_run, lines, object_line
from peyvand.administration.quality.web import QUALITY
from peyvand.kernel.errors import Invalid, NotFound
from peyvand.kernel.persian.text import to_ascii_digits
from peyvand.platform.access.decisions import decide, demand
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import whole_id
from peyvand.platform.objects.spec import ObjectSpec
from peyvand.web.components.tags import say
from peyvand.web.objects.pages.answers import with_events
from peyvand.web.shell.middleware import context_of
from peyvand.web.shell.settings_pages import render_settings

LEFT_OUT = "out"


@require_GET
def overview(request: HttpRequest, workspace: str) -> HttpResponse:
    """Every object that the actor sees all records of, with its score."""
    ctx = _asked(request)
    return render_settings(request, QUALITY, "quality/overview.html", {**_common(ctx), "lines": lines(ctx)})


@require_http_methods(["GET", "HEAD", "POST"])
def detail(request: HttpRequest, workspace: str, key: str) -> HttpResponse:
    """One object field by field, and what is asked of it; POST changes that."""
    ctx = _asked(request)
    spec = _spec(ctx, key)
    wrong: list[str] = []
    if request.method == "POST":
        demand(ctx.actor, MANAGE)
        try:
            with transaction.atomic():
                change_rules(ctx, spec.key, *_read(ctx, spec, request))
                begin_reckoning(ctx)
        except Invalid as error:
            wrong = [say(problem.message) for problem in error.problems]
        else:
            return HttpResponseRedirect(request.path)
    line = object_line(ctx, spec)
    context = {
        **_common(ctx), "spec": spec, "line": line, "fields": field_lines(ctx, spec, line.score), "wrong": wrong,
        "asks": may_ask(ctx.actor, spec), "months": rules_of(spec).months, "usual_months": usual_months(spec),
        "asked": [
            {"field": field, "asked": asked, "can_tell": can_tell(field)} for field, asked in asked_lines(ctx, spec)
        ],
        "weights": range(MOST_WEIGHT + 1), "most_months": MOST_MONTHS,
    }  # fmt: skip
    return render_settings(request, QUALITY, "quality/detail.html", context, status=422 if wrong else 200)


@require_POST
def reckon(request: HttpRequest, workspace: str) -> HttpResponse:
    """Measure everything now."""
    ctx = context_of(request)
    begin_reckoning(ctx)
    back = request.POST.get("back", "")
    place = back if any(back == spec.key for spec in open_objects(ctx.actor)) else ""
    return HttpResponseRedirect(f"{_base(ctx)}/{place}/" if place else _base(ctx))


@require_GET
def progress(request: HttpRequest, workspace: str) -> HttpResponse:
    """How far the reckoning is; at its end the whole screen is fetched anew."""
    ctx = _asked(request)
    run = last_run()
    response = render(request, "quality/_progress.html", _common(ctx))
    if run is None or run.state not in UNDER_WAY:
        response["HX-Refresh"] = "true"
        return with_events(response, toast={"text": gettext("The figures are up to date."), "kind": "good"})
    return response


def _asked(request: HttpRequest) -> Context:
    ctx = context_of(request)
    demand(ctx.actor, QUALITY.operation)
    return ctx


def _spec(ctx: Context, key: str) -> ObjectSpec:
    found = next((spec for spec in open_objects(ctx.actor) if spec.key == key), None)
    if found is None:
        raise NotFound
    return found


def _base(ctx: Context) -> str:
    return f"/w/{ctx.tenant.slug}/settings/{QUALITY.path}"


def _common(ctx: Context) -> dict[str, Any]:
    run = last_run()
    working = next((s for s in open_objects(ctx.actor) if run and s.key == run.object), None)
    return {
        "base": _base(ctx), "run": run, "is_running": run is not None and run.state in UNDER_WAY,
        "working": working, "may_manage": bool(decide(ctx.actor, MANAGE)),
    }  # fmt: skip


def _read(
    ctx: Context, spec: ObjectSpec, request: HttpRequest
) -> tuple[int | None, dict[str, dict[str, Any]]]:
    """Months, and of each field what is not as usual; fields out of the actor's sight stay as they are."""
    kept = rules_of(spec).fields
    shown = [field for field, _asked in asked_lines(ctx, spec)]
    said_of = {key: rule for key, rule in kept.items() if key not in {f.key for f in shown}}
    for field in shown:
        chosen = request.POST.get(f"weight-{field.key}", "")
        weight = (
            None if chosen == LEFT_OUT else int(chosen) if chosen.isdecimal() and len(chosen) == 1 else -1
        )
        rule = {"weight": weight, "is_key": f"key-{field.key}" in request.POST}
        ordinary = usual(spec, field)
        if rule != {"weight": ordinary.weight, "is_key": ordinary.is_key}:
            said_of[field.key] = rule
    text = to_ascii_digits(request.POST.get("months", "").strip())
    return (whole_id(text) if text else None), said_of
