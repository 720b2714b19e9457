"""Churn: who left is told from who waits, probabilities are true, and noise is called noise."""

from __future__ import annotations

from datetime import timedelta
from functools import cache

import numpy as np
import pytest
from tests.analytical.customers.making import TODAY, Row, figures, found, lived, of, sale_table, told

from peyvand.analytical.analyses.contract import Finding
from peyvand.analytical.methods.backtest import auc
from peyvand.analytical.methods.guards import NoSignal, NotEnough, Stale

BUYERS = range(2, 2002, 2)
CUT = TODAY - timedelta(days=90)


@cache
def judged() -> Finding:
    return found("churn", {"sale": sale_table(lived(BUYERS))})


def test_who_will_not_buy_is_told_better_than_by_silence_alone() -> None:
    beside = judged().card.beside
    assert beside is not None
    assert beside.is_better
    assert figures(judged())["Expected calibration error"] < 5
    risk, level = of(judged(), "churn_risk"), of(judged(), "churn_level")
    assert {level[one] for one in risk if risk[one] >= 67} == {"high"}
    assert {level[one] for one in risk if risk[one] < 34} == {"low"}


def test_percentages_are_judged_by_a_correction_that_knew_only_what_came_before() -> None:
    told = figures(judged())
    assert told["Expected calibration error"] <= told["Expected calibration error, uncorrected"] + 1
    assert not judged().card.is_off


def test_where_people_begin_to_leave_the_card_warns_that_its_percentages_are_off() -> None:
    """Until ninety days ago nearly everybody came again; since then half of them stayed away whatever they had done."""
    gone = set(list(BUYERS)[::2])
    rows = [row for row in lived(BUYERS) if row[1] <= CUT or row[0] not in gone]
    card = found("churn", {"sale": sale_table(rows)}).card
    assert card.caution is not None
    assert card.caution.template.startswith("Its percentages are not to be taken at their word")


def test_what_it_said_ninety_days_ago_came_true() -> None:
    """Run as of an earlier day, it knows only what was known then; what followed bears it out."""
    rows = lived(BUYERS)
    said = of(found("churn", {"sale": sale_table(rows)}, as_of=CUT), "churn_risk")
    bought = {one for one, day, _ in rows if day > CUT}
    away = [one not in bought for one in said]
    assert auc(away, list(said.values())) > 0.8
    assert np.mean(list(said.values())) == pytest.approx(100 * np.mean(away), abs=6)


def test_reasons_speak_of_the_customers_own_rhythm() -> None:
    days = [TODAY - timedelta(days=91 + 34 * n) for n in range(10)]
    rows = [*lived(BUYERS), *((9001, day, 2_000_000) for day in days), (9003, TODAY, 2_000_000)]
    finding = found("churn", {"sale": sale_table(rows)})
    said = told(finding, "churn_level")
    template, params, effect = said[9001]["reasons"][0]
    assert template == "Usually buys every %(days)s days, but has not bought since %(day)s"
    assert params == {"days": 34, "day": {"day": days[0].isoformat()}}
    assert effect == of(finding, "churn_risk")[9001] - 50
    assert said[9003]["reasons"][0][1] == {"day": {"day": TODAY.isoformat()}}


def test_where_nobody_leaves_and_all_buy_alike_there_is_no_signal() -> None:
    chance = np.random.default_rng(3)
    rows: list[Row] = [
        (int(one), TODAY - timedelta(days=int(day)), 100)
        for one in range(2, 802, 2)
        for day in np.flatnonzero(chance.random(700) < 1 / 60)
    ]
    with pytest.raises(NoSignal):
        found("churn", {"sale": sale_table(rows)})


@pytest.mark.parametrize(
    ("rows", "needs", "has"),
    [
        ([], 80, 0),
        ([(2, TODAY, 100)], 80, 1),
        ([(one, TODAY, 100) for one in BUYERS], 180, 0),
        ([(one, CUT - timedelta(days=100 + one % 30), 100) for one in BUYERS] + [(2, TODAY, 100)], 40, 1),
    ],
)
def test_too_little_is_refused_with_what_is_missing(rows: list[Row], needs: int, has: int) -> None:
    with pytest.raises(NotEnough) as refusal:
        found("churn", {"sale": sale_table(rows)})
    assert (refusal.value.needs, refusal.value.has) == (needs, has)


def test_old_data_are_refused() -> None:
    with pytest.raises(Stale):
        found("churn", {"sale": sale_table(lived(BUYERS))}, as_of=TODAY + timedelta(days=1000))


def test_the_best_segments_say_that_a_risk_beside_them_is_of_other_days() -> None:
    finding = found("rfm", {"sale": sale_table(lived(BUYERS))})
    segments, reasons = of(finding, "rfm_segment"), told(finding, "rfm_segment")
    says = {
        segment: {
            any("risk of churn" in said[0] for said in reasons[one]["reasons"])
            for one, name in segments.items()
            if name == segment
        }
        for segment in set(segments.values())
    }
    assert says.pop("champions") == says.pop("loyal") == {True}
    assert set().union(*says.values()) == {False}
