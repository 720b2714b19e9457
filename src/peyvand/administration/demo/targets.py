"""What people are to reach, and how deals stood on evenings past, so that the forecast has something to compare with."""

from __future__ import annotations

from datetime import timedelta

from peyvand.administration.demo.stage import Stage
from peyvand.kernel import clock
from peyvand.kernel.persian.calendar import calendar_of, period, shift
from peyvand.operational.sales.public import DEAL, Deal
from peyvand.operational.targets.public import QUOTA, take
from peyvand.platform.identity.models import Team
from peyvand.platform.objects.records import create_records, update_records

MONTHS_BEFORE, MONTHS = 2, 5


def fill_targets(stage: Stage) -> None:
    """Quotas of amounts for some months, of numbers for this one, of each team for the quarter; the states of evenings past."""
    ctx, calendar = stage.acting[stage.owner], calendar_of(stage.tenant.language)
    today = clock.today(stage.tenant.tz)
    won = [d.amount for d in Deal.objects.filter(status="won", amount__isnull=False) if d.amount]
    usual = max(sum(won) // max(1, stage.size.steps * len(stage.agents)), 1000) if won else 1_000_000
    month = period("month", today, calendar)[0]
    rows = []
    for n in range(-MONTHS_BEFORE, MONTHS - MONTHS_BEFORE):
        start = shift(month, n, "month", calendar)
        for agent in stage.agents:
            target = round(usual * stage.dice.choice((12, 15, 18, 20)) // 10, 2 - len(str(usual)))
            rows.append(
                {
                    "owner": agent,
                    "measure": "won_amount",
                    "unit": "month",
                    "starts_on": start,
                    "amount": target,
                }
            )
    for agent in stage.agents:
        rows.append(
            {
                "owner": agent,
                "measure": "activities",
                "unit": "month",
                "starts_on": month,
                "number": stage.dice.choice((20, 25, 30)),
            }
        )
        rows.append(
            {
                "owner": agent,
                "measure": "won_count",
                "unit": "month",
                "starts_on": month,
                "number": stage.dice.choice((2, 3, 4)),
            }
        )
    for team in Team.objects.order_by("id"):
        target = round(usual * 40, 2 - len(str(usual)))
        rows.append(
            {
                "owner": None,
                "team": team.id,
                "measure": "won_amount",
                "unit": "quarter",
                "starts_on": month,
                "amount": target,
            }
        )
    create_records(ctx, QUOTA, rows)
    _pass_a_week(stage)


def _pass_a_week(stage: Stage) -> None:
    """Write down how deals stood a week ago, change some since, and write down yesterday evening."""
    ctx = stage.acting[stage.owner]
    with clock.freeze(stage.now - timedelta(days=8)):
        take(stage.tenant)
    deals = list(
        Deal.objects.filter(status="open", expected_on__isnull=False, deleted_at__isnull=True).order_by("id")
    )
    chosen = stage.dice.sample(deals, min(len(deals), 6))
    with clock.freeze(stage.now - timedelta(days=3)):
        later = [
            {"expected_on": deal.expected_on + timedelta(days=45)} for deal in chosen if deal.expected_on
        ]
        update_records(ctx, DEAL, chosen, later)
    with clock.freeze(stage.now - timedelta(days=1)):
        take(stage.tenant)
