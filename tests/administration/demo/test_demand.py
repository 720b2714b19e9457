"""Orders of the demonstration come evenly, whatever day it is made on, and nobody works at night or on a day off."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from random import Random

import pytest

from peyvand.administration.demo.demand import Buyer, order_all, seasonal
from peyvand.administration.demo.hours import MORNING, Hours

TWO_YEARS = timedelta(days=730)


def days_until(made: datetime) -> list[tuple[datetime, datetime]]:
    """Working periods of eight hours, Saturday to Thursday."""
    first = made - TWO_YEARS
    all_of = [datetime.combine(first + timedelta(days=n), time(5), UTC) for n in range(732)]
    worked = [day for day in all_of if day.weekday() != 4 and first < day < made]
    return [(day, min(made, day + timedelta(hours=8))) for day in worked]


def buyers(made: datetime, dice: Random) -> list[Buyer]:
    """Businesses that buy again and again, some of which stop, and people of whom a few more come each month."""
    found = [Buyer(60, 0, made - TWO_YEARS, made) for _ in range(60)]
    found += [
        Buyer(50, 0, made - TWO_YEARS, made - timedelta(days=dice.randrange(45, 650))) for _ in range(20)
    ]
    for n in range(24):
        came = made - timedelta(days=30 * (24 - n) - dice.randrange(16, 28))
        came += timedelta(days=came.weekday() == 4)
        many = (50, 40, 30, 20)[n] if n < 4 else 10
        found += [
            Buyer(*dice.choice(((75, 25), (38, 10), (60, 100))), came, made, first=came) for _ in range(many)
        ]
    return found


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize(
    "made",
    [
        datetime(2026, 3, 22, 9, tzinfo=UTC),
        datetime(2026, 8, 31, 6, tzinfo=UTC),
        datetime(2027, 1, 1, 12, tzinfo=UTC),
    ],
)
def test_the_last_month_brings_as_much_as_the_others(made, seed):
    dice = Random(seed)
    some, last = buyers(made, dice), made.date()
    order_all(some, days_until(made), dice, seasonal(True, last), lambda day: 0.0)
    moments = [at for one in some for at in one.orders]
    weight, share = seasonal(True, last), Counter[int]()
    for begin, end in days_until(made):
        share[(made - begin).days // 30] += weight(begin.date()) * (end - begin) / timedelta(hours=8)
    many = Counter((made - at).days // 30 for at in moments)
    usual = sum(many.values()) / sum(share.values())
    # The first months fill up; from then on each is as much as its season says.
    apart = {ago: many[ago] / (usual * share[ago]) for ago in range(18)}
    assert all(0.7 < each < 1.35 for each in apart.values()), apart
    assert 0.8 < sum(many[ago] for ago in range(3)) / sum(usual * share[ago] for ago in range(3)) < 1.2
    assert max(moments) <= made


def test_who_stopped_does_not_order_and_who_waits_least_comes_last():
    made, dice = datetime(2026, 8, 31, 12, tzinfo=UTC), Random(1)
    gone = Buyer(20, 0, made - TWO_YEARS, made - timedelta(days=400))
    others = [Buyer(40, 0, made - TWO_YEARS, made) for _ in range(30)]
    order_all([gone, *others], days_until(made), dice, lambda day: 1.0, lambda day: 0.0)
    assert gone.orders
    assert max(gone.orders) < gone.until + timedelta(days=1)
    for one in (gone, *others):
        assert min(one.orders) >= one.since
    for one in others:
        pauses = [later - at for at, later in zip(one.orders, one.orders[1:], strict=False)]
        assert min(pauses) > timedelta(days=40 * 0.6 * 0.55)


def test_seasons_are_those_of_the_calendar():
    before_nowruz, after = date(2026, 3, 10), date(2026, 3, 27)
    weight = seasonal(True, after)
    assert weight(before_nowruz) > 1.2 * weight(after)
    assert seasonal(False, after)(date(2025, 11, 5)) > seasonal(False, after)(date(2025, 8, 5))


def test_a_moment_outside_of_work_is_moved_to_the_next_morning_and_never_into_the_future():
    made = datetime(2026, 8, 27, 23, tzinfo=UTC)
    hours = Hours(
        made, tuple((begin, begin + timedelta(hours=8)) for begin, _ in days_until(made + timedelta(days=9)))
    )
    at_work = datetime(2026, 8, 26, 7, 30, tzinfo=UTC)
    assert hours.near(at_work) == at_work
    night, friday = datetime(2026, 8, 26, 1, tzinfo=UTC), datetime(2026, 8, 21, 10, tzinfo=UTC)
    assert timedelta(0) < hours.near(night) - datetime(2026, 8, 26, 5, tzinfo=UTC) < MORNING
    assert hours.near(friday).date() == date(2026, 8, 22)
    assert hours.near(friday) < hours.near(friday + timedelta(hours=3))
    # Late on Thursday everything that happened ends with work.
    assert hours.latest == datetime(2026, 8, 27, 12, 59, tzinfo=UTC)
    assert hours.past(made) == hours.latest
