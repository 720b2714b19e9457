"""Subscriptions: what is paid again and again, from when until when."""

from __future__ import annotations

from datetime import date

from tests.operational.orders.conftest import Shop, refused

from peyvand.kernel.errors import Invalid, RuleViolation
from peyvand.operational.orders.actions import end_subscription, resume_subscription
from peyvand.operational.orders.models import Subscription
from peyvand.operational.orders.objects import SUBSCRIPTION
from peyvand.platform.events.models import EventRow
from peyvand.platform.objects.records import create_record


def test_a_subscription_lasts_until_it_ends_and_may_go_on(shop: Shop) -> None:
    given = {"name": "پشتیبانی", "company": shop.company.id, "amount": "500", "started_on": "2026-01-10"}
    one: Subscription = create_record(shop.ctx, SUBSCRIPTION, given)
    assert (one.state, one.every, one.amount) == ("active", "month", 5_000)
    for day in ("2026-01-09", "2026-11-23"):
        with refused(RuleViolation):
            end_subscription(shop.ctx, shop.now(one), on=date.fromisoformat(day))
    end_subscription(shop.ctx, shop.now(one), on=date(2026, 11, 1), reason="گران بود")
    ended = shop.now(one)
    assert (ended.state, ended.ended_on, ended.ended_reason) == ("ended", date(2026, 11, 1), "گران بود")
    assert EventRow.objects.filter(object_id=one.id, wire="orders.subscription_ended.v1").count() == 1
    with refused(RuleViolation):
        end_subscription(shop.ctx, ended)
    resume_subscription(shop.ctx, ended)
    assert shop.now(one).state == "active"


def test_what_is_wrong_is_named(shop: Shop) -> None:
    with refused(Invalid) as error:
        create_record(shop.ctx, SUBSCRIPTION, {"name": "x", "amount": "-5"})
    assert error.value.problems[0].field == "amount"
