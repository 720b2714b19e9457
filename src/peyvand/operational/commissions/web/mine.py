"""What I earn in a period, what it may still become, and what those I lead earn."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, cast
from urllib.parse import urlencode

from django.db.models import Sum
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from peyvand.kernel import clock
from peyvand.kernel.persian.calendar import Unit
from peyvand.operational.commissions.actions import reckon_all
from peyvand.operational.commissions.book import Book
from peyvand.operational.commissions.models import CommissionStatement
from peyvand.operational.commissions.objects import PLAN, STATEMENT, STATES
from peyvand.operational.commissions.policies import secret_bases
from peyvand.operational.commissions.reckoning import Line, Rate, Terms, next_step
from peyvand.operational.commissions.statements import UNITS
from peyvand.operational.numbering.public import calendar_here
from peyvand.operational.targets.public import UNITS as UNIT_LABELS
from peyvand.operational.targets.public import name_of, pages, period_of
from peyvand.platform.access.decisions import decide, demand, visible
from peyvand.platform.actions.context import Context
from peyvand.platform.identity.models import User
from peyvand.web.objects.pages.answers import page_url
from peyvand.web.shell.middleware import context_of
from peyvand.web.shell.navigation import Screen, here, register_screen

COMMISSIONS = register_screen(
    Screen(
        "commissions", _("Commission"), "gift", "reports/commissions", operation="commission_statement.view"
    )
)
KEPT = 12
# Of a large team the others stand in the list of statements; the sums are of all.
SHOWN = 200
# Beyond these years the Jalali calendar, or any, has no periods.
_EARLIEST, _LATEST = 1900, 2200


@dataclass(frozen=True)
class Step:
    """The next step of a plan: how much is missing, and what it pays."""

    plan: str
    missing: int
    rate: Rate
    sold: int


@dataclass(frozen=True)
class Mine:
    """My period: what was earned, what open deals may add, how far the next steps are. None: it is hidden from me."""

    earned: int
    expected: int
    count: int
    steps: list[Step]


@require_http_methods(["GET", "HEAD", "POST"])
def commissions(request: HttpRequest, workspace: str) -> HttpResponse:
    """``?unit=`` month, quarter or year, ``?at=`` any day of the period; this month otherwise. POST reckons all anew."""
    ctx = context_of(request)
    demand(ctx.actor, STATEMENT.permission("view"))
    if request.method == "POST":
        reckon_all(ctx)
        return HttpResponseRedirect(request.get_full_path())
    today = clock.today(ctx.tenant.tz)
    unit: Unit = next((u for u in UNITS if u == request.GET.get("unit")), "month")
    at = _day(request.GET.get("at", "")) or today
    start, end = period_of(unit, at, calendar_here())
    rows = visible(ctx.actor, STATEMENT.key, CommissionStatement.objects.filter(unit=unit))
    knows = not ctx.actor.grants.hides(STATEMENT.key) & {"amount", "earned", "corrections"}
    there = rows.filter(starts_on=start) if knows else rows.none()
    team = list(there.select_related("owner").order_by("owner__name", "id")[: SHOWN + 1])
    own = rows.filter(owner_id=ctx.actor.user_id).order_by("-starts_on") if knows else rows.none()
    states = {option.key: option for option in STATES}

    def choose(**changed: str) -> str:
        return f"?{urlencode({'unit': unit, 'at': start.isoformat(), **changed})}"

    def drawn(each: CommissionStatement) -> dict[str, Any]:
        return {"of": each, "url": page_url(ctx, STATEMENT, each.id), "state": states[each.status],
                "period": name_of(unit, each.starts_on, calendar_here(), ctx.actor.language)}  # fmt: skip

    others = [each for each in team if each.owner_id != ctx.actor.user_id]
    is_now = start <= today < end
    mine = _mine(ctx, unit, start, end) if is_now and knows and ctx.actor.user_id is not None else None
    return render(request, "commissions/mine.html", {
        "pages": pages(ctx, COMMISSIONS), "period": name_of(unit, start, calendar_here(), ctx.actor.language),
        "units": [{"label": o.label, "url": choose(unit=o.key, at=at.isoformat()), "is_current": o.key == unit} for o in UNIT_LABELS],
        "before": choose(at=(start - timedelta(days=1)).isoformat()), "after": choose(at=end.isoformat()),
        "now": f"?{urlencode({'unit': unit})}", "is_now": is_now,
        "mine": mine, "is_without": is_now and knows and mine is None and not secret_bases(ctx.actor),
        "kept": [drawn(each) for each in own[:KEPT]],
        "team": [drawn(each) for each in team[:SHOWN]] if others else [], "is_more": len(team) > SHOWN,
        "total": there.order_by().aggregate(**{key: Sum(key, default=0) for key in ("earned", "corrections", "amount")}),
        "statements": here(ctx, "commission-statements/"),
        "plans": here(ctx, "commission-plans/") if decide(ctx.actor, PLAN.permission("create")) else "",
        "may_reckon": bool(decide(ctx.actor, "commission_statement.reckon_all")),
        "knows": knows,
    })  # fmt: skip


def _mine(ctx: Context, unit: Unit, start: date, end: date) -> Mine | None:
    """What the actor has in a period that is under way, reckoned now."""
    me = cast(int, ctx.actor.user_id)
    book = Book(ctx.tenant, unit)
    active = book.active(start, end)
    if {terms.basis for chain in active.values() for terms in chain} & secret_bases(ctx.actor):
        return None
    people = {me, *User.objects.filter(manager_id=me).values_list("id", flat=True)}
    now = book.lines(start, end, people).get(me)
    if now is None:
        return None
    then = book.lines(start, end, people, ahead=True).get(me, [])
    earned = _sum(now)
    targets = book.targets(active, {me}, start)
    steps = []
    for chain, versions in active.items():
        sold = sum(
            line.base or 0 for line in now if line.kind == "earned" and line.key.startswith(f"{chain}:")
        )
        terms: Terms = versions[-1].for_target(targets.get(me))
        if (ahead := next_step(terms, sold)) is not None:
            steps.append(Step(terms.name, ahead[0], ahead[1], sold))
    return Mine(earned, _sum(then) - earned, sum(line.kind == "earned" for line in now), steps)


def _sum(lines: list[Line]) -> int:
    return sum(line.amount for line in lines)


def _day(text: str) -> date | None:
    """The day that an address names, where there are periods before and after it."""
    try:
        day = date.fromisoformat(text[:10])
    except ValueError:
        return None
    return day if _EARLIEST <= day.year <= _LATEST else None
