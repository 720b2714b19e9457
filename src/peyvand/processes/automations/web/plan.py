"""The page of an automation: what it does, the records it came to, and what it changed."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlencode

from django.db import transaction
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from peyvand.kernel.errors import Conflict, Invalid, NotFound, RuleViolation
from peyvand.platform.access.decisions import decide, visible
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import Ref
from peyvand.platform.objects.queries import load_record
from peyvand.platform.objects.records import delete_records
from peyvand.platform.objects.references import titled
from peyvand.platform.objects.spec import find_object
from peyvand.processes.automations import models as m
from peyvand.processes.automations.actions import begin, begin_with, move_step, pause
from peyvand.processes.automations.effects import effect_of
from peyvand.processes.automations.fields import RUN_STATES
from peyvand.processes.automations.models import Automation, AutomationRun
from peyvand.processes.automations.objects import AUTOMATION, RUN, STEP
from peyvand.processes.automations.ready import ready_ones
from peyvand.processes.automations.rules import in_the_way, steps_of
from peyvand.processes.automations.trial import trial
from peyvand.processes.automations.web.words import points_in_words, step_lines, verdict_in_words, when
from peyvand.web.components.tags import say
from peyvand.web.objects.lists.links import list_url
from peyvand.web.objects.resolve import address, spec_for
from peyvand.web.shell.middleware import context_of
from peyvand.web.shell.navigation import here

TABS: Final = ("does", "records", "effect")
SHOWN: Final = 50


@require_GET
def plan(request: HttpRequest, workspace: str, id: int) -> HttpResponse:
    """One part of the page; without a choice what it does."""
    return _drawn(request, id)


@require_POST
def switch(request: HttpRequest, workspace: str, id: int) -> HttpResponse:
    """Switch an automation on, or let it rest."""
    ctx = context_of(request)
    one = load_record(AUTOMATION, ctx.actor, id)
    try:
        with transaction.atomic():
            (pause if one.state == m.ACTIVE else begin)(ctx, one)
    except (Invalid, RuleViolation, Conflict) as error:
        return _drawn(request, id, say(error.message))
    return HttpResponseRedirect(here(ctx, f"{AUTOMATION.plural}/{id}/plan"))


@require_POST
def change(request: HttpRequest, workspace: str, id: int, step: int, way: str) -> HttpResponse:
    """Let a step change places with its neighbour (``way``: up or down), or throw it away (remove)."""
    ctx = context_of(request)
    found = load_record(STEP, ctx.actor, step)
    if found.automation_id != id or way not in ("up", "down", "remove"):
        raise NotFound
    try:
        with transaction.atomic():
            if way == "remove":
                delete_records(ctx, STEP, [found])
            else:
                move_step(ctx, found, way=way)
    except RuleViolation as error:
        return _drawn(request, id, say(error.message))
    return HttpResponseRedirect(here(ctx, f"{AUTOMATION.plural}/{id}/plan"))


@require_http_methods(["GET", "HEAD", "POST"])
def ready(request: HttpRequest, workspace: str) -> HttpResponse:
    """Ready automations; POST makes a draft of one, which opens."""
    ctx = context_of(request)
    spec_for(ctx, AUTOMATION.plural, "create")
    if request.method == "POST":
        key = request.POST.get("ready", "")
        if key not in ready_ones():
            raise NotFound
        made = begin_with(ctx, ready=key)
        return HttpResponseRedirect(here(ctx, f"{AUTOMATION.plural}/{made.id}/plan"))
    context = {"ready": list(ready_ones().items()), "list": here(ctx, f"{AUTOMATION.plural}/")}
    return render(request, "automations/ready.html", context)


def _drawn(request: HttpRequest, id: int, problem: str = "") -> HttpResponse:
    ctx = context_of(request)
    one = load_record(AUTOMATION, ctx.actor, id)
    tab = request.GET.get("tab", "")
    tab = tab if tab in TABS else TABS[0]
    place = here(ctx, f"{AUTOMATION.plural}/{id}/plan")
    may_change = bool(decide(ctx.actor, "automation_step.update")) and bool(decide(ctx.actor, "automation.update", one))  # fmt: skip
    parts = {"does": _does, "records": _records, "effect": _effect}[tab](ctx, one, place)
    return render(request, "automations/plan.html", {
        "one": one, "tab": tab, "tab_template": f"automations/_{tab}.html", "place": place, "url": here(ctx, f"{AUTOMATION.plural}/{id}/"),
        "problem": problem, "may_change": may_change, "state": AUTOMATION.field("state").show(one.state, ctx.reader), **parts,
    }, status=422 if problem else 200)  # fmt: skip


def _does(ctx: Context, one: Automation, place: str) -> dict[str, Any]:
    steps, spec = steps_of([one.id])[one.id], find_object(one.object)
    tried = trial(ctx, one)
    return {
        "when": when(ctx, one), "problems": [say(why) for why in in_the_way(one, steps)], "spec": spec,
        "steps": [
            {**step_lines(ctx, s), "edit": f"{here(ctx, f'{STEP.plural}/{s.id}/edit')}?{urlencode({'next': place})}"} for s in steps
        ],
        "new": f"{here(ctx, f'{STEP.plural}/new')}?{urlencode({'automation': one.id, 'next': place})}",
        "edit": f"{here(ctx, f'{AUTOMATION.plural}/{one.id}/edit')}?{urlencode({'next': place})}",
        "trial": tried, "tried": [(f"{address(ctx, spec, id)}/", title) for id, title in tried.records] if spec else [],
    }  # fmt: skip


def _records(ctx: Context, one: Automation, place: str) -> dict[str, Any]:
    runs = visible(ctx.actor, RUN.key, AutomationRun.objects.filter(automation=one))
    counts = dict(runs.order_by().values_list("state").annotate(n=Count("id")))
    some = list(runs.order_by("-id")[:SHOWN])
    names = titled(ctx.actor, (Ref(run.about_object, run.about_id or 0, "") for run in some))
    states = {option.key: option for option in RUN_STATES}
    return {
        "counts": [(option, counts.get(option.key, 0), _rows(ctx, one, option.key)) for option in RUN_STATES],
        "rows": [
            {
                "run": run, "state": states[run.state], "title": ref.title if (ref := names.get((run.about_object, run.about_id or 0))) else "",
                "url": f"{address(ctx, spec, run.about_id)}/" if ref and (spec := find_object(run.about_object)) else "",
                "again": here(ctx, f"{RUN.plural}/{run.id}/do/again") if run.state in (m.REFUSED, m.PARTLY) else "",
            }
            for run in some
        ],
        "all": _rows(ctx, one, ""),
    }  # fmt: skip


def _rows(ctx: Context, one: Automation, state: str) -> str:
    asked: list[Any] = [{"field": "automation", "op": "is", "value": str(one.id)}]
    if state:
        asked.append({"field": "state", "op": "is", "value": state})
    return list_url(ctx, RUN, *asked)


def _effect(ctx: Context, one: Automation, place: str) -> dict[str, Any]:
    effect = effect_of([one.id]).get(one.id)
    waiting = AutomationRun.objects.filter(automation=one, came=None, until__isnull=False).count()
    return {
        "effect": effect, "points": points_in_words(ctx, effect) if effect else (), "is_set_up": one.is_measured and one.held_out > 0,
        "verdict": verdict_in_words(ctx, effect) if effect else "", "waiting": waiting,
        "edit": f"{here(ctx, f'{AUTOMATION.plural}/{one.id}/edit')}?{urlencode({'next': f'{place}?tab=effect'})}",
    }  # fmt: skip
