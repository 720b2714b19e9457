"""What-if: nothing moved changes nothing, more is never less, what is further away is less sure, and figures reckoned by hand."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from peyvand.analytical.methods.guards import NotEnough
from peyvand.analytical.methods.what_if import BOUNDS, Band, Levers, Part, Start, compared
from peyvand.kernel.errors import Invalid

EVEN = Start(
    dealt=(100.0,) * 12, other=(50.0,) * 12, leads=40, conversion=0.25, win_rate=0.5, people=4, from_leads=0.6, lag=2,
    discount=0.1, margin=0.4, plan={"7": Part(0.5, 0.25)},
)  # fmt: skip

amounts = st.lists(st.floats(0, 1e9), min_size=6, max_size=18)


@st.composite
def starts(draw: st.DrawFn) -> Start:
    dealt = draw(amounts)
    other = draw(st.lists(st.floats(0, 1e9), min_size=len(dealt), max_size=len(dealt)))
    share = st.floats(0, 1)
    return Start(
        tuple(dealt), tuple(other), leads=draw(st.floats(1, 1e4)), conversion=draw(st.floats(0.01, 0.9)),
        win_rate=draw(st.floats(0.01, 0.9)), people=draw(st.floats(1, 100)), from_leads=draw(share), lag=draw(st.integers(0, 15)),
        discount=draw(st.floats(0, 0.5)), margin=draw(st.one_of(st.none(), st.floats(-0.5, 1))),
        plan={"1": Part(draw(share), draw(share))},
    )  # fmt: skip


@given(starts())
@settings(max_examples=20, deadline=None)
def test_with_no_lever_moved_all_is_as_now_and_less_sure_month_by_month(start: Start) -> None:
    found = compared(start, Levers(elasticity=-3.0), paths=200)
    assert found.then == found.now
    assert (found.gain.expected, found.gain.low, found.gain.high) == (0, 0, 0)
    level = (sum(start.dealt) + sum(start.other)) / len(start.dealt)
    widths = []
    for month in found.now.revenue:
        assert month.expected == pytest.approx(level, rel=1e-6, abs=1e-6)
        assert month.low <= month.expected <= month.high
        widths.append(month.high - month.low)
    assert all(b >= a * (1 - 1e-9) - 1e-9 for a, b in pairwise(widths))


@given(
    starts(),
    st.sampled_from(["leads", "conversion", "win_rate", "people", "orders", "size"]),
    st.floats(0, 1),
    st.floats(0, 1),
)
@settings(max_examples=40, deadline=None)
def test_more_is_never_less(start: Start, lever: str, one: float, other: float) -> None:
    low, high = BOUNDS[lever] if lever not in ("leads", "people") else (0.0, 1e4)
    less, more = (low + (high - low) * share for share in sorted((one, other)))
    before, after = (compared(start, Levers(**{lever: value}), paths=100).then for value in (less, more))
    slack = 1e-9 * (1 + after.revenue_total.high)
    for a, b in zip(before.revenue, after.revenue, strict=True):
        assert b.expected >= a.expected - slack
    assert after.revenue_total.low >= before.revenue_total.low - slack
    assert after.revenue_total.high >= before.revenue_total.high - slack


def _months(levers: Levers, start: Start = EVEN) -> list[float]:
    return [round(month.expected, 6) for month in compared(start, levers, paths=50).then.revenue]


def test_levers_do_what_they_say() -> None:
    """Months that are all alike leave nothing to chance: 100 of deals and 50 of all else."""
    # Twice the leads: six of ten deals are doubled, two months later.
    assert _months(Levers(leads=80)) == [150, 150, *[210] * 10]
    # Four people more: the other four of ten, in full after three months.
    assert _months(Levers(people=8)) == [150, 150, 163.333333, 176.666667, *[190] * 8]
    assert _months(Levers(people=0)) == [150, 150, *[110] * 10]
    assert _months(Levers(win_rate=0.25)) == [100] * 12
    assert _months(Levers(orders=0.2)) == [160] * 12
    assert _months(Levers(size=-1)) == [0] * 12
    assert _months(Levers(price=0.1, elasticity=0)) == pytest.approx([165] * 12)
    assert _months(Levers(price=0.1)) == pytest.approx([150] * 12)
    assert _months(Levers(discount=0, elasticity=0)) == pytest.approx([150 / 0.9] * 12, abs=1e-5)
    assert _months(Levers(plan={"7": 0.2})) == pytest.approx([165] * 12)


def test_margin_follows_volume_and_price() -> None:
    def margin(levers: Levers) -> float:
        found = compared(EVEN, levers, paths=50)
        assert found.then.margin is not None
        assert found.margin_gain is not None
        return found.then.margin[0].expected

    assert margin(Levers()) == pytest.approx(60)
    # A price without an answer of the buyers is all margin; with one percent less for each more, costs fall.
    assert margin(Levers(price=0.1, elasticity=0)) == pytest.approx(75)
    assert margin(Levers(price=0.1)) == pytest.approx(150 - 90 / 1.1)
    assert margin(Levers(orders=0.2)) == pytest.approx(64)
    # A product of half of the revenue and a quarter of the cost.
    assert margin(Levers(plan={"7": 0.2})) == pytest.approx(165 - 90 * 1.05)
    assert compared(replace(EVEN, margin=None), Levers(), paths=50).then.margin is None


def test_what_cannot_be_reckoned_is_refused() -> None:
    with pytest.raises(NotEnough) as missing:
        compared(Start((1.0,) * 5, (0.0,) * 5), Levers())
    assert (missing.value.needs, missing.value.has) == (6, 5)
    for levers, name in (
        (Levers(conversion=1.5), "conversion"), (Levers(price=-1), "price"), (Levers(elasticity=1), "elasticity"),
        (Levers(plan={"8": 0.1}), "plan"), (Levers(plan={"7": -2}), "plan"),
    ):  # fmt: skip
        with pytest.raises(Invalid) as refused:
            compared(EVEN, levers)
        assert refused.value.problems[0].field == name
    with pytest.raises(Invalid):
        compared(replace(EVEN, leads=None), Levers(leads=10))


def test_as_now_is_as_the_forecast_says_and_levers_act_upon_it() -> None:
    ahead = (Band(300, 200, 500), Band(330, 250, 400), Band(0, 0, 90))
    uneven = replace(EVEN, dealt=(50.0, 150.0) * 6, ahead=ahead)
    found = compared(uneven, Levers(size=0.5))
    assert found.now.revenue[:2] == tuple(
        Band(*map(pytest.approx, (b.expected, b.low, b.high))) for b in ahead[:2]
    )
    assert (found.now.revenue[2].expected, found.then.revenue[2].expected) == (0, 0)
    assert found.then.revenue[0].expected > 300
    # The months after it are as its months are on average, and never surer than it.
    assert [band.expected for band in found.now.revenue[3:]] == pytest.approx([210] * 9)
    assert all((band.high - band.expected) / band.expected >= 200 / 300 for band in found.now.revenue[3:])
    assert found.now.revenue_total.expected == pytest.approx(630 + 9 * 210)
    assert compared(uneven, Levers()).gain.expected == 0
