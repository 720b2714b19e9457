"""The rules, trying them out, switching them on; records on hold."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from peyvand.administration.retention.actions import (
    HOLD,
    hold_record,
    lift_hold,
    remove_rule,
    rules_for,
    run_now,
    save_rule,
    switch_off,
    switch_on,
)
from peyvand.administration.retention.jobs import HOUR, MINUTE
from peyvand.administration.retention.models import RetentionHold, RetentionRule, RetentionRun
from peyvand.administration.retention.preview import Preview, preview
from peyvand.administration.retention.rules import (
    DEEDS,
    kept_objects,
    knows_all,
    mark_of,
    moments_of,
)
from peyvand.administration.retention.running import STOPPED, UNDER_WAY
from peyvand.administration.retention.standing import SWITCH_ON, demand_known, obstacle, takers
from peyvand.administration.retention.web import RETENTION
from peyvand.administration.retention.web.forms import offered, read, values_of
from peyvand.kernel import clock
from peyvand.kernel.conditions import parse
from peyvand.kernel.errors import Conflict, Invalid, Message, NotFound, RuleViolation
from peyvand.kernel.numbers import format_number
from peyvand.platform.access.decisions import decide, demand
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import Ref
from peyvand.platform.objects.filters import may_know
from peyvand.platform.objects.queries import load_record
from peyvand.platform.objects.references import titled
from peyvand.platform.objects.spec import ObjectSpec, find_object
from peyvand.web.components.tags import say
from peyvand.web.objects.lists.filters import Sayer
from peyvand.web.objects.pages.answers import moved
from peyvand.web.objects.resolve import address
from peyvand.web.shell.middleware import context_of
from peyvand.web.shell.settings_pages import render_settings

NIGHTS, HOLDS = 20, 100
# The fields of the form that have a place for what is wrong with them.
FIELDS = ("name", "months", "since", "deed", "condition")
USUAL = {"since": "untouched", "months": 24, "deed": "bin", "name": "", "condition": None}
MENDABLE = (Invalid, RuleViolation, Conflict)


@require_GET
def listed(request: HttpRequest, workspace: str) -> HttpResponse:
    """Every rule with its last night, and the records on hold."""
    return _listed(request)


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest, workspace: str) -> HttpResponse:
    """Choose the object, then say the rule; POST makes it and shows what it would do."""
    ctx = _asked(request)
    specs = kept_objects(ctx.actor)
    spec = next((s for s in specs if s.key == request.GET.get("object")), None)
    if spec is None:
        return render_settings(
            request, RETENTION, "retention/choose.html", {"base": _base(ctx), "specs": specs}
        )
    if request.method != "POST":
        return _form(request, ctx, spec, USUAL)
    return _saved(request, ctx, spec, None)


@require_http_methods(["GET", "HEAD", "POST"])
def rule(request: HttpRequest, workspace: str, id: int) -> HttpResponse:
    """One rule's form; POST changes it, which switches it off."""
    ctx = _asked(request)
    found, spec = _rule(ctx, id)
    if request.method != "POST":
        return _form(request, ctx, spec, values_of(found), found)
    return _saved(request, ctx, spec, found)


@require_GET
def trial(request: HttpRequest, workspace: str, id: int) -> HttpResponse:
    """What the rule would do tonight; only from here it is switched on."""
    ctx = _asked(request)
    found, spec = _rule(ctx, id)
    try:
        shown = preview(ctx, found)
    except Invalid as error:
        return _listed(request, say(error.message))
    rows = f"{address(ctx, spec)}/"
    context = {
        "base": _base(ctx), "rule": found, "line": _line(ctx, found), "preview": shown, "spec": spec, "rows": rows,
        "refused": [(say(message), count) for message, count in shown.refused],
        "may_switch": bool(decide(ctx.actor, SWITCH_ON)), "asked": _asked_of(ctx, found, shown),
        "mark": mark_of(found), "nights": [_told(run) for run in RetentionRun.objects.filter(rule=found).order_by("-id")[:NIGHTS]],
    }  # fmt: skip
    return render_settings(request, RETENTION, "retention/trial.html", context)


@require_POST
def act(request: HttpRequest, workspace: str, id: str, verb: str) -> HttpResponse:
    """Switch a rule on or off, have it work now, or remove it."""
    ctx = _asked(request)
    verbs: dict[str, Callable[[Context, int], object]] = {
        "on": lambda ctx, id: switch_on(ctx, id, request.POST.get("seen", "")), "off": switch_off, "run": run_now, "remove": remove_rule,
    }  # fmt: skip
    try:
        with transaction.atomic():
            verbs[verb](ctx, int(id))
    except MENDABLE as error:
        return _listed(request, say(error.message))
    return HttpResponseRedirect(_base(ctx))


@require_http_methods(["GET", "HEAD", "POST"])
def hold(request: HttpRequest, workspace: str, key: str, id: int) -> HttpResponse:
    """The dialog that puts a record on hold, or lifts the hold."""
    ctx = context_of(request)
    demand(ctx.actor, HOLD)
    spec = find_object(key)
    if spec is None or not spec.has_bin:
        raise NotFound
    record = load_record(spec, ctx.actor, id)
    stands = RetentionHold.objects.filter(object=key, object_id=id).first()
    context: dict[str, Any] = {
        "record": record,
        "title": getattr(record, spec.title),
        "hold": stands,
        "problems": [],
    }
    if request.method != "POST":
        return render(request, "retention/hold.html", context)
    page = f"{address(ctx, spec, id)}/"
    if "lift" in request.POST:
        lift_hold(ctx, key, id)
        return moved(request, page, gettext("The hold is lifted."))
    try:
        with transaction.atomic():
            hold_record(ctx, key, id, request.POST.get("reason", ""))
    except Invalid as error:
        context["problems"] = [say(problem.message) for problem in error.problems]
        return render(request, "retention/hold.html", context, status=422)
    return moved(request, page, gettext("No rule touches this record now."))


def _listed(request: HttpRequest, problem: str = "") -> HttpResponse:
    ctx = _asked(request)
    context = {
        "base": _base(ctx), "lines": [_line(ctx, each) for each in rules_for(ctx)], "problem": problem,
        "may_switch": bool(decide(ctx.actor, SWITCH_ON)), "holds": _holds(ctx), "may_hold": bool(decide(ctx.actor, HOLD)),
    }  # fmt: skip
    return render_settings(
        request, RETENTION, "retention/listed.html", context, status=422 if problem else 200
    )


def _saved(request: HttpRequest, ctx: Context, spec: ObjectSpec, old: RetentionRule | None) -> HttpResponse:
    values = read(ctx, spec, request)
    try:
        with transaction.atomic():
            kept = save_rule(ctx, values, old.id if old else None)
    except MENDABLE as error:
        return _form(request, ctx, spec, values, old, error)
    # Whoever saves a rule sees at once what it would do.
    return HttpResponseRedirect(f"{_base(ctx)}/{kept.id}/trial")


def _form(
    request: HttpRequest, ctx: Context, spec: ObjectSpec, values: Any, old: RetentionRule | None = None, error: Any = None
) -> HttpResponse:  # fmt: skip
    problems = error.problems if isinstance(error, Invalid) else ()
    shown = (
        values if not problems or isinstance(values.get("condition"), dict) else {**values, "condition": None}
    )
    wrong = {p.field: say(p.message) for p in problems if p.field in FIELDS}
    # What a field says stands beneath it.
    loose = [say(p.message) for p in problems if p.field not in FIELDS]
    context = {
        "base": _base(ctx), "rule": old, **offered(ctx, spec, shown), "wrong": wrong,
        "problems": loose or ([say(error.message)] if error and not wrong else []),
    }  # fmt: skip
    return render_settings(request, RETENTION, "retention/form.html", context, status=422 if error else 200)


def _line(ctx: Context, rule: RetentionRule) -> dict[str, Any]:
    """A rule in words, with its last night and its next."""
    spec = find_object(rule.object)
    moments = moments_of(spec) if spec else {}
    last = RetentionRun.objects.filter(rule=rule).order_by("-id").first()
    is_gone = spec is None or rule.since not in moments
    is_hidden = spec is not None and not knows_all(ctx.actor, spec, rule)
    moment = moments.get(rule.since, "")
    if spec is not None and not may_know(ctx.actor, spec, rule.since):
        moment = gettext("a date that is hidden from your role")
    why = None if is_gone else _stopped(ctx, rule, last)
    return {
        "rule": rule, "spec": spec, "moment": moment, "deed": DEEDS[rule.deed], "is_gone": is_gone, "is_hidden": is_hidden,
        "where": "" if is_hidden else _where(ctx, spec, rule), "last": _told(last) if last else None, "next": _next_night(),
        "stopped": say(why) if why else "", "takers": takers(ctx.tenant, rule) if why else [],
    }  # fmt: skip


def _asked_of(ctx: Context, rule: RetentionRule, shown: Preview) -> str:
    """What is asked before a rule is switched on: which rule, what it does, with how many records."""
    words = ngettext(
        "Switch on “%(name)s”? From tonight on, every night: %(deed)s. %(count)s record is due now.",
        "Switch on “%(name)s”? From tonight on, every night: %(deed)s. %(count)s records are due now.",
        shown.count,
    )
    count = format_number(shown.count, ctx.reader.language) + ("+" if shown.is_more else "")
    return words % {"name": rule.name, "deed": DEEDS[rule.deed], "count": count}


def _stopped(ctx: Context, rule: RetentionRule, last: RetentionRun | None) -> Message | None:
    """Why a rule that somebody switched on works no more: what stands in its way, or what its last night came upon."""
    if rule.is_on:
        return obstacle(ctx.tenant, rule)
    if (
        last is None
        or rule.switched_at is None
        or last.state != STOPPED
        or last.started_at < rule.switched_at
    ):
        return None
    # What stopped it is told last, and of no records.
    reason = last.reasons[-1] if last.reasons else None
    return Message(reason["template"], dict(reason["params"])) if reason and not reason["count"] else None


def _where(ctx: Context, spec: ObjectSpec | None, rule: RetentionRule) -> str:
    """The condition in words."""
    if not rule.condition or spec is None:
        return ""
    try:
        condition = parse(rule.condition, spec.condition_schema)
    except Invalid:
        return gettext("a condition that can no longer be read")
    return Sayer(ctx, spec, condition)(condition)


def _told(run: RetentionRun) -> dict[str, Any]:
    reasons = [(say(Message(r["template"], dict(r["params"]))), r["count"]) for r in run.reasons]
    return {"run": run, "reasons": reasons, "is_under_way": run.state in UNDER_WAY}


def _holds(ctx: Context) -> list[dict[str, Any]]:
    found = list(RetentionHold.objects.select_related("user").order_by("-at")[:HOLDS])
    names = titled(ctx.actor, (Ref(h.object, h.object_id, "") for h in found))
    out = []
    for each in found:
        spec, ref = find_object(each.object), names.get((each.object, each.object_id))
        if spec is not None and ref is not None:
            out.append(
                {"hold": each, "spec": spec, "title": ref.title, "place": f"{address(ctx, spec, ref.id)}/"}
            )
    return out


def _next_night() -> datetime:
    now = clock.now().astimezone(UTC)
    tonight = now.replace(hour=HOUR, minute=MINUTE, second=0, microsecond=0)
    return tonight if tonight > now else tonight + timedelta(days=1)


def _rule(ctx: Context, id: int) -> tuple[RetentionRule, ObjectSpec]:
    found = next((each for each in rules_for(ctx) if each.id == id), None)
    spec = find_object(found.object) if found else None
    if found is None or spec is None:
        raise NotFound
    demand_known(ctx.actor, spec, found)
    return found, spec


def _asked(request: HttpRequest) -> Context:
    ctx = context_of(request)
    demand(ctx.actor, RETENTION.operation)
    return ctx


def _base(ctx: Context) -> str:
    return f"/w/{ctx.tenant.slug}/settings/{RETENTION.path}"
