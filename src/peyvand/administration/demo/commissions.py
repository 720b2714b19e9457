"""What people earn: a plan with steps by quota, one for a product, and the statements of the months past, settled and open."""

from __future__ import annotations

from datetime import timedelta

from peyvand.administration.demo.stage import Stage
from peyvand.kernel import clock
from peyvand.kernel.persian.calendar import calendar_of, period, shift
from peyvand.operational.commissions.public import (
    PLAN,
    CommissionLine,
    CommissionStatement,
    approve,
    dispute,
    pay,
    reckon_all,
    submit,
)
from peyvand.platform.objects.records import create_records

MONTHS = 2


def fill_commissions(stage: Stage) -> None:
    """Plans that hold since two months ago; the first month paid, the last one submitted (one line objected to), this one open."""
    ctx, calendar = stage.acting[stage.owner], calendar_of(stage.tenant.language)
    month = period("month", clock.today(stage.tenant.tz), calendar)[0]
    start = shift(month, -MONTHS, "month", calendar)
    agents = tuple({"id": id, "name": ""} for id in stage.agents)
    empty = {"product": None, "series": "", "start": None, "reach": None, "fixed": None}
    create_records(ctx, PLAN, [
        {
            "name": "پورسانت فروش" if stage.is_persian else "Sales commission", "starts_on": start, "users": agents, "unit": "month",
            "basis": "won", "way": "whole", "by_quota": True, "override": 10,
            "rates": tuple({**empty, "reach": reach, "percent": percent} for reach, percent in ((None, 2), (80, 3), (100, 5))),
        },
        {
            "name": "پاداش وصول" if stage.is_persian else "Bonus for money received", "starts_on": start, "users": agents,
            "unit": "month", "basis": "received", "way": "flat", "rates": ({**empty, "percent": 1},),
        },
    ])  # fmt: skip
    reckon_all(ctx)
    for n in range(MONTHS):
        first = shift(start, n, "month", calendar)
        for one in CommissionStatement.objects.filter(starts_on=first).order_by("id"):
            _settle(stage, one, is_paid=n == 0)
    _object(stage)


def _settle(stage: Stage, one: CommissionStatement, *, is_paid: bool) -> None:
    ctx = stage.acting[one.owner_id or stage.owner]
    after = one.ends_on + timedelta(days=2)
    if after >= clock.today(stage.tenant.tz):
        return
    submit(ctx, one)
    if is_paid and one.owner_id != stage.owner:
        approve(stage.acting[stage.owner], one)
        pay(stage.acting[stage.owner], one, paid_on=one.ends_on + timedelta(days=5))


def _object(stage: Stage) -> None:
    """One line of a submitted statement is objected to, so that there is something to answer."""
    lines = CommissionLine.objects.filter(statement__status="submitted", kind="earned", amount__gt=0)
    line = lines.select_related("statement").order_by("-amount", "id").first()
    if line is None:
        return
    text = "سهم من در این معامله ۷۰٪ بود." if stage.is_persian else "My share of this deal was 70%."
    dispute(stage.acting[line.statement.owner_id], line, objection=text)
