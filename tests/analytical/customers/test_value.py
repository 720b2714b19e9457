"""Value: what is told follows what was bought, is tried on what came later, and gives way to the simple rule."""

from __future__ import annotations

from datetime import timedelta
from functools import cache

import numpy as np
import pytest
from tests.analytical.customers.making import TODAY, Row, figures, found, lived, of, sale_table, told

from peyvand.analytical.analyses.contract import Finding
from peyvand.analytical.customers.value import _by_rule
from peyvand.analytical.methods.backtest import coverage
from peyvand.analytical.methods.clv.purchases import purchases
from peyvand.analytical.methods.guards import NotEnough, Stale

BUYERS = range(2, 1402, 2)


@cache
def valued() -> Finding:
    return found("value", {"sale": sale_table(lived(BUYERS))})


def test_the_model_beats_the_rule_and_says_how_sure_it_is() -> None:
    finding = valued()
    beside = finding.card.beside
    assert beside is not None
    assert beside.is_better
    assert beside.method < beside.simple
    assert len(finding.card.bins) == 10
    assert finding.card.lift[0] > 0.15
    value, tier = of(finding, "expected_value"), of(finding, "value_tier")
    assert len(value) == len(BUYERS)
    best = sum(value[one] for one in value if tier[one] == "a") / sum(value.values())
    assert 0.45 < best < 0.55
    assert min(value[one] for one in value if tier[one] == "a") >= max(
        value[one] for one in value if tier[one] == "b"
    )
    interval = told(finding, "expected_value")
    assert all(interval[one]["low"] <= value[one] <= interval[one]["high"] for one in value)
    orders, between = of(finding, "expected_orders"), told(finding, "expected_orders")
    assert all(between[one]["low"] <= orders[one] <= between[one]["high"] for one in value)
    begin, end, alive = of(finding, "next_from"), of(finding, "next_until"), of(finding, "alive")
    windows = [one for one in value if end[one] is not None]
    assert windows
    assert all(begin[one] < end[one] and end[one] >= TODAY and alive[one] >= 50 for one in windows)
    assert all(0 <= share <= 100 for share in alive.values())


def test_who_went_quiet_is_less_surely_a_customer_also_after_one_order() -> None:
    long_ago, lately = TODAY - timedelta(days=800), TODAY - timedelta(days=5)
    rows = [*lived(BUYERS), (9001, long_ago, 1_000_000), (9003, lately, 1_000_000)]
    alive = of(found("value", {"sale": sale_table(rows)}), "alive")
    assert alive[9001] < 50 < alive[9003]


def test_a_night_without_sales_changes_no_reason_and_no_window() -> None:
    """Days stand in reasons, not ages, so that rows are written only when something happened."""
    later = found("value", {"sale": sale_table(lived(BUYERS))}, as_of=TODAY + timedelta(days=1))
    before, after = told(valued(), "expected_value"), told(later, "expected_value")
    assert {k: v["reasons"] for k, v in before.items()} == {k: v["reasons"] for k, v in after.items()}


def test_where_everybody_keeps_step_the_simple_rule_is_what_is_said() -> None:
    rows: list[Row] = [
        (one, TODAY - timedelta(days=step), 500_000)
        for one in range(2, 602, 2)
        for step in range(0, 800, 20 + one % 40)
    ]
    finding = found("value", {"sale": sale_table(rows)}, horizon_days=100)
    assert finding.card.beside is not None
    assert not finding.card.beside.is_better
    assert finding.card.beside.instead == "The result shown is that of the simple rule."
    expected = of(finding, "expected_orders")
    assert expected[20] == pytest.approx(100 / 40, abs=0.06)
    assert expected[38] == pytest.approx(100 / 58, abs=0.06)
    between = told(finding, "expected_orders")[20]
    assert between["low"] < expected[20] < between["high"]
    worth = told(finding, "expected_value")[20]
    assert (worth["low"], worth["high"]) == (500_000 * between["low"], 500_000 * between["high"])


def test_by_the_rule_four_of_five_come_to_lie_between() -> None:
    """Orders that come by chance, at a rate of each customer's own: what follows lies within in 80 of 100, or a few more."""
    chance = np.random.default_rng(11)
    rate = chance.gamma(2, 0.01, 4000)
    again = chance.poisson(rate * 400)
    known = purchases(again, np.where(again > 0, 390, 0), np.full(4000, 400))
    said = _by_rule(known, np.ones(4000), 200)
    came = chance.poisson(rate * 200)
    assert 0.8 <= coverage(came, said.fewest, said.most) < 0.93


def test_the_margin_is_what_is_left_of_the_value() -> None:
    rows = sale_table(lived(BUYERS))
    whole, part = valued(), found("value", {"sale": rows}, margin=25)
    total = sum(of(whole, "expected_value").values())
    assert sum(of(part, "expected_value").values()) == pytest.approx(total / 4, rel=0.02)


@pytest.mark.parametrize("rows", [[], [(2, TODAY, 100)], [(one, TODAY, 100) for one in BUYERS]])
def test_too_little_is_refused_with_what_is_missing(rows: list[Row]) -> None:
    with pytest.raises(NotEnough) as refusal:
        found("value", {"sale": sale_table(rows)})
    buyers = len({one for one, _, _ in rows})
    assert (refusal.value.needs, refusal.value.has) == ((200, buyers) if buyers < 200 else (80, 0))


def test_old_data_are_refused() -> None:
    with pytest.raises(Stale):
        found("value", {"sale": sale_table(lived(BUYERS))}, as_of=TODAY + timedelta(days=1000))


def test_what_is_no_purchase_known_by_then_changes_nothing() -> None:
    strange: list[Row] = [
        (None, TODAY, 10**9),
        (2, TODAY + timedelta(days=3), 10**9),
        (9001, TODAY, 0),
        (9003, TODAY, -5_000_000),
    ]
    finding = found("value", {"sale": sale_table([*lived(BUYERS), *strange])})
    assert of(finding, "expected_value") == of(valued(), "expected_value")
    assert figures(finding) == figures(valued())


def test_where_hardly_anybody_came_the_card_warns_that_it_says_too_much() -> None:
    """Until then all bought at their pace; since then three in four stayed away, which the model could not know."""
    assert valued().card.caution is None
    gone = {one for one in BUYERS if one % 8}
    rows = [row for row in lived(BUYERS) if row[0] not in gone or row[1] <= TODAY - timedelta(days=300)]
    finding = found("value", {"sale": sale_table(rows)})
    assert finding.card.is_off
    assert finding.card.caution is not None
    assert finding.card.caution.template.startswith("What it says is likely too high")
    card = figures(finding)
    assert card["Purchases it predicted"] > 1.2 * card["Actual purchases"]


def test_orders_of_one_day_are_one_purchase_and_whoever_gave_all_back_is_told_of() -> None:
    """Everybody orders twice on each of their days; one gave back on the same day all that they bought."""
    rows = lived(BUYERS)
    twice = [(who, day, net // 2 + 1) for who, day, net in rows for _ in range(2)]
    undone: list[Row] = [(9000, TODAY - timedelta(days=40), 500), (9000, TODAY - timedelta(days=40), -500)]
    sales = {"sale": sale_table([*twice, *undone])}
    finding = found("value", sales)
    days = {who: len({day for one, day, _ in rows if one == who}) for who in BUYERS}
    said = told(finding, "expected_value")
    for who in (one for one in BUYERS if days[one] > 1):
        template, params, _ = next(each for each in said[who]["reasons"] if "days, last" in each[0])
        assert (template, params["days"]) == ("Bought on %(days)s days, last on %(day)s", days[who])
        usual = next(each for each in said[who]["reasons"] if "such a day" in each[0])
        brought = sum(net for one, _, net in twice if one == who)
        assert usual[1]["amount"]["money"] == pytest.approx(brought / days[who], abs=1)
    assert 9000 not in of(finding, "expected_value")
    assert [note.params for note in finding.card.notes if "Not counted" in note.template] == [{"n": 1}]
    assert of(found("rfm", sales), "order_count")[2] == 2 * days[2]
