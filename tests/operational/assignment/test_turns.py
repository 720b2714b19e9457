"""Turns are fair: in any stretch with the same people, and to whoever stays while others come and go."""

from __future__ import annotations

from collections import Counter
from itertools import groupby

from hypothesis import given
from hypothesis import strategies as st

from peyvand.operational.assignment.turns import Turns

USERS = range(1, 7)
present = st.lists(st.sets(st.sampled_from(USERS), min_size=1), min_size=1, max_size=120)
# The same people stay for a while, as they do in an office.
stretches = st.lists(
    st.tuples(st.sets(st.sampled_from(USERS), min_size=1), st.integers(1, 40)), min_size=1, max_size=12
)
weights = st.fixed_dictionaries({user: st.integers(1, 4) for user in USERS})


def give(turns: Turns, weight: dict[int, int], there: set[int]) -> int:
    chosen = turns.order(weight, there)[0]
    turns.take(chosen, weight[chosen])
    # What is kept between two records is what is read again.
    turns.places, turns.last = dict(turns.places), Turns.read(turns.places).last
    return chosen


@given(stretches)
def test_while_the_same_people_are_there_nobody_is_more_than_one_from_their_share(
    found: list[tuple[set[int], int]],
) -> None:
    turns, equal = Turns(), dict.fromkeys(USERS, 1)
    for there, arrivals in found:
        given_to: Counter[int] = Counter()
        for n in range(1, arrivals + 1):
            given_to[give(turns, equal, there)] += 1
            assert all(abs(given_to[user] - n / len(there)) < 1 for user in there)


@given(stretches, weights)
def test_with_weights_nobody_is_further_from_their_share_than_their_turns_in_a_round(
    found: list[tuple[set[int], int]], weight: dict[int, int]
) -> None:
    turns = Turns()
    for there, arrivals in found:
        total = sum(weight[user] for user in there)
        given_to: Counter[int] = Counter()
        for n in range(1, arrivals + 1):
            given_to[give(turns, weight, there)] += 1
            for user in there:
                assert abs(given_to[user] - n * weight[user] / total) < weight[user] + 1e-9
            if n % total == 0:
                assert all(given_to[user] == n * weight[user] // total for user in there)


@given(present, weights)
def test_whoever_stays_gets_their_turn_before_anybody_has_two(
    found: list[set[int]], weight: dict[int, int]
) -> None:
    turns = Turns()
    chosen = [give(turns, weight, there) for there in found]
    total = sum(weight.values())
    for user in USERS:
        for was_there, run in groupby(range(len(found)), key=lambda n: user in found[n]):
            # Everybody's turns come at most once while one waits.
            waited = 0
            for n in run if was_there else ():
                waited = 0 if chosen[n] == user else waited + 1
                assert waited < total


@given(stretches)
def test_who_was_away_catches_up_no_more_than_one_turn(found: list[tuple[set[int], int]]) -> None:
    turns, equal = Turns(), dict.fromkeys(USERS, 1)
    for there, arrivals in found:
        for _ in range(arrivals):
            give(turns, equal, there)
    everybody = set(USERS)
    first_round = [give(turns, equal, everybody) for _ in USERS]
    assert sorted(first_round) == list(USERS)


def test_a_heavier_weight_is_spread_over_the_round() -> None:
    turns = Turns()
    assert [give(turns, {1: 3, 2: 1}, {1, 2}) for _ in range(8)] == [1, 1, 2, 1, 1, 1, 2, 1]
