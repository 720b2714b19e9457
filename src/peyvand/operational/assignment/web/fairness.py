"""The report on fairness: each person's part in what a rule gave out, and the records behind every figure."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from peyvand.kernel import clock
from peyvand.kernel.errors import NotFound
from peyvand.operational.assignment.fairness import given_to, parts
from peyvand.operational.assignment.models import AssignmentRule
from peyvand.operational.assignment.reasons import why
from peyvand.operational.assignment.rules import kind_named
from peyvand.operational.assignment.web.pages import ASSIGNMENT
from peyvand.platform.access.decisions import demand
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import Ref, whole_id
from peyvand.platform.identity.models import User
from peyvand.platform.objects.references import titled
from peyvand.web.components.tags import say
from peyvand.web.objects.resolve import address
from peyvand.web.shell.middleware import context_of
from peyvand.web.shell.navigation import here
from peyvand.web.shell.settings_pages import render_settings

PERIODS: Final = (7, 30, 90, 365)
MOST: Final = 500


@require_GET
def fairness(request: HttpRequest, workspace: str) -> HttpResponse:
    """One rule's report; without a choice that of the first."""
    ctx = context_of(request)
    demand(ctx.actor, ASSIGNMENT.operation)
    rules = list(AssignmentRule.objects.filter(deleted_at__isnull=True).order_by("object", "position", "id"))
    asked = whole_id(request.GET.get("rule"))
    rule = next((each for each in rules if each.id == asked), rules[0] if rules else None)
    days, since, until = _period(request)
    found = parts(ctx, rule, since, until) if rule else []
    return render_settings(request, ASSIGNMENT, "assignment/fairness.html", {
        "rules": rules, "rule": rule, "days": days, "periods": PERIODS, "parts": found,
        "base": here(ctx, "settings/assignment"),
    })  # fmt: skip


@require_GET
def given(request: HttpRequest, workspace: str, rule: int, user: int) -> HttpResponse:
    """What a rule gave to one person, each record with the reason."""
    ctx = context_of(request)
    demand(ctx.actor, ASSIGNMENT.operation)
    found = AssignmentRule.objects.filter(id=rule, deleted_at__isnull=True).first()
    person = User.objects.filter(id=user).first()
    if found is None or person is None:
        raise NotFound
    days, since, until = _period(request)
    lines = _lines(ctx, found, user, since, until)
    return render_settings(request, ASSIGNMENT, "assignment/given.html", {
        "rule": found, "person": person, "lines": lines, "days": days, "is_cut": len(lines) == MOST,
        "base": here(ctx, "settings/assignment"),
    })  # fmt: skip


def _lines(
    ctx: Context, rule: AssignmentRule, user: int, since: datetime, until: datetime
) -> list[dict[str, Any]]:
    spec = kind_named(rule.object)
    entries = given_to(rule, user, since, until, MOST)
    names = titled(ctx.actor, (Ref(spec.key, entry.object_id, "") for entry in entries))
    return [
        {
            "entry": entry,
            "why": say(why(entry.why)),
            "title": ref.title if (ref := names.get((spec.key, entry.object_id))) else "",
            "place": f"{address(ctx, spec, entry.object_id)}/" if ref else "",
        }
        for entry in entries
    ]


def _period(request: HttpRequest) -> tuple[int, datetime, datetime]:
    asked = whole_id(request.GET.get("days"))
    days = asked if asked in PERIODS else 30
    now = clock.now()
    return days, now - timedelta(days=days), now
