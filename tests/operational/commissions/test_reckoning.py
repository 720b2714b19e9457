"""The arithmetic of commission: every line can be reckoned again by hand, sums are those of lines, steps have no jumps."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peyvand.operational.commissions.reckoning import (
    Fact,
    Rate,
    Terms,
    marginal,
    next_step,
    override,
    reckon,
    recover,
    rounded,
)
from peyvand.operational.sales.public import split

DAY = date(2026, 8, 9)
ALONE = {1: Decimal(100)}
amounts = st.integers(0, 10**13)
percents = st.decimals("0", "100", places=2)


def terms(*rates, **values):
    return Terms(plan=1, chain=1, starts_on=date(2026, 1, 1), rates=tuple(rates), **values)


def fact(base, n=0, **values):
    return Fact(f"deal:{n}", DAY + timedelta(days=n % 20), base, base, 1, ALONE, **values)


def total(lines):
    return sum(line.amount for line in lines)


@st.composite
def tables(draw, is_rising=False):
    starts = [0, *sorted(draw(st.sets(st.integers(1, 10**13), max_size=4)))]
    rates = draw(st.lists(percents, min_size=len(starts), max_size=len(starts)))
    return [
        Rate(start, percent)
        for start, percent in zip(starts, sorted(rates) if is_rising else rates, strict=True)
    ]


facts = st.lists(amounts, max_size=12).map(lambda bases: [fact(base, n) for n, base in enumerate(bases)])


@given(tables(), facts, st.sampled_from(["flat", "marginal", "whole"]))
def test_every_line_is_what_its_reasons_come_to(rates, some, way):
    used = rates[:1] if way == "flat" else rates
    for line in reckon([terms(*used, way=way)], some):
        said = sum((part["base"] * Decimal(part["percent"]) for part in line.why["parts"]), Decimal(0)) / 100
        assert line.amount == int(said.to_integral_value(ROUND_HALF_UP))
        assert sum(part["base"] for part in line.why["parts"]) == line.base


@given(tables(), facts, st.randoms(use_true_random=False), st.sampled_from(["marginal", "whole"]))
def test_the_order_in_which_facts_come_changes_nothing(rates, some, dice, way):
    mixed = list(some)
    dice.shuffle(mixed)
    assert reckon([terms(*rates, way=way)], mixed) == reckon([terms(*rates, way=way)], some)


@given(tables(is_rising=True), facts, amounts, st.sampled_from(["marginal", "whole"]))
def test_who_sells_more_earns_no_less(rates, some, more, way):
    plan = terms(*rates, way=way)
    before, after = total(reckon([plan], some)), total(reckon([plan], [*some, fact(more, 99)]))
    # Each line is rounded by itself: half a unit for each is all that may be between.
    assert after >= before - len(some)


@given(tables(), amounts, amounts, amounts)
def test_steps_are_continuous_and_parts_make_the_whole(rates, start, a, b):
    ways = (
        marginal(rates, start, start + a),
        marginal(rates, start + a, start + a + b),
        marginal(rates, start, start + a + b),
    )
    sums = [sum(base * rate.percent for base, rate in parts) for parts in ways]
    assert sums[0] + sums[1] == sums[2]
    assert sum(base for base, _rate in ways[2]) == a + b
    jump = sum(base * rate.percent for base, rate in marginal(rates, 0, start + 1)) - sum(
        base * rate.percent for base, rate in marginal(rates, 0, start)
    )
    assert 0 <= jump <= 100


@given(tables(), st.integers(0, 10**12), st.integers(0, 10**12))
def test_what_is_taken_back_costs_what_it_brought(rates, start, amount):
    there, back = marginal(rates, start, start + amount), marginal(rates, start + amount, start)
    assert [(-base, rate) for base, rate in back] == there


@given(st.integers(0, 10**13), st.lists(st.integers(1, 30), min_size=1, max_size=5))
def test_shares_of_a_deal_make_the_whole_to_the_last_unit(amount, parts):
    shares = {n: Decimal(part) for n, part in enumerate(parts)} if sum(parts) <= 100 else ALONE
    rest = 100 - sum(shares.values())
    shares |= {77: rest} if rest else {}
    assert sum(split(amount, shares).values()) == amount
    fixed = [
        reckon([terms(Rate(fixed=amount))], [replace(fact(0), user=user, shares=shares)]) for user in shares
    ]
    assert sum(map(total, fixed)) == amount


def test_steps_by_amount_marginal_and_whole():
    table = (Rate(0, Decimal(3)), Rate(1000, Decimal(5)), Rate(2000, Decimal(8)))
    some = [fact(800, 1), fact(1700, 2)]
    assert [line.amount for line in reckon([terms(*table, way="marginal")], some)] == [24, 6 + 50 + 40]
    assert [line.amount for line in reckon([terms(*table, way="whole")], some)] == [64, 136]
    assert next_step(terms(*table, way="whole"), 800) == (200, table[1])
    assert next_step(terms(*table, way="whole"), 2000) is None


@pytest.mark.parametrize(("base", "want"), [(799, 24), (800, 40), (1000, 80)])
def test_accelerators_by_the_share_of_the_quota(base, want):
    plan = terms(Rate(percent=Decimal(3)), Rate(percent=Decimal(5), reach=Decimal(80)),
                 Rate(percent=Decimal(8), reach=Decimal(100)), way="whole", by_quota=True)  # fmt: skip
    [line] = reckon([plan.for_target(1000)], [fact(base)])
    assert line.amount == want


@pytest.mark.parametrize("target", [None, 0])
def test_without_a_quota_only_the_first_step_holds_and_the_line_says_so(target):
    plan = terms(
        Rate(percent=Decimal(3)), Rate(percent=Decimal(8), reach=Decimal(100)), way="whole", by_quota=True
    )
    [line] = reckon([plan.for_target(target)], [fact(5000)])
    assert (line.amount, line.why["no_quota"]) == (150, True)


def test_products_and_series_have_rates_of_their_own():
    plan = terms(
        Rate(percent=Decimal(5)),
        Rate(percent=Decimal(10), product=7),
        Rate(percent=Decimal(2), series="Rugs"),
    )
    some = [fact(100, 1), fact(100, 2, product=7, series="Rugs"), fact(100, 3, product=8, series="Rugs")]
    assert [line.amount for line in reckon([plan], some)] == [5, 10, 2]


def test_a_plan_changed_within_the_period_holds_from_its_day_and_steps_count_on():
    table = (Rate(0, Decimal(1)), Rate(100, Decimal(10)))
    old = replace(terms(*table, way="marginal"), ends_on=DAY)
    new = Terms(
        plan=2,
        chain=1,
        starts_on=DAY + timedelta(days=1),
        way="marginal",
        rates=(Rate(0, Decimal(2)), Rate(100, Decimal(20))),
    )
    lines = reckon([old, new], [fact(100, 0), fact(100, 1)])
    assert [(line.plan, line.amount) for line in lines] == [(1, 1), (2, 20)]


def test_the_most_and_the_least_and_advances():
    assert [line.amount for line in reckon([terms(Rate(percent=Decimal(50)), most=30)], [fact(100)])] == [
        50,
        -20,
    ]
    assert [line.amount for line in reckon([terms(Rate(percent=Decimal(5)), least=30)], [fact(100)])] == [
        5,
        25,
    ]
    draw = terms(Rate(percent=Decimal(5)), least=30, is_draw=True)
    assert [line.key for line in reckon([draw], [])] == ["1:draw"]
    assert recover(draw, 50, 25).amount == -20
    assert recover(draw, 100, 25).amount == -25
    assert recover(draw, 20, 25) is None


@given(st.integers(-(10**12), 10**12), percents)
def test_a_managers_share_is_of_what_their_people_earn(earned, percent):
    line = override(terms(override=percent), 5, "Babak", earned)
    assert (line.amount if line else 0) == (rounded(earned * percent / 100) if earned else 0)
