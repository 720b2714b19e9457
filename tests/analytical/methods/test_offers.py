"""Offers are what the customer has not, are explained by what he has, and are the best sellers where nothing more is known."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from peyvand.analytical.methods.guards import NotEnough, Whole
from peyvand.analytical.methods.offers import NextBest, learn, offers
from peyvand.kernel.errors import Invalid

Lines = tuple[Whole, Whole, Whole]
TASTES, EACH, CUSTOMERS = 4, 6, 400


def _shop(seed: int, tastes: int = TASTES) -> Lines:
    """Customers who buy four of the six products of their taste on different days, and now and then anything."""
    chance = np.random.default_rng(seed)
    rows = []
    for customer in range(CUSTOMERS):
        taste = customer % tastes
        own = np.arange(TASTES * EACH).reshape(tastes, -1)[taste]
        chosen = [*chance.choice(own, 4, replace=False), *chance.choice(TASTES * EACH, 1)]
        rows += [(customer, item, chance.integers(0, 365)) for item in chosen]
    lines = np.array(rows, np.int64)
    return lines[:, 0], lines[:, 1] * 10, lines[:, 2]


@pytest.fixture(scope="module")
def learned() -> NextBest:
    return learn(*_shop(1))


def test_offers_follow_the_taste_and_name_what_speaks_for_them(learned: NextBest) -> None:
    customers, items, _ = _shop(1)
    found = offers(learned, customers, items, top=2)
    assert learned.is_personal
    assert learned.judged.method > 1.5 * learned.judged.simple
    taste = found.customers % TASTES
    assert (found.items[:, 0] // 10 // EACH == taste).mean() > 0.95
    explained = found.because[:, 0] >= 0
    assert explained.mean() > 0.95
    assert (found.because[explained, 0] // 10 // EACH == taste[explained]).mean() > 0.95
    owned = set(zip(customers.tolist(), items.tolist(), strict=True))
    for customer, offered, because in zip(found.customers, found.items, found.because, strict=True):
        assert not any((customer, item) in owned for item in offered)
        assert all(item < 0 or (customer, item) in owned for item in because)


def test_the_rule_that_is_shown_counts_customers(learned: NextBest) -> None:
    customers, items, _ = _shop(1)
    found = offers(learned, customers, items, top=1)
    bought = {item: set(customers[items == item].tolist()) for item in np.unique(items).tolist()}
    for offered, because, together, having in zip(
        found.items[:, 0], found.because[:, 0], found.together[:, 0], found.having[:, 0], strict=True
    ):
        if because >= 0:
            assert having == len(bought[because])
            assert together == len(bought[because] & bought[offered])


def test_without_tastes_the_best_sellers_are_offered() -> None:
    lines = _shop(2, tastes=1)
    model = learn(*lines)
    assert not model.is_personal
    found = offers(model, [9_999], [9_999_999], top=3)
    sold = np.array([len(set(lines[0][lines[1] == item].tolist())) for item in model.items.tolist()])
    assert found.items[0].tolist() == model.items[np.argsort(-sold, kind="stable")[:3]].tolist()
    assert (found.because == -1).all()
    assert (found.together == 0).all()


def test_nothing_depends_on_the_order_of_lines_or_on_names(learned: NextBest) -> None:
    customers, items, when = _shop(1)
    order = np.random.default_rng(5).permutation(len(customers))
    again = learn(customers[order], items[order], when[order])
    expected = offers(learned, customers, items)
    found = offers(again, customers[order], items[order])
    assert again.judged.method == pytest.approx(learned.judged.method)
    assert (found.items == expected.items).mean() > 0.98, "ties of scores may fall otherwise"
    renamed = offers(learn(customers * -7.0, items, when), customers * -7.0, items)
    assert (renamed.items[::-1] == expected.items).mean() > 0.98


def test_worth_prefers_what_brings_more(learned: NextBest) -> None:
    customers, items, _ = _shop(1)
    dear = int(learned.items[3])
    worth = np.where(learned.items == dear, 1e6, 1.0)
    found = offers(learned, customers, items, top=1, worth=worth)
    has_not = ~np.isin(found.customers, customers[items == dear])
    assert (found.items[has_not, 0] == dear).mean() > 0.95


def test_when_there_is_no_more_to_offer_it_says_so(learned: NextBest) -> None:
    everything = learned.items
    found = offers(learned, np.zeros(len(everything)), everything, top=2)
    assert found.items.tolist() == found.because.tolist() == [[-1, -1]]
    assert offers(learned, [], []).items.shape == (0, 3)


def test_little_is_refused_and_says_how_much_is_missing() -> None:
    customers, items, when = _shop(1)
    with pytest.raises(NotEnough) as refused:
        learn([], [], np.array([], np.int64))
    assert (refused.value.needs, refused.value.has) == (100, 0)
    with pytest.raises(NotEnough) as refused:
        learn(customers, items[0] + 0 * items, when)
    assert refused.value.has == 0, "customers of one product tell nothing of another"
    few = customers < 60
    with pytest.raises(NotEnough) as refused:
        learn(customers[few], items[few], when[few])
    assert refused.value.has == 60
    with pytest.raises(NotEnough):
        learn(customers, items, np.zeros(len(items)))


@pytest.mark.parametrize("ridge", [0.0, -1.0, float("nan")])
def test_a_ridge_is_above_nothing(ridge: float) -> None:
    with pytest.raises(Invalid):
        learn(*_shop(1), ridge=ridge)


def test_online_retail_beats_the_best_sellers_twice(dataset: Callable[[str], Path]) -> None:
    """Nine months learned, three judged: of products never bought before, recall among ten offers is .123; sellers .053."""
    from pyarrow import parquet

    table = parquet.read_table(dataset("purchases/online_retail.parquet"))
    table = table.filter((table["Quantity"].to_numpy() > 0) & (table["UnitPrice"].to_numpy() > 0))
    table = table.filter(table["CustomerID"].is_valid())
    items = table["StockCode"].dictionary_encode().combine_chunks().indices.to_numpy()
    when = table["InvoiceDate"].to_numpy().astype("datetime64[D]")
    share = float((when < np.datetime64("2011-09-01")).mean())
    model = learn(table["CustomerID"].to_numpy(), items, when, share=share)
    assert model.judged.method >= 0.115
    assert model.judged.simple == pytest.approx(0.053, abs=0.002)
    assert model.judged.gain.low > 0.06


def test_few_products_are_judged_by_fewer_offers_than_there_are_products() -> None:
    """Among seven offers of seven products everything is found, whatever is offered: one is what it is judged by."""
    chance = np.random.default_rng(4)
    rows = [
        (customer, item, chance.integers(0, 365))
        for customer in range(600)
        for item in chance.choice(7, 4, replace=False)
    ]
    lines = np.array(rows, np.int64)
    few = learn(lines[:, 0], lines[:, 1], lines[:, 2])
    assert few.first == 1
    assert few.judged.method < 0.9
    assert few.judged.simple < 0.9
    # What is offered to everybody is not explained by what somebody bought.
    assert not few.is_personal
    assert (offers(few, lines[:, 0], lines[:, 1]).because == -1).all()
    many = learn(*_shop(1))
    assert many.first == TASTES * EACH // 4


def test_of_two_products_nothing_can_be_judged() -> None:
    rows = [(customer, item, customer + 300 * item) for customer in range(600) for item in (0, 1)]
    lines = np.array(rows, np.int64)
    with pytest.raises(NotEnough):
        learn(lines[:, 0], lines[:, 1], lines[:, 2])
