"""The manager's view: people as rows, deals that stand still, where they do, and how all went over time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from peyvand.kernel import clock
from peyvand.kernel.errors import NotAllowed, msg
from peyvand.kernel.persian.calendar import calendar_of, period, shift
from peyvand.operational.activities.public import CALL, MEETING, TASK
from peyvand.operational.numbering.public import calendar_here
from peyvand.operational.sales.public import DEAL, Pipeline
from peyvand.operational.targets.funnel import bottleneck, funnel
from peyvand.operational.targets.hooks import period_of
from peyvand.operational.targets.outcomes import WAYS, Figures, outcomes
from peyvand.operational.targets.periods import Span, name_of
from peyvand.operational.targets.team import Member, board, may_look, people_of, stalled, weeks
from peyvand.operational.targets.web.reports import drawn, may_see_funnel
from peyvand.operational.targets.web.tabs import pages
from peyvand.platform.access.decisions import demand
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import whole_id
from peyvand.web.objects.lists.links import list_url
from peyvand.web.shell.middleware import context_of
from peyvand.web.shell.navigation import Screen, here, register_screen

TEAM = register_screen(
    Screen("team-board", _("My team"), "users", "reports/team", opens=lambda ctx: may_look(ctx.actor))
)
MONTHS = 12


@dataclass(frozen=True)
class Line:
    """One person and where each of their figures leads; ``balance`` the share of the most active one's activities."""

    of: Member
    balance: float
    urls: dict[str, str]
    url: str
    is_chosen: bool


@dataclass(frozen=True)
class Column:
    """One month: what was won in it, and the share of the best month."""

    figures: Figures
    share: float
    url: str


@require_GET
def team(request: HttpRequest, workspace: str) -> HttpResponse:
    """``?person=`` one of the team, whose months are shown instead of everybody's."""
    ctx = context_of(request)
    demand(ctx.actor, "deal.view")
    if not may_look(ctx.actor):
        raise NotAllowed(msg("You have no team to look at."))
    today, calendar = clock.today(ctx.tenant.tz), calendar_here()
    start, end = period_of("quarter", today, calendar)
    quarter = Span("own", calendar, start, end)
    people = people_of(ctx.actor)
    members = board(ctx.actor, people, quarter, calendar_of(ctx.actor.language))
    names = dict(people)
    chosen = whole_id(request.GET.get("person", ""))
    chosen = chosen if chosen in names else 0
    shows_money = not ctx.actor.grants.hides(DEAL.key) & {"amount", "weighted"}
    most = max((m.activities for m in members), default=0) or 1
    first = shift(period("month", today, calendar)[0], 1 - MONTHS, "month", calendar)
    year = Span("own", calendar, first, period("month", today, calendar)[1])
    months, _total = outcomes(ctx.actor, WAYS["month"], year, owners=[chosen] if chosen else list(names))
    whose = [chosen] if chosen else list(names)

    def leads(month: Figures) -> tuple[str, str]:
        url = _month_url(ctx, month, whose)
        return url, url

    best = max((_height(m, shows_money) for m in months), default=0) or 1
    slow = _bottleneck(ctx) if may_see_funnel(ctx) else None
    return render(request, "targets/team.html", {
        "pages": pages(ctx, TEAM), "quarter": name_of("quarter", start, calendar, ctx.actor.language), "shows_money": shows_money,
        "lines": [
            Line(m, m.activities / most, _urls(ctx, m, quarter), f"?{urlencode({'person': m.id})}", m.id == chosen) for m in members
        ],
        "stalled": stalled(ctx.actor, names), "deals": here(ctx, "deals/"), "chosen": names.get(chosen, ""), "slow": slow,
        "months": [Column(m, _height(m, shows_money) / best, _month_url(ctx, m, whose)) for m in months],
        "chart": drawn(months, leads, of=gettext("Month"), shows_money=shows_money, today=today),
    })  # fmt: skip


def _height(month: Figures, shows_money: bool) -> int:
    return max(0, month.won_amount or 0) if shows_money else month.won


def _bottleneck(ctx: Context) -> Any:
    """The stage of the default pipeline in which deals stayed longest in the last ninety days."""
    pipeline = (
        Pipeline.objects.filter(deleted_at__isnull=True).order_by("-is_default", "position", "id").first()
    )
    if pipeline is None:
        return None
    today = clock.today(ctx.tenant.tz)
    steps = funnel(
        ctx.actor,
        pipeline.id,
        Span("own", calendar_here(), today - timedelta(days=90), today + timedelta(days=1)),
    )
    slowest = bottleneck(steps)
    return next((step for step in steps if step.stage == slowest), None)


def _urls(ctx: Context, member: Member, quarter: Span) -> dict[str, str]:
    owner = {"field": "owner", "op": "is", "value": str(member.id)}
    is_open, won = ({"field": "status", "op": "is", "value": value} for value in ("open", "won"))
    _before, this, after = weeks(clock.today(ctx.tenant.tz), calendar_of(ctx.actor.language))
    within = {"op": "between", "value": [this.isoformat(), (after - timedelta(days=1)).isoformat()]}
    return {
        "open": list_url(ctx, DEAL, owner, is_open),
        "won": list_url(ctx, DEAL, owner, won, *quarter.condition("closed_on")),
        "ahead": list_url(ctx, DEAL, owner, is_open, *quarter.condition("expected_on")),
        "stepless": list_url(ctx, DEAL, owner, is_open, {"field": "next_activity_at", "op": "empty"}),
        "overdue": list_url(ctx, TASK, owner, is_open, {"field": "due_at", "op": "before", "value": clock.now().isoformat()}),
        "call": list_url(ctx, CALL, owner, {**within, "field": "started_at"}),
        "meeting": list_url(ctx, MEETING, owner, {"field": "status", "op": "is", "value": "held"}, {**within, "field": "starts_at"}),
        "task": list_url(ctx, TASK, owner, {"field": "status", "op": "is", "value": "done"}, {**within, "field": "done_at"}),
    }  # fmt: skip


def _month_url(ctx: Context, month: Figures, people: list[int]) -> str:
    owners = {"field": "owner", "op": "in", "value": [str(id) for id in people]}
    won = {"field": "status", "op": "is", "value": "won"}
    return list_url(ctx, DEAL, owners, won, *(month.span.condition("closed_on") if month.span else ()))
