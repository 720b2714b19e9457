"""From a deal that was won to an approved statement, in Persian: reckoned, read, objected to, answered, approved."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

from peyvand.kernel import clock
from peyvand.kernel.persian.calendar import period, shift
from peyvand.operational.commissions.public import PLAN, CommissionStatement
from peyvand.operational.sales.public import DEAL, win_deal
from peyvand.platform.actions.context import Context
from peyvand.platform.identity.actor import user_actor
from peyvand.platform.objects.records import create_record
from peyvand.platform.workspaces.scope import workspace_scope

pytestmark = pytest.mark.slow


def test_from_a_won_deal_to_an_approved_statement(committed: Any, signed_in: Any) -> None:
    month = period("month", clock.today(committed.arman.tz), "jalali")[0]
    last = shift(month, -1, "month", "jalali")
    with (
        workspace_scope(committed.arman.id),
        clock.freeze(clock.now() - timedelta(days=(clock.today(committed.arman.tz) - last).days)),
    ):
        ctx = Context(user_actor(committed.arman.id, committed.sara.id), "web")
        create_record(ctx, PLAN, {
            "name": "پورسانت پایه", "starts_on": last.isoformat(), "users": [committed.babak.id], "rates": [{"percent": 5}],
        })  # fmt: skip
        team = [{"user": committed.mina.id, "share": 40}]
        deal = create_record(
            ctx, DEAL, {"name": "کابل مسی", "amount": 120_000_000, "owner": committed.babak.id, "team": team}
        )
        win_deal(ctx, deal)

    page = signed_in(committed.sara)
    page.goto(f"/w/arman/reports/commissions?at={last.isoformat()}")
    page.get_by_role("button", name="محاسبهٔ دوباره").click()
    expect(page.locator("table")).to_contain_text("Babak Naderi")

    seller = signed_in(committed.babak)
    seller.goto(f"/w/arman/reports/commissions?at={last.isoformat()}")
    seller.locator("table a.link").first.click()
    expect(seller.locator("body")).to_contain_text("۵٪ از ۱۲٬۰۰۰٬۰۰۰ تومان × سهم ۶۰٪")
    seller.get_by_role("button", name="ارائه").first.click()
    expect(seller.locator("body")).to_contain_text("ارائه‌شده")
    with workspace_scope(committed.arman.id):
        one = CommissionStatement.objects.get(owner_id=committed.babak.id, starts_on=last)
        assert (one.status, one.amount) == ("submitted", 3_600_000)

    lead = signed_in(committed.mina)
    lead.goto(f"/w/arman/commission-statements/{one.id}/")
    lead.get_by_role("button", name="تأیید").first.click()
    expect(lead.locator("body")).to_contain_text("تأییدشده")
    with workspace_scope(committed.arman.id):
        assert CommissionStatement.objects.get(id=one.id).status == "approved"
