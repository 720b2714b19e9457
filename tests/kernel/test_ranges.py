from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peyvand.kernel.errors import Invalid
from peyvand.kernel.persian.calendar import UNITS, Calendar, Unit, from_jalali
from peyvand.kernel.ranges import LABELS, Rolling, parse_range, range_json, resolve

TODAY = date(2026, 11, 21)  # Saturday, 1405/08/30
dates = st.dates(date(1950, 1, 1), date(2090, 12, 31))
calendars: st.SearchStrategy[Calendar] = st.sampled_from(["jalali", "gregorian"])


@pytest.mark.parametrize(
    ("name", "start", "end"),
    [
        ("today", (1405, 8, 30), (1405, 9, 1)),
        ("yesterday", (1405, 8, 29), (1405, 8, 30)),
        ("tomorrow", (1405, 9, 1), (1405, 9, 2)),
        ("this_week", (1405, 8, 30), (1405, 9, 7)),
        ("last_week", (1405, 8, 23), (1405, 8, 30)),
        ("this_month", (1405, 8, 1), (1405, 9, 1)),
        ("last_month", (1405, 7, 1), (1405, 8, 1)),
        ("next_month", (1405, 9, 1), (1405, 10, 1)),
        ("last_quarter", (1405, 4, 1), (1405, 7, 1)),
        ("this_quarter", (1405, 7, 1), (1405, 10, 1)),
        ("next_quarter", (1405, 10, 1), (1406, 1, 1)),
        ("this_year", (1405, 1, 1), (1406, 1, 1)),
        ("last_year", (1404, 1, 1), (1405, 1, 1)),
    ],
)
def test_names_follow_the_jalali_calendar(
    name: str, start: tuple[int, int, int], end: tuple[int, int, int]
) -> None:
    assert resolve(name, TODAY, "jalali") == (from_jalali(*start), from_jalali(*end))


def test_names_follow_the_gregorian_calendar() -> None:
    assert resolve("this_month", TODAY, "gregorian") == (date(2026, 11, 1), date(2026, 12, 1))
    assert resolve("last_week", TODAY, "gregorian") == (date(2026, 11, 9), date(2026, 11, 16))
    assert resolve("next_year", TODAY, "gregorian") == (date(2027, 1, 1), date(2028, 1, 1))


def test_rolling_ranges_hold_today() -> None:
    assert resolve({"last": 7, "unit": "day"}, TODAY, "jalali") == (date(2026, 11, 15), date(2026, 11, 22))
    assert resolve({"next": 30, "unit": "day"}, TODAY, "jalali") == (TODAY, date(2026, 12, 21))
    assert resolve({"last": 12, "unit": "month"}, TODAY, "jalali") == (
        from_jalali(1404, 9, 1),
        date(2026, 11, 22),
    )


@given(st.sampled_from(sorted(LABELS)), dates, calendars)
def test_neighbours_meet(name: str, today: date, calendar: Calendar) -> None:
    start, end = resolve(name, today, calendar)
    assert start < end
    if name.startswith("this_"):
        unit = name.removeprefix("this_")
        assert start <= today < end
        assert resolve(f"last_{unit}", today, calendar)[1] == start
        assert resolve(f"next_{unit}", today, calendar)[0] == end


@given(st.sampled_from(["last", "next"]), st.integers(1, 40), st.sampled_from(UNITS), dates, calendars)
def test_every_rolling_range_holds_today(
    direction: str, n: int, unit: Unit, today: date, calendar: Calendar
) -> None:
    spec = parse_range({direction: n, "unit": unit})
    start, end = resolve(spec, today, calendar)
    assert start <= today < end
    assert (today if direction == "next" else end - timedelta(days=1)) == today
    assert parse_range(range_json(spec)) == spec


@pytest.mark.parametrize(
    "spec",
    ["someday", None, 5, [], {}, {"last": 5}, {"last": 0, "unit": "day"}, {"last": True, "unit": "day"},
     {"last": 5, "unit": "hour"}, {"last": 5, "unit": ["day"]}, {"last": 10**9, "unit": "year"},
     {"last": 1, "next": 1, "unit": "day"}, {"last": 1.5, "unit": "day"}],
)  # fmt: skip
def test_what_is_no_range_is_refused(spec: Any) -> None:
    with pytest.raises(Invalid):
        parse_range(spec)


def test_a_range_may_be_given_as_what_parsing_made() -> None:
    assert resolve(Rolling("next", 1, "week"), TODAY, "jalali") == (TODAY, date(2026, 11, 28))
