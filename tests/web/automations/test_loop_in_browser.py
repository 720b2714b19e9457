"""The closed loop in the browser, in Persian: orders arrive, a customer's risk rises, an automation makes a task for whoever looks
after them with the reason and the next offer, they order again, and the effect is measured against those left alone."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.db.models import F
from playwright.sync_api import expect

from peyvand.analytical.analyses.contract import analysis_named
from peyvand.analytical.analyses.running import run_analysis
from peyvand.analytical.warehouse.public import refresh
from peyvand.kernel import clock
from peyvand.operational.activities.public import Task
from peyvand.operational.catalog.public import PRODUCT
from peyvand.operational.contacts.public import PERSON
from peyvand.operational.orders.public import ORDER, line
from peyvand.platform.actions.context import Context
from peyvand.platform.events.reactions import react as run_reaction
from peyvand.platform.identity.actor import user_actor
from peyvand.platform.objects.records import create_records
from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.processes.automations.groups import drawn
from peyvand.processes.automations.jobs import look_on
from peyvand.processes.automations.models import Automation, AutomationRun

pytestmark = pytest.mark.slow
NAME = "نگه‌داشتن شخصی که خطر ریزشش بالا رفته"
GOODS = ("چای", "قند", "کیک", "قهوه", "نبات", "مربا")
# Days ago when those whose risk rises had their last orders; and how many of each group the test wants at least.
SILENT, WANTED = 100, 14


class Shop:
    """Customers and what they order: each buys every thirty days, tea and sugar or (``most`` 3) cake as well, and now and then one
    thing more. Those whose risk is to rise never bought cake."""

    def __init__(self, ctx: Context) -> None:
        self.ctx, self.today = ctx, clock.today(ctx.tenant.tz)
        rows = [{"name": name, "price": 1_000_000} for name in GOODS]
        self.goods = [{"id": one.id, "title": one.name} for one in create_records(ctx, PRODUCT, rows)]

    def people(self, count: int, owner: int, name: str) -> list[int]:
        rows = [{"name": f"{name} {n}", "given_name": f"{name} {n}", "owner": owner} for n in range(count)]
        return [one.id for one in create_records(self.ctx, PERSON, rows)]

    def order(self, people: Sequence[int], first: int, last: int, *, most: int = 3) -> None:
        """Their orders from so many days ago until so many, each customer on days of their own."""
        rows = []
        for n, person in enumerate(people):
            for k, ago in enumerate(range(first - n % 30, last - 1, -30)):
                bought = {k % most, (k + 1) % most, *((3 + n % 3,) if most == 3 and (n + k) % 5 == 0 else ())}
                rows.append({
                    "person": person, "status": "placed", "ordered_at": self._noon(ago),
                    "lines": [line(self.goods[good], 1, 1_000_000) for good in sorted(bought)],
                })  # fmt: skip
        create_records(self.ctx, ORDER, rows)

    def _noon(self, ago: int) -> datetime:
        day = self.today - timedelta(days=ago)
        return min(clock.now(), datetime.combine(day, time(12), self.ctx.tenant.tz))


def make_of_a_ready_one(page: Any) -> None:
    page.goto("/w/arman/automations/")
    page.get_by_role("link", name="آغاز از یک الگو").click()
    page.locator("section", has=page.get_by_role("heading", name=NAME)).get_by_role(
        "button", name="آغاز با این"
    ).click()
    expect(page.get_by_role("heading", name="۱. بازگرداندن نام شخص")).to_be_visible()
    page.get_by_role("link", name="ویرایش").first.click()
    dialog = page.locator("#dialog")
    dialog.get_by_label("سهم گروه شاهد، برای سنجش").fill("۵۰")
    dialog.get_by_label("کوچک‌ترین تفاوتی که دانستنش می‌ارزد، به واحد درصد").fill("۶۰")
    dialog.locator("footer button").last.click()
    expect(page.locator("#main")).to_contain_text("۵۰٪")
    page.get_by_role("button", name="روشن کردن").click()
    expect(page.get_by_role("button", name="مکث")).to_be_visible()


def reckon(tenant: Any, ago: int) -> None:
    refresh(tenant)
    for key in ("offers", "churn"):
        analysis = analysis_named(key)
        assert analysis is not None
        run_analysis(tenant, analysis, clock.today(tenant.tz) - timedelta(days=ago))


def react(tenant: Any) -> None:
    """What waits in the queue for automations is done: a worker cannot run beside a browser in one test."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select args->>'reaction_name', args->'event_ids' from procrastinate_jobs where task_name = 'events.react' "
            "and args->>'reaction_name' like 'processes.automations.%' order by id"
        )
        waiting = [(name, json.loads(ids)) for name, ids in cursor.fetchall()]
    assert waiting
    for name, ids in waiting:
        with workspace_scope(tenant.id):
            run_reaction(tenant, name, ids)


def test_from_the_order_to_the_measured_effect(
    committed: Any, signed_in: Any, settings: Any, tmp_path: Path
) -> None:
    settings.WAREHOUSE_ROOT = tmp_path / "warehouse"
    tenant = committed.arman
    page = signed_in(committed.sara)
    make_of_a_ready_one(page)

    with workspace_scope(tenant.id):
        one = Automation.objects.get()
        shop = Shop(Context(user_actor(tenant.id, committed.sara.id), "web"))
        regular, lapsed = (
            shop.people(60, committed.sara.id, "مشتری"),
            shop.people(60, committed.sara.id, "رفته"),
        )
        quiet: list[int] = []
        while (
            min(sum((drawn(one.id, "person", id) < 50) is side for id in quiet) for side in (True, False))
            < WANTED
        ):
            quiet += shop.people(WANTED, committed.babak.id, f"رضا {len(quiet)}")
        shop.order(regular[:40], 300, SILENT)
        shop.order(regular[40:], 300, SILENT, most=2)
        shop.order(lapsed, 330, SILENT + 130)
        shop.order(quiet, 300, SILENT, most=2)
    reckon(tenant, SILENT)
    with workspace_scope(tenant.id):
        shop.order(regular, SILENT - 1, 0)
    reckon(tenant, 0)
    react(tenant)

    left = {id for id in quiet if drawn(one.id, "person", id) < 50}
    with workspace_scope(tenant.id):
        runs = {run.about_id: run for run in AutomationRun.objects.all()}
        tasks = {task.about_id: task for task in Task.objects.all()}
    assert set(quiet) <= set(runs)
    assert {id for id in quiet if runs[id].group == "held_out"} == left
    assert set(quiet) & set(tasks) == set(quiet) - left
    task = tasks[min(set(quiet) - left)]
    assert (task.owner_id, task.priority) == (committed.babak.id, "high")

    # Whoever looks after the customer finds the task with the reason and what to offer.
    theirs = signed_in(committed.babak)
    theirs.goto(f"/w/arman/tasks/{task.id}/")
    main = theirs.locator("main")
    expect(main).to_contain_text("بازگرداندن رضا")
    expect(main).to_contain_text("چرا: ")
    expect(main).to_contain_text(GOODS[2])
    theirs.goto(f"/w/arman/people/{task.about_id}/")
    expect(theirs.locator("main")).to_contain_text(f"با «{NAME}»")

    # They order again, those left alone do not; the time that the outcome is waited for goes by.
    with workspace_scope(tenant.id):
        back = Context(user_actor(tenant.id, committed.babak.id), "web")
        create_records(back, ORDER, [
            {"person": id, "status": "placed", "lines": [line(shop.goods[0], 1, 1_000_000)]}
            for id, run in runs.items() if run.group == "treated"
        ])  # fmt: skip
        days = timedelta(days=one.outcome_days)
        AutomationRun.objects.update(at=F("at") - days, until=clock.now())
        look_on(tenant, one.id, 0)
    page.goto(f"/w/arman/automations/{one.id}/plan?tab=records")
    expect(page.locator("main")).to_contain_text("رسید")
    page.get_by_role("link", name="اثر", exact=True).click()
    expect(page.locator("main")).to_contain_text("کمک می‌کند")
