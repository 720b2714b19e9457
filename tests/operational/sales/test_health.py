"""How well deals stand, why, and what is asked next of whoever has them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from peyvand.kernel import clock
from peyvand.kernel.conditions import parse
from peyvand.operational.activities.public import CALL, Task, complete_task
from peyvand.operational.catalog.public import PRODUCT
from peyvand.operational.contacts.public import PERSON
from peyvand.operational.sales.health import Standing, learn, reasons_of, reckon, score
from peyvand.operational.sales.jobs import nightly
from peyvand.operational.sales.public import (
    DEAL,
    Deal,
    Pipeline,
    Stage,
    move_deal,
    plan_step,
    refresh,
    win_deal,
)
from peyvand.operational.sales.queries import deals_without_step
from peyvand.platform.actions.context import Context
from peyvand.platform.events.models import EventRow
from peyvand.platform.identity.actor import user_actor
from peyvand.platform.identity.models import User
from peyvand.platform.objects.queries import ListQuery, count_up_to
from peyvand.platform.objects.records import create_record, create_records, update_record
from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.testing.queue import drain

FA = "/w/arman/deals/"


@pytest.fixture
def ctx(cast, acting):
    with workspace_scope(cast.arman.id):
        yield acting(cast.babak)


def codes(deal: Deal) -> dict[str, int]:
    deal.refresh_from_db()
    return {code: figure for code, _, figure, _ in deal.health_why}


def stages() -> list[Stage]:
    return list(Stage.objects.order_by("position"))


def test_a_new_deal_lacks_a_next_step_only(ctx):
    deal = create_record(ctx, DEAL, {"name": "New"})
    assert set(codes(deal)) == {"no_step"}
    assert deal.health == 85


def test_each_reason_takes_its_points_off(ctx, still):
    today = clock.today(ctx.tenant.tz)
    with clock.freeze(still - timedelta(days=40)):
        deal = create_record(
            ctx, DEAL, {"name": "Old", "stage": stages()[2].id, "amount": 1000, "expected_on": today - timedelta(days=20)}
        )  # fmt: skip
        update_record(ctx, DEAL, deal, {"expected_on": today - timedelta(days=10), "amount": 600})
        deal.refresh_from_db()
        assert (deal.pushes, deal.amount_high) == (1, 1000)
        update_record(ctx, DEAL, deal, {"expected_on": today - timedelta(days=15)})
    reckon(ctx.tenant, [deal.id])
    assert codes(deal) == {
        "quiet": 40, "aged": 40, "pushed": 1, "late": 0, "no_step": 0, "no_decider": 0, "fell": 40,
    }  # fmt: skip
    assert deal.health == score([tuple(reason) for reason in deal.health_why]) < 50


def test_a_rough_sum_that_products_replace_is_no_fall(ctx, cast, acting):
    deal = create_record(ctx, DEAL, {"name": "Rough", "amount": 1000})
    product = create_record(acting(cast.sara), PRODUCT, {"name": "Cup", "price": 400})
    update_record(ctx, DEAL, deal, {"lines": [{"product": product.id, "quantity": 1}]})
    deal.refresh_from_db()
    assert (deal.amount, deal.amount_high) == (400, 400)
    assert "fell" not in codes(deal)
    update_record(ctx, DEAL, deal, {"lines": [{"product": product.id, "quantity": 1, "discount": 50}]})
    assert codes(deal)["fell"] == 50


standings = st.builds(
    Standing,
    quiet=st.integers(0, 400), lies=st.integers(0, 400), probability=st.integers(0, 100), pushes=st.integers(0, 30),
    is_late=st.booleans(), has_step=st.booleans(), has_decider=st.booleans(), fell=st.integers(0, 100),
    pause=st.integers(1, 60), usual=st.none() | st.integers(1, 60),
)  # fmt: skip


@given(standings)
def test_health_is_what_its_reasons_leave_of_a_hundred(standing):
    reasons = reasons_of(standing)
    assert 0 <= score(reasons) <= 100
    assert all(points > 0 for _, points, _, _ in reasons)
    assert [points for _, points, _, _ in reasons] == sorted((p for _, p, _, _ in reasons), reverse=True)
    better = Standing(**{**vars(standing), "has_step": True, "quiet": 0, "lies": 0, "pushes": 0})
    assert score(reasons_of(better)) >= score(reasons)


def test_a_call_and_a_known_decider_make_it_healthier(ctx):
    deal = create_record(ctx, DEAL, {"name": "Cured", "stage": stages()[2].id})
    with workspace_scope(ctx.tenant.id):
        assert {"no_step", "no_decider"} == set(codes(deal))
        person = create_record(ctx, PERSON, {"family_name": "Leila"})
        update_record(ctx, DEAL, deal, {"contacts": [{"person": person.id, "role": "decides"}]})
        assert "no_decider" not in codes(deal)


def test_ended_deals_have_no_health(ctx):
    deal = create_record(ctx, DEAL, {"name": "Won"})
    win_deal(ctx, Deal.objects.get(id=deal.id))
    deal.refresh_from_db()
    assert (deal.health, deal.health_why) == (None, [])


def test_what_is_usual_is_learned_from_deals_that_were_won(ctx, still):
    first, second = stages()[:2]
    for n in range(5):
        with clock.freeze(still - timedelta(days=60)):
            deal = create_record(ctx, DEAL, {"name": f"Won {n}"})
            create_record(ctx, CALL, {"phone": "09123456789", "about": f"deal:{deal.id}"})
        with clock.freeze(still - timedelta(days=57)):
            create_record(ctx, CALL, {"phone": "09123456789", "about": f"deal:{deal.id}"})
        with clock.freeze(still - timedelta(days=50)):
            move_deal(ctx, Deal.objects.get(id=deal.id), stage=second.id)
            win_deal(ctx, Deal.objects.get(id=deal.id))
    learn()
    assert Stage.objects.get(id=first.id).usual_days == 10
    assert Pipeline.objects.get(id=first.pipeline_id).usual_pause == 3


def test_health_is_reckoned_in_sets(ctx):
    def cost(count: int) -> int:
        made = create_records(ctx, DEAL, [{"name": f"Deal {n}"} for n in range(count)])
        Deal.objects.filter(id__in=[d.id for d in made]).update(health=None)
        with CaptureQueriesContext(connection) as captured:
            assert len(reckon(ctx.tenant, [d.id for d in made])) == count
        return len(captured)

    assert cost(2) == cost(30) == 2


def test_every_night_days_that_passed_count(cast, ctx, still):
    with clock.freeze(still - timedelta(days=30)):
        deal = create_record(ctx, DEAL, {"name": "Forgotten"})
        before = Deal.objects.get(id=deal.id).health
    version = Deal.objects.get(id=deal.id).version
    nightly(ctx.tenant)
    now = Deal.objects.get(id=deal.id)
    assert now.health < before
    assert now.version == version


def test_stalled_deals_are_a_view_that_begins_with_the_weakest(ctx, still):
    with clock.freeze(still - timedelta(days=90)):
        create_record(ctx, DEAL, {"name": "Stalled", "stage": stages()[2].id})
    create_record(ctx, DEAL, {"name": "Fresh"})
    reckon(ctx.tenant, list(Deal.objects.values_list("id", flat=True)))
    view = DEAL.standard_views["stalled"]
    query = ListQuery(DEAL, ctx.actor, view.columns, parse(view.condition, DEAL.condition_schema))
    assert count_up_to(query, 10) == (1, True)


def test_the_page_says_in_words_why(cast, ctx, browse, still):
    with clock.freeze(still - timedelta(days=40)):
        deal = create_record(ctx, DEAL, {"name": "Quiet", "stage": stages()[2].id})
    reckon(ctx.tenant, [deal.id])
    page = browse(cast.babak).get(f"{FA}{deal.id}/").content.decode()
    assert "سلامت معامله" in page
    assert "هیچ گام بعدی برنامه‌ریزی نشده است" in page
    assert "۴۰ روز است که فعالیتی نشده" in page


def test_a_next_step_is_planned_in_working_days_from_the_page(cast, ctx, browse, still):
    deal = create_record(ctx, DEAL, {"name": "Next?"})
    client = browse(cast.babak)
    page = client.get(f"{FA}{deal.id}/").content.decode()
    assert "do/plan" in page
    assert "روز کاری بعد" in page
    answer = client.post(
        f"{FA}{deal.id}/do/plan", {"title": "Call again", "when": "d2"}, headers={"HX-Request": "true"}
    )
    assert answer.status_code == 200
    task = Task.objects.get(about_object="deal", about_id=deal.id)
    assert (task.title, task.owner_id, task.kind) == ("Call again", cast.babak.id, "follow_up")
    local = task.due_at.astimezone(ctx.tenant.tz)
    assert local.date() >= clock.today(ctx.tenant.tz) + timedelta(days=2)


def test_a_pipeline_that_wants_a_next_step_asks_for_it_after_every_move(cast, ctx, browse):
    deal = create_record(ctx, DEAL, {"name": "Asked"})
    client, post = browse(cast.babak), {"stage": stages()[1].id}
    quiet = client.post(f"{FA}{deal.id}/do/move", post, headers={"HX-Request": "true"})
    assert '"ask"' not in quiet["HX-Trigger"]
    assert [row.id for row in deals_without_step(ctx.actor)] == []
    Pipeline.objects.filter(id=deal.pipeline_id).update(wants_step=True)
    asked = client.post(f"{FA}{deal.id}/do/move", {"stage": stages()[2].id}, headers={"HX-Request": "true"})
    assert '"ask": true' in asked["HX-Trigger"]
    assert [row.id for row in deals_without_step(ctx.actor)] == [deal.id]
    assert "Asked" in client.get("/w/arman/").content.decode()


def acts(user: User) -> Context:
    return Context(user_actor(user.workspace_id, user.id), "web")


def test_a_big_deal_is_told_once_and_the_manager_gets_a_task(committed):
    with workspace_scope(committed.arman.id):
        ctx = acts(committed.babak)
        Pipeline.objects.update(big_deal=1_000_000)
        deal = create_record(ctx, DEAL, {"name": "Grows", "amount": 900_000})
        assert not EventRow.objects.filter(wire="sales.big_deal.v1").exists()
        update_record(ctx, DEAL, Deal.objects.get(id=deal.id), {"amount": 1_000_000})
        update_record(ctx, DEAL, Deal.objects.get(id=deal.id), {"amount": 1_500_000})
        assert EventRow.objects.filter(wire="sales.big_deal.v1").count() == 1
    drain()
    with workspace_scope(committed.arman.id):
        [task] = Task.objects.filter(about_object="deal", about_id=deal.id)
        assert (task.owner_id, task.priority) == (committed.mina.id, "high")
        assert "Grows" in task.title


def test_health_follows_what_is_planned_and_done_about_the_deal(committed):
    with workspace_scope(committed.arman.id):
        ctx = acts(committed.babak)
        deal = create_record(ctx, DEAL, {"name": "Step by step"})
        task = plan_step(ctx, Deal.objects.get(id=deal.id), title="First")
    drain()
    with workspace_scope(committed.arman.id):
        assert "no_step" not in codes(deal)
        complete_task(acts(committed.babak), task)
    drain()
    with workspace_scope(committed.arman.id):
        assert "no_step" in codes(deal)


def test_next_activities_of_many_deals_are_copied_in_sets(ctx):
    deals = create_records(ctx, DEAL, [{"name": f"Deal {n}"} for n in range(20)])

    def cost(some: list[Deal]) -> int:
        for deal in some:
            plan_step(ctx, deal, title="Call")
        with CaptureQueriesContext(connection) as captured:
            refresh(ctx, {d.id for d in some})
        return len(captured)

    assert cost(deals[:2]) == cost(deals[2:])
