"""What is paid for again and again: care by the month, the season and the year over two years, going on or ended."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from random import Random
from typing import Any, Final

from peyvand.administration.demo.stage import DAYS, Stage
from peyvand.administration.demo.writing import write_down
from peyvand.kernel import clock
from peyvand.operational.orders.public import SUBSCRIPTION

# Since so many days ago more of those by the month end than before.
DEARER: Final = 115


@dataclass(frozen=True)
class Care:
    """A plan: its name, how often and how much (in the unit people speak of), how many of a hundred have it, and how many of a
    hundred end in a month."""

    name: str
    every: str
    amount: int
    share: int
    ends: float


CARE: Final = {
    True: (
        Care("نگهداری ماهانهٔ استخر", "month", 3_200_000, 55, 7.0),
        Care("بازدید فصلی نما", "quarter", 14_500_000, 25, 2.5),
        Care("نگهداری سالانهٔ کاشی‌کاری", "year", 48_000_000, 20, 0.6),
    ),
    False: (
        Care("Monthly pool care", "month", 120, 55, 7.0),
        Care("Façade visit each quarter", "quarter", 480, 25, 2.5),
        Care("Yearly tile care", "year", 1_600, 20, 0.6),
    ),
}
REASONS: Final = {
    True: ("گران شد", "استخر را بستیم", "از کیفیت خدمات راضی نبودیم", ""),
    False: ("It became too dear", "The pool was closed", "We were not content with the service", ""),
}


def fill_subscriptions(stage: Stage) -> None:
    dice = Random(f"{stage.tenant.slug} subscriptions")  # noqa: S311 made-up data, not a secret
    today, unit = clock.today(stage.tenant.tz), 10 if stage.is_persian else 100
    customers = [({"company": c.id, "owner": c.owner_id}, c.created_at) for c in stage.companies]
    customers += [({"person": p.id, "owner": p.owner_id}, first) for p, first in stage.households]
    plans = CARE[stage.is_persian]
    rows: list[dict[str, Any]] = []
    for _ in range(stage.size.subscriptions):
        plan = dice.choices(plans, [plan.share for plan in plans])[0]
        whose, known = dice.choice(customers)
        began = dice.randrange(min(20, (stage.now - known).days), min(DAYS, (stage.now - known).days + 1))
        left = _left(dice, plan, began)
        rows.append({
            **whose, "name": plan.name, "every": plan.every,
            "amount": plan.amount * unit * dice.choice((8, 10, 10, 12, 15)) // 10, "started_on": today - timedelta(days=began),
            "ended_on": None if left is None else today - timedelta(days=left),
            "ended_reason": "" if left is None else dice.choice(REASONS[stage.is_persian]),
        })  # fmt: skip
    rows.sort(key=lambda row: row["started_on"])
    signed = [
        datetime.combine(row["started_on"], time(8 + n % 8, n % 60), stage.tenant.tz)
        for n, row in enumerate(rows)
    ]
    ctx = replace(stage.acting[stage.owner], silent=True)
    write_down(ctx, SUBSCRIPTION, rows, [stage.hours.past(at) for at in signed])


def _left(dice: Random, plan: Care, began: int) -> int | None:
    """How many days ago it ended: whoever has had it for half a year hardly leaves; None where it goes on."""
    for ago in range(began - 15, 0, -15):
        of_hundred = plan.ends / 2
        if began - ago > 180:
            of_hundred /= 3
        if ago < DEARER and plan.every == "month":
            of_hundred *= 3
        if dice.random() * 100 < of_hundred:
            return max(1, ago - dice.randrange(14))
    return None
