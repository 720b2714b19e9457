"""The settings' page about assignment: every rule in words, and whether it can work."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from peyvand.kernel import clock
from peyvand.operational.assignment.models import AssignmentEntry, AssignmentRule
from peyvand.operational.assignment.objects import RULE, SKILL
from peyvand.operational.assignment.pools import seats_of
from peyvand.operational.assignment.web.pages import ASSIGNMENT
from peyvand.platform.access.decisions import demand
from peyvand.platform.actions.context import Context
from peyvand.platform.identity.models import User
from peyvand.platform.objects.spec import find_object
from peyvand.web.objects.lists.condition import in_words
from peyvand.web.shell.middleware import context_of
from peyvand.web.shell.navigation import here
from peyvand.web.shell.settings_pages import render_settings

LATELY: Final = timedelta(days=30)
NAMED: Final = 4


@require_GET
def rules(request: HttpRequest, workspace: str) -> HttpResponse:
    """Every rule in the order in which they are asked, by what they give out."""
    ctx = context_of(request)
    demand(ctx.actor, ASSIGNMENT.operation)
    found = list(AssignmentRule.objects.filter(deleted_at__isnull=True).order_by("object", "position", "id"))
    since = clock.now() - LATELY
    lately = (
        AssignmentEntry.objects.filter(at__gte=since, user__isnull=False).order_by().values_list("rule_id")
    )
    counts = dict(lately.annotate(n=Count("id")))
    seats = seats_of(found)
    names = dict(
        User.objects.filter(id__in={user for some in seats.values() for user in some}).values_list(
            "id", "name"
        )
    )
    return render_settings(request, ASSIGNMENT, "assignment/rules.html", {
        "lines": [_line(ctx, rule, names, seats[rule.id], counts.get(rule.id, 0)) for rule in found],
        "rules": here(ctx, f"{RULE.plural}/"), "skills": here(ctx, f"{SKILL.plural}/"), "next": request.path, "base": request.path,
    })  # fmt: skip


def _line(
    ctx: Context, rule: AssignmentRule, names: Mapping[int, str], seats: Mapping[int, Any], count: int
) -> dict[str, Any]:
    shown = [names[user] for user in seats if user in names]
    more = len(shown) - NAMED
    return {
        "rule": rule,
        "spec": find_object(rule.object),
        "where": in_words(ctx, RULE, rule),
        "pool": ctx.reader.comma.join(shown[:NAMED]),
        "more": max(0, more),
        "way": RULE.field("way").show(rule.way, ctx.reader),
        "at_work": RULE.field("at_work").show(rule.at_work, ctx.reader),
        "count": count,
    }
