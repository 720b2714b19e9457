"""Correcting: two numbers where they fit, a curve where they do not, and what is off is called so."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special

from peyvand.analytical.methods.backtest import MOST_ECE, Bin, Calibration, calibration
from peyvand.analytical.methods.correcting import correction


def drawn(seed: int, rows: int = 8000) -> tuple[np.ndarray, np.random.Generator]:
    chance = np.random.default_rng(seed)
    return chance.normal(0, 1.5, rows), chance


def test_two_numbers_are_enough_where_they_fit() -> None:
    raw, chance = drawn(1)
    came = chance.random(len(raw)) < special.expit(0.5 * raw - 1)
    found = correction(raw, came)
    assert found.knots is None
    assert (found.slope, found.offset) == (pytest.approx(0.5, abs=0.06), pytest.approx(-1, abs=0.08))


def test_a_curve_is_taken_where_two_numbers_do_not_fit_and_it_holds_on_other_rows() -> None:
    """What is said with 86 comes true in 60, what is said with 5 in 30: no line of logits says that."""
    raw, chance = drawn(2)
    true = np.where(raw < 0, 0.3, 0.3 + 0.3 * np.tanh(raw))
    came, later = chance.random(len(raw)) < true, chance.random(len(raw)) < true
    found = correction(raw, came)
    assert found.knots is not None
    straight = calibration(later, special.expit(found.slope * raw + found.offset))
    curved = calibration(later, found.probability(raw))
    assert curved.ece < 0.02 < straight.ece
    # The order of rows stays.
    assert np.all(np.diff(found.probability(np.sort(raw))) >= 0)


def test_of_few_rows_no_curve_is_drawn() -> None:
    raw, chance = drawn(3, 200)
    came = chance.random(len(raw)) < np.where(raw < 0, 0.3, 0.6)
    assert correction(raw, came).knots is None


@pytest.mark.parametrize(
    ("rows", "said", "came", "is_off"),
    [
        (45, 0.86, 0.64, True),  # twice as far off as chance would bring
        (45, 0.86, 0.80, False),
        (12, 0.86, 0.64, False),  # of so few that is chance
        (100_000, 0.30, 0.31, False),  # surely so, but a trifle
        (100_000, 0.30, 0.38, True),
    ],
)
def test_a_tenth_is_off_where_chance_does_not_explain_it(
    rows: int, said: float, came: float, is_off: bool
) -> None:
    assert Bin(rows, said, came).is_off == is_off
    assert Calibration((Bin(rows, said, came),), 0.0, 0.0).is_off == is_off


def test_so_is_a_model_that_errs_much_on_average() -> None:
    few = tuple(Bin(8, 0.5, 0.5 + side * 0.125) for side in (-1, 1))
    assert not any(each.is_off for each in few)
    assert Calibration(few, MOST_ECE + 0.01, 0.0).is_off
    assert not Calibration(few, MOST_ECE - 0.01, 0.0).is_off
