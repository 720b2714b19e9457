"""What campaigns changed: the mean effect first; whom they changed only where that is no chance, and of every customer then."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from tests.analytical.campaigns.making import DAY, trial_table, tried
from tests.analytical.customers.making import TODAY, figures, found, of, told

from peyvand.analytical.methods.guards import NotEnough

# Campaigns of outside tables are described in the database.
pytestmark = pytest.mark.usefixtures("db")


def only(tables: dict[str, Any], **settings: Any) -> dict[str, Any]:
    finding = found("uplift", tables, **settings)
    [one] = finding.more["trials"]
    trial: dict[str, Any] = one
    return trial


def test_those_who_answer_are_found_and_everybody_is_told_by_how_much() -> None:
    tables = tried()
    finding = found("uplift", tables)
    [trial] = finding.more["trials"]
    treated = np.array(tables["trial"]["is_treated"].to_pylist())
    came = np.array(tables["trial"]["outcome"].to_pylist())
    by_hand = 100 * (came[treated].mean() - came[~treated].mean())
    value, low, high = trial["difference"]
    assert value == pytest.approx(by_hand, abs=0.01)
    assert low < 7.5 < high
    assert (trial["verdict"], trial["missing"], trial["open"]) == ("better", [0, 0], 0)
    assert trial["treated"] == [int(came[treated].sum()), int(treated.sum())]
    assert trial["ranking"]["qini"][1] > 0
    assert trial["ranking"]["tenths"][0][0] > trial["ranking"]["tenths"][-1][0]
    # Orders, amount and the days since the first are one thing in three dresses.
    assert {name for name, _ in trial["fields"][:3]} == {"orders", "amount", "first"}
    assert finding.card.beside is not None
    assert finding.card.beside.is_better
    uplift, level = of(finding, "uplift"), of(finding, "uplift_level")
    assert set(uplift) == set(range(2, 12_002, 2))
    often = {2 * n + 2 for n, k in enumerate(_orders(tables)) if k >= 4}
    never = {2 * n + 2 for n, k in enumerate(_orders(tables)) if k == 0}
    assert np.mean([uplift[who] for who in often]) > 8
    assert np.mean([uplift[who] for who in never]) < 5
    assert sum(level[who] == "more" for who in often) > 0.8 * len(often)
    said = told(finding, "uplift")[min(often)]["reasons"]
    assert said[0][:2] == ["As measured by a campaign with a control group", {}]
    assert len(said) == 3


def _orders(tables: dict[str, pa.Table]) -> list[int]:
    """How often each had bought by today."""
    bought = tables["sale"]["customer"].to_numpy()
    return [int(n) for n in np.bincount(bought // 2, minlength=6001)[1:]]


def test_with_the_groups_swapped_it_is_told_to_harm() -> None:
    one, other = only(tried()), only(tried(swapped=True))
    assert other["verdict"] == "worse"
    assert other["difference"][0] == pytest.approx(-one["difference"][0], abs=0.01)
    assert (other["treated"], other["alone"]) == (one["alone"], one["treated"])


def test_an_effect_that_is_the_same_for_all_is_told_and_nobody_is_ranked() -> None:
    tables = tried()
    chance = np.random.default_rng(5)
    treated = np.array(tables["trial"]["is_treated"].to_pylist())
    tables["trial"] = trial_table(treated, chance.random(len(treated)) < 0.2 + 0.1 * treated)
    finding = found("uplift", tables)
    [trial] = finding.more["trials"]
    assert (trial["verdict"], trial["ranking"], trial["code"]) == ("better", None, "no_signal")
    assert (finding.scores, finding.card.beside, finding.more["scored_by"]) == ((), None, "")


def test_groups_that_were_chosen_are_not_taken_for_drawn() -> None:
    tables = tried()
    came = np.array(tables["trial"]["outcome"].to_pylist())
    orders = np.bincount(
        tables["sale"].filter(pa.compute.less(tables["sale"]["day"], pa.scalar(DAY)))["customer"].to_numpy() // 2,
        minlength=6001,
    )[1:]  # fmt: skip
    tables["trial"] = trial_table(orders + np.random.default_rng(1).normal(0, 1, 6000) > 2.5, came)
    assert only(tables)["code"] == "not_random"


def test_too_little_is_refused_and_what_is_not_over_is_waited_for() -> None:
    with pytest.raises(NotEnough):
        found("uplift", {})
    with pytest.raises(NotEnough):
        found("uplift", {"trial": trial_table([True] * 50, [True] * 50)})
    with pytest.raises(NotEnough):
        found("uplift", {"trial": trial_table([True, False], [True, None])})
    late = {"trial": trial_table([True, False] * 50, [True, False] * 50, day=TODAY)}
    with pytest.raises(NotEnough):
        found("uplift", late)
    few = {"trial": trial_table([True, False] * 20 + [True], [True, False] * 20 + [None])}
    trial = only(few)
    assert (trial["verdict"], trial["code"], trial["open"]) == ("few", "not_enough", 1)
    assert trial["missing"][0] > 100
    assert trial["treated"] == [20, 20]


def test_a_record_counts_once_as_it_was_the_first_time_and_the_newest_campaign_comes_first() -> None:
    once = trial_table([True, False, False], [True, False, True])
    again = trial_table([False, True, True], [False] * 3, trial=["a:1", "a:2", "a:3"], day=TODAY).slice(0, 2)
    other = trial_table(
        [True, False],
        [True, False],
        name="Autumn letter",
        campaign="automation:9",
        day=TODAY.replace(month=9),
    )
    finding = found("uplift", {"trial": pa.concat_tables([again, once, other])})
    first, second = finding.more["trials"]
    assert [first["name"], second["name"]] == ["Autumn letter", "Spring letter"]
    assert (second["treated"], second["alone"]) == ([1, 1], [1, 2])
    assert figures(finding)["Campaigns with a control group"] == 2
