"""What tests of commissions share: plans, deals won on a day, and what statements say."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime

from peyvand.kernel import clock
from peyvand.operational.commissions.models import CommissionLine, CommissionStatement
from peyvand.operational.commissions.objects import PLAN
from peyvand.operational.commissions.statements import renew_all
from peyvand.operational.sales.public import DEAL, Deal, win_deal
from peyvand.platform.actions.action import perform
from peyvand.platform.actions.context import job_context
from peyvand.platform.objects.cleaning import clean
from peyvand.platform.objects.records import create_record, create_records

# Mordad 1405 ends on August 22nd 2026, Shahrivar on September 22nd.
MORDAD, SHAHRIVAR, MEHR = (datetime(2026, *day, 9, tzinfo=UTC) for day in ((8, 9), (9, 5), (10, 5)))


def plan(ctx, **values):
    values = {"name": "Base", "starts_on": "2026-07-23", "rates": [{"percent": 5}], **values}
    return create_record(ctx, PLAN, values)


def won(ctx, at, amount, name="Deal", **values):
    """A deal won at a moment."""
    with clock.freeze(at):
        deal = create_records(ctx, DEAL, [clean(ctx, DEAL, {"name": name, "amount": amount, **values})])[0]
        win_deal(ctx, deal)
        return Deal.objects.get(id=deal.id)


def reckoned(tenant, at):
    """Reckon everything as the evening of a day does."""
    with clock.freeze(at):
        ctx = job_context(tenant)
        perform(ctx, "commission_statement.reckon_all", (), lambda: renew_all(ctx))


def statement(user, first):
    return CommissionStatement.objects.get(owner_id=user.id, starts_on=first)


def amounts(user, first):
    """What the lines of a statement are, by name."""
    rows = CommissionLine.objects.filter(statement__owner_id=user.id, statement__starts_on=first)
    return dict(rows.order_by("day", "id").values_list("name", "amount"))


@contextmanager
def on(moment):
    with clock.freeze(moment):
        yield
