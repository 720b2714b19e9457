"""What a campaign changed is measured against a control group; whom it changed is said only where that is no chance."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from peyvand.analytical.methods.guards import NoSignal, NotEnough
from peyvand.analytical.methods.uplift import effect, learn, rank, score
from peyvand.kernel.errors import Invalid, RuleViolation

Trial = tuple[dict[str, Any], np.ndarray, np.ndarray]


@cache
def _trial(many: int = 8000, seed: int = 3) -> Trial:
    """One in five buys anyway, more so those with long histories; a letter moves the young alone, by twelve in a hundred."""
    chance = np.random.default_rng(seed)
    fields = {"age": chance.integers(20, 70, many), "history": chance.gamma(2, 50, many)}
    treated = chance.random(many) < 0.5
    likely = 0.1 + 0.1 * (fields["history"] > 100) + 0.12 * treated * (fields["age"] < 40)
    return fields, treated, chance.random(many) < likely


def test_the_young_are_found_and_the_reason_is_their_age() -> None:
    fields, treated, came = _trial()
    model = learn(fields, treated, came)
    found = score(model, fields, reasons=1)
    young = fields["age"] < 40
    assert np.mean(found.uplift[young]) == pytest.approx(0.12, abs=0.03)
    assert np.mean(found.uplift[~young]) == pytest.approx(0, abs=0.03)
    assert model.ranking.qini.low > 0
    assert model.ranking.p < 0.01
    first, last = model.ranking.tenths[0].difference, model.ranking.tenths[-1].difference
    assert first.low > last.value
    assert (found.reasons[young, 0] == model.fields.index("age")).mean() > 0.9
    assert (found.effects[young & (fields["age"] < 30), 0] > 0).mean() > 0.9
    assert score(model, {name: [] for name in model.fields}).uplift.shape == (0,)


def test_the_mean_effect_is_the_difference_of_the_groups() -> None:
    fields, treated, came = _trial()
    found = effect(treated, came)
    assert found.difference.value == pytest.approx(came[treated].mean() - came[~treated].mean())
    assert found.difference.low < 0.12 * (fields["age"] < 40).mean() < found.difference.high
    assert (found.treated, found.control) == (treated.sum(), (~treated).sum())
    amounts = effect([1, 1, 0, 0], [10.0, -2.0, 0.0, 4.0])
    assert amounts.difference.value == 2
    assert amounts.difference.high - 2 == pytest.approx(1.96 * np.sqrt(72 / 2 + 8 / 2))
    for few in ([1, 1, 1], [0, 0, 0], []):
        with pytest.raises(NotEnough):
            effect(few, few)


def test_the_interval_of_the_mean_effect_holds_the_truth_in_95_of_100() -> None:
    chance = np.random.default_rng(8)
    inside = []
    for _ in range(1000):
        treated = chance.random(400) < 0.4
        found = effect(treated, chance.random(400) < np.where(treated, 0.3, 0.2)).difference
        inside.append(found.low <= 0.1 <= found.high)
    assert 0.93 <= np.mean(inside) <= 0.97


def test_an_effect_that_is_the_same_for_all_is_not_ranked() -> None:
    """In ten campaigns without anybody to prefer, at most one is ranked by mistake."""
    ranked = 0
    for seed in range(10):
        chance = np.random.default_rng(seed)
        fields, treated, _ = _trial(3000, seed)
        came = chance.random(3000) < np.where(treated, 0.3, 0.2)
        assert effect(treated, came).difference.low > 0
        try:
            learn(fields, treated, came)
            ranked += 1
        except NoSignal:
            continue
    assert ranked <= 1


def test_a_ranking_by_the_truth_beats_one_by_chance_and_reversed_loses() -> None:
    fields, treated, came = _trial()
    true = (fields["age"] < 40) + np.random.default_rng(0).random(len(came)) * 1e-3
    best, worst = rank(true, treated, came), rank(-true, treated, came)
    noise = rank(np.random.default_rng(1).random(len(came)), treated, came)
    assert best.qini.low > 0 > worst.qini.high
    assert noise.qini.low < 0 < noise.qini.high
    assert (best.p, worst.p) == (pytest.approx(1 / 301), 1.0)
    flat = rank(np.zeros(len(came)), treated, came)
    assert flat.qini.value == pytest.approx(0), "everybody ranked the same is no ranking"


def test_a_qini_coefficient_worked_out_on_paper() -> None:
    """Of the better half, ten of twenty treated buy; nobody else does. Treating that half gains all, 1/4, instead of 1/8."""
    better = np.repeat([1, 0], 40)
    treated = np.tile([1, 0], 40)
    came = better * treated * (np.arange(80) % 4 == 0)
    assert rank(better, treated, came).qini.value == pytest.approx((0.25 - 0.125) / 2)
    assert rank(-better, treated, came).qini.value == pytest.approx(-0.125 / 2)
    three_in_four = (np.arange(80) % 4 > 0).astype(int)
    bought = np.where(better == 1, three_in_four * (np.arange(80) % 4 == 1), 1 - three_in_four)
    # Better half: 10 of 30 treated. Worse half: all 10 of control, who stand for 30. 10/60 gained, then 30/60 lost.
    assert rank(better, three_in_four, bought).qini.value == pytest.approx((1 / 6 - (1 / 6 - 1 / 2) / 2) / 2)


def test_nothing_depends_on_the_order_of_rows() -> None:
    fields, treated, came = _trial()
    order = np.random.default_rng(2).permutation(len(came))
    one = learn(fields, treated, came)
    other = learn({name: column[order] for name, column in fields.items()}, treated[order], came[order])
    assert score(other, fields).uplift == pytest.approx(score(one, fields).uplift, abs=1e-8)


def test_a_control_group_that_was_chosen_is_refused() -> None:
    fields, _, came = _trial()
    chosen = fields["history"] + np.random.default_rng(6).normal(0, 60, len(came)) > 90
    with pytest.raises(RuleViolation, match="by lot") as refused:
        learn(fields, chosen, came)
    assert refused.value.code == "not_random"


def test_little_is_refused_and_says_how_much_is_missing() -> None:
    fields, treated, came = _trial()
    few = came & (np.cumsum(came & ~treated) <= 99)
    with pytest.raises(NotEnough, match="control") as refused:
        learn(fields, treated, few)
    assert (refused.value.needs, refused.value.has) == (100, 99)
    with pytest.raises(NotEnough):
        learn(fields, treated, np.ones(len(came)))
    with pytest.raises(NotEnough):
        learn({}, [], [])
    with pytest.raises(RuleViolation, match="No field"):
        learn({"same": np.ones(len(came))}, treated, came)
    with pytest.raises(Invalid):
        learn(fields, treated, np.where(came, np.nan, 1))


def test_hillstrom_ranks_visits_and_refuses_mens_conversions(dataset: Callable[[str], Path]) -> None:
    """Half of the 64,000 people of the e-mail challenge of 2008: the effects of both mails are sure, their rankings are not all."""
    with gzip.open(dataset("campaigns/hillstrom_even.csv.gz"), "rt") as file:
        rows = list(csv.DictReader(file))
    arm = np.array([row["segment"] for row in rows])
    fields: dict[str, Any] = {name: np.array([row[name] for row in rows]) for name in ("zip_code", "channel")}
    for name in ("recency", "history", "mens", "womens", "newbie"):
        fields[name] = np.array([float(row[name]) for row in rows])

    def trial(mail: str, target: str) -> Trial:
        kept = (arm == mail) | (arm == "No E-Mail")
        came = np.array([row[target] == "1" for row in rows])
        return {name: column[kept] for name, column in fields.items()}, (arm == mail)[kept], came[kept]

    women = trial("Womens E-Mail", "visit")
    assert effect(*women[1:]).difference.value == pytest.approx(0.0448, abs=5e-4)
    ranking = learn(*women).ranking
    assert 0.005 < ranking.qini.value < 0.009
    assert ranking.p < 0.01
    men = trial("Mens E-Mail", "conversion")
    assert effect(*men[1:]).difference.low > 0, "that the mail sells is certain"
    with pytest.raises(NotEnough):
        learn(*men)
    with pytest.raises(NoSignal):
        learn(*men, events=50)
