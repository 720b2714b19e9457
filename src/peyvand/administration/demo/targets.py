"""What people are to reach, and how deals stood on evenings past, so that the forecast has something to compare with."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from peyvand.administration.demo.stage import Stage
from peyvand.kernel import clock
from peyvand.kernel.persian.calendar import Calendar, Unit, calendar_of, period, shift
from peyvand.operational.numbering.public import fiscal_year
from peyvand.operational.sales.public import DEAL, Deal
from peyvand.operational.targets.public import QUOTA, take
from peyvand.platform.identity.models import Team
from peyvand.platform.objects.records import create_records, update_records

# Besides the fiscal year: months before this one, and after it.
BEFORE, AFTER = 2, 2
# Of what a colleague usually wins in a month, so many of a hundred are to be reached.
WANTED = (80, 95, 110, 125)


def fill_targets(stage: Stage) -> None:
    """Quotas of amounts for the months and quarters of the year, of numbers for this month; the states of evenings past."""
    ctx, calendar = stage.acting[stage.owner], calendar_of(stage.tenant.language)
    today = clock.today(stage.tenant.tz)
    year, month = fiscal_year(today), period("month", today, calendar)[0]
    begin = min(year.start, shift(month, -BEFORE, "month", calendar))
    end = max(year.end, shift(month, AFTER, "month", calendar))
    lately = Deal.objects.filter(status="won", amount__gt=0, closed_on__gt=today - timedelta(days=365))
    usual: int = max(sum(lately.values_list("amount", flat=True)) // 12 // len(stage.agents), 1000)

    def of(unit: Unit, starts_on: date, **more: Any) -> dict[str, Any]:
        return {"owner": None, "measure": "won_amount", "unit": unit, "starts_on": starts_on, **more}

    def target(of_hundred: int) -> int:
        coarse: int = 10 ** (len(str(usual)) - 2)
        return round(usual * of_hundred / 100 / coarse) * coarse

    months = _starts("month", begin, end, calendar)
    rows = [
        of("month", start, owner=agent, amount=target(stage.dice.choice(WANTED))) for start in months for agent in stage.agents
    ]  # fmt: skip
    for agent in stage.agents:
        rows += [
            of("month", month, owner=agent, measure="activities", number=stage.dice.choice((20, 25, 30))),
            of("month", month, owner=agent, measure="won_count", number=stage.dice.choice((1, 2, 2))),
        ]
    teams = list(Team.objects.order_by("id"))
    share = 300 * len(stage.agents) // max(1, len(teams))
    rows += [
        of("quarter", start, team=team.id, amount=target(share))
        for start in _starts("quarter", begin, end, calendar) for team in teams
    ]  # fmt: skip
    create_records(ctx, QUOTA, rows)
    _pass_a_week(stage)


def _starts(unit: Unit, begin: date, end: date, calendar: Calendar) -> list[date]:
    """The first days of the months or quarters that begin between two days."""
    start, found = period(unit, begin, calendar)[0], []
    while start < end:
        found.append(start)
        start = period(unit, start, calendar)[1]
    return found


def _pass_a_week(stage: Stage) -> None:
    """Write down how deals stood a week ago, change some since, and write down yesterday evening."""
    ctx = stage.acting[stage.owner]
    with stage.on(stage.now - timedelta(days=8)):
        take(stage.tenant)
    deals = list(
        Deal.objects.filter(status="open", expected_on__isnull=False, deleted_at__isnull=True).order_by("id")
    )
    chosen = stage.dice.sample(deals, min(len(deals), 6))
    with stage.on(stage.now - timedelta(days=3)):
        later = [
            {"expected_on": deal.expected_on + timedelta(days=45)} for deal in chosen if deal.expected_on
        ]
        update_records(ctx, DEAL, chosen, later)
    with stage.on(stage.now - timedelta(days=1)):
        take(stage.tenant)
