"""The next offer: what alike customers bought, with the rule as the reason; best sellers where nothing is known better."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from tests.analytical.customers.making import TODAY, figures, found, of, told

from peyvand.analytical.analyses.models import ModelCard
from peyvand.analytical.methods.guards import NotEnough
from peyvand.analytical.offers.objects import OFFERS
from peyvand.kernel import clock
from peyvand.operational.catalog.public import PRODUCT
from peyvand.operational.contacts.public import PERSON
from peyvand.platform.actions.context import job_context
from peyvand.platform.identity.actor import access_changed
from peyvand.platform.identity.models import Role
from peyvand.platform.insights.keeping import Scores, keep, note_run
from peyvand.platform.objects.insights import concluded
from peyvand.platform.objects.records import create_record
from peyvand.platform.workspaces.scope import workspace_scope

Line = tuple[int, int, int, int]


def tables(
    lines: list[Line],
    *,
    retired: frozenset[int] = frozenset(),
    left: Callable[[int], int | None] = lambda product: None,
) -> dict[str, pa.Table]:
    """Lines of (sale, customer, product, days ago), each for 10,000; ``left`` says what one of a product leaves, if that is known."""
    margins = [left(line[2]) for line in lines]
    columns = [[line[n] for line in lines] for n in range(4)]
    items = sorted(set(columns[2]))
    return {
        "sale_line": pa.table({
            "line": pa.array(range(len(lines)), pa.int64()), "sale": pa.array(columns[0], pa.int64()),
            "customer": pa.array(columns[1], pa.int64()), "product": pa.array(columns[2], pa.int64()),
            "day": pa.array([TODAY - timedelta(days=ago) for ago in columns[3]], pa.date32()),
            "is_return": pa.array([False] * len(lines), pa.bool_()), "quantity": pa.array([1.0] * len(lines)),
            "net": pa.array([10_000] * len(lines), pa.int64()),
            "cost": pa.array([None if margin is None else 10_000 - margin for margin in margins], pa.int64()),
        }),
        "product": pa.table({
            "product": pa.array(items, pa.int64()), "name": pa.array([f"کالای {n}" for n in items], pa.string()),
            "is_active": pa.array([n not in retired for n in items], pa.bool_()),
        }),
    }  # fmt: skip


@cache
def by_taste(alike: bool = True) -> tuple[Line, ...]:
    """900 customers in three orders each: of ten products of one of five tastes, or of all fifty at random."""
    chance = np.random.default_rng(4)
    lines: list[Line] = []
    for customer in range(900):
        own = 10 * (customer % 5) + np.arange(10) if alike else np.arange(50)
        for order in range(3):
            sale, ago = 9 * customer + order, 200 - 90 * order + customer % 80
            chosen = chance.choice(own, 3, replace=False).tolist()
            lines += [(sale, 2 * customer + 2, item + 1, ago) for item in chosen]
    return tuple(lines)  # fmt: skip


def test_the_offer_is_of_ones_own_taste_and_says_why() -> None:
    finding = found("offers", tables(list(by_taste())))
    offer, share = of(finding, "next_offer"), of(finding, "offer_share")
    bought: dict[int, set[int]] = {}
    for _, customer, item, _ in by_taste():
        bought.setdefault(customer, set()).add(item)
    assert not [one for one in offer if offer[one] in bought[one]]
    assert np.mean([(offer[one] - 1) // 10 == (min(bought[one]) - 1) // 10 for one in offer]) > 0.98
    assert finding.card.beside is not None
    assert finding.card.beside.is_better
    template, params, _ = told(finding, "next_offer")[2]["reasons"][0]
    assert template == "Of %(having)s buyers of %(because)s, %(together)s bought it too"
    because = next(one for one in bought[2] if params["because"] == {"name": f"کالای {one}"})
    having = {one for one in bought if because in bought[one]}
    assert params["having"] == len(having)
    assert params["together"] == sum(offer[2] in bought[one] for one in having)
    assert share[2] == round(100 * params["together"] / params["having"])


def test_by_margin_the_offer_is_what_may_leave_most_and_says_so() -> None:
    # The tenth product of each taste leaves fifty times as much as the others; the ninth costs more than it brings, and of the
    # eighth nothing is known.
    def left(product: int) -> int | None:
        return {0: 5_000, 9: -1_000, 8: None}.get(product % 10, 100)

    plain, chosen = tables(list(by_taste())), tables(list(by_taste()), left=left)
    likeliest = of(found("offers", plain), "next_offer")
    off = found("offers", chosen)
    assert (of(off, "next_offer"), set(of(off, "margin_offer").values())) == (likeliest, {None})
    finding = found("offers", chosen, by_margin=True)
    assert of(finding, "next_offer") == likeliest, "what is likeliest stays as it is"
    offer = of(finding, "margin_offer")
    bought: dict[int, set[int]] = {}
    for _, customer, item, _ in by_taste():
        bought.setdefault(customer, set()).add(item)
    own = {one: 10 * ((min(items) - 1) // 10) + 10 for one, items in bought.items()}
    without = [one for one in bought if own[one] not in bought[one]]
    assert len(without) > 20
    assert all(offer[one] == own[one] for one in without)
    assert not {item for item in offer.values() if item is not None and item % 10 in (8, 9)}
    first, second = told(finding, "margin_offer")[without[0]]["reasons"]
    assert first[:2] == [
        "A usual sale has a margin of %(margin)s; ranked by margin times likelihood", {"margin": {"money": 5_000}},
    ]  # fmt: skip
    assert second[0] == "Of %(having)s buyers of %(because)s, %(together)s bought it too"
    assert figures(finding)["Products offered whose margin is known"] == 45
    other = np.mean([offer[one] != likeliest[one] for one in bought])
    assert figures(finding)["Buyers with a different offer by margin"] == pytest.approx(100 * other)
    assert finding.card.notes[0].params == {"count": 5}
    assert off.card.beside == finding.card.beside


def test_what_is_not_sold_any_more_is_not_offered() -> None:
    retired = frozenset(range(1, 40))
    offer = of(found("offers", tables(list(by_taste()), retired=retired)), "next_offer")
    assert {one for one in offer.values() if one is not None} <= set(range(40, 51))


def test_where_tastes_say_nothing_the_best_sellers_are_offered_and_that_is_said() -> None:
    lines = list(by_taste(alike=False))
    finding = found("offers", tables(lines))
    assert finding.card.beside is not None
    assert finding.card.beside.instead == "The best sellers are offered."
    buyers = {item: len({c for _, c, i, _ in lines if i == item}) for item in range(1, 51)}
    best = max(buyers, key=lambda item: buyers[item])
    mine = {item for _, customer, item, _ in lines if customer == 2}
    offer = of(finding, "next_offer")
    assert offer[2] == max((i for i in buyers if i not in mine), key=lambda item: buyers[item])
    assert best in offer.values()


def test_rules_of_orders_are_listed_the_surest_first() -> None:
    finding = found("offers", tables(list(by_taste())))
    listed = finding.more["rules"]
    assert len(listed) == figures(finding)["Rules of what is bought together"]
    low = [round(rule["lift_low"], 9) for rule in listed]
    assert low == sorted(low, reverse=True)
    assert min(low) > 1
    rule = listed[0]
    orders: dict[int, set[int]] = {}
    for sale, _, item, _ in by_taste():
        orders.setdefault(sale, set()).add(item)
    one, then = rule["items"][0]["id"], rule["then"]["id"]
    assert rule["having"] == sum(one in items for items in orders.values())
    assert rule["together"] == sum({one, then} <= items for items in orders.values())


@pytest.mark.parametrize("lines", [[], [(1, 2, 1, 5)], [(n, 2 * n, 1, n % 50) for n in range(1, 300)]])
def test_too_little_is_refused(lines: list[Line]) -> None:
    with pytest.raises(NotEnough) as refusal:
        found("offers", tables(lines))
    assert (refusal.value.needs, refusal.value.has) == (100, 0)


def test_a_shop_of_three_products_offers_the_third() -> None:
    lines: list[Line] = [
        (3 * n + k, 2 * n, 1 + (n + k) % 3, 200 - 80 * k - n % 30)
        for n in range(1, 300)
        for k in range(2 + n % 2)
    ]
    offer = of(found("offers", tables(lines)), "next_offer")
    bought = {one: {item for _, customer, item, _ in lines if customer == one} for one in offer}
    assert all(({1, 2, 3} - bought[one]) == ({offer[one]} - {None}) for one in offer)


def test_who_may_not_know_costs_is_told_the_likeliest_alone(cast: Any, acting: Any, browse: Any) -> None:
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        person = create_record(ctx, PERSON, {"name": "مهناز عطارزاده"}).id
        near, dear = (create_record(ctx, PRODUCT, {"name": name}).id for name in ("کاشی ساده", "کاشی زرین"))
        values = {"next_offer": [near], "offer_share": [40], "margin_offer": [dear]}
        card = ModelCard.objects.create(
            analysis="offers", number=1, as_of=TODAY, started_at=clock.now(), state="ready"
        )
        keep(job_context(ctx.tenant), OFFERS.fields_of("person"), Scores("person", [person], values, {}))
        note_run(
            "offers",
            version=1,
            as_of=TODAY,
            card_id=card.pk,
            expires_on=clock.now().date() + timedelta(days=9),
        )

    def seen(**hidden: str) -> tuple[list[str], bool]:
        with workspace_scope(cast.arman.id):
            Role.objects.filter(key="viewer").update(fields=hidden)
            access_changed(cast.arman.id)
            told = concluded(acting(cast.viewer), PERSON, person)
            keys = [insight.field.key for one in told for insight in one.insights]
        url = "/w/arman/people/?view=all&columns=name,margin_offer,next_offer"
        return keys, "کاشی زرین" in browse(cast.viewer).get(url).content.decode()

    assert seen() == (["margin_offer", "next_offer", "offer_share"], True)
    for field in ("product.cost", "order.cost"):
        assert seen(**{field: "hidden"}) == (["next_offer", "offer_share"], False)
