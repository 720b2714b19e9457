"""The next offer: what alike customers bought, with the rule as the reason; best sellers where nothing is known better."""

from __future__ import annotations

from datetime import timedelta
from functools import cache

import numpy as np
import pyarrow as pa
import pytest
from tests.analytical.customers.making import TODAY, figures, found, of, told

from peyvand.analytical.methods.guards import NotEnough

Line = tuple[int, int, int, int]


def tables(lines: list[Line], *, retired: frozenset[int] = frozenset()) -> dict[str, pa.Table]:
    """Lines of (sale, customer, product, days ago)."""
    columns = [[line[n] for line in lines] for n in range(4)]
    items = sorted(set(columns[2]))
    return {
        "sale_line": pa.table({
            "line": pa.array(range(len(lines)), pa.int64()), "sale": pa.array(columns[0], pa.int64()),
            "customer": pa.array(columns[1], pa.int64()), "product": pa.array(columns[2], pa.int64()),
            "day": pa.array([TODAY - timedelta(days=ago) for ago in columns[3]], pa.date32()),
            "is_return": pa.array([False] * len(lines), pa.bool_()), "quantity": pa.array([1.0] * len(lines)),
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
