"""Days of any rule of iCalendar: as another reader of it has them, and never an endless search."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given
from hypothesis import strategies as st
from icalendar import vRecur

from peyvand.operational.calendars import rules
from peyvand.operational.calendars.patterns import WEEKDAYS, Pattern, pattern_of

FIRST = date(2026, 11, 24)


def found(text, first=FIRST, low=None, years=4):
    return list(
        pattern_of(vRecur.from_ical(text), first).days(low or first, first + timedelta(days=365 * years))
    )


def some(values, most=3):
    return st.lists(st.sampled_from(values), max_size=most, unique=True)


@st.composite
def texts(draw):
    unit = draw(st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]))
    is_long = unit in ("MONTHLY", "YEARLY")
    places = draw(st.sampled_from(["", "1", "2", "-1"])) if is_long else ""
    words = {
        "FREQ": [unit],
        "INTERVAL": [draw(st.integers(1, 4))],
        "BYMONTH": draw(some(range(1, 13))),
        "BYMONTHDAY": draw(some([1, 13, 28, 29, 30, 31, -1, -2])),
        "BYYEARDAY": draw(some([1, 60, 200, -1])) if unit == "YEARLY" else [],
        "BYWEEKNO": draw(some([10, 20, 30], 2)) if unit == "YEARLY" and not places else [],
        "BYDAY": [f"{places}{day}" for day in draw(some(WEEKDAYS))],
        "BYSETPOS": draw(some([1, 2, -1], 2)) if is_long else [],
        "WKST": [draw(st.sampled_from(WEEKDAYS))],
    }
    if not any(words[key] for key in ("BYMONTH", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO", "BYDAY")):
        # Some of nothing is refused by the other reader.
        words["BYSETPOS"] = []
    return ";".join(f"{key}={','.join(map(str, of))}" for key, of in words.items() if of)


@given(texts(), st.dates(date(2015, 1, 1), date(2026, 1, 1)), st.integers(0, 1000))
def test_the_days_are_those_of_another_reader_and_from_any_day_on_the_same(text, first, skip):
    mine = found(text, first)
    if mine:
        # Asked for no more than there are: it would look for others until the year 9999.
        other = rrulestr(f"{text};COUNT={len(mine)}", dtstart=datetime.combine(first, time()))
        assert mine == [moment.date() for moment in other]
    low = first + timedelta(days=skip)
    assert found(text, first, low) == [day for day in mine if day >= low]


@pytest.mark.parametrize(
    "text",
    ["FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "FREQ=DAILY;BYSETPOS=2", "FREQ=MONTHLY;BYDAY=6MO", "FREQ=WEEKLY;BYMONTH=13",
     "FREQ=YEARLY;BYYEARDAY=400", "FREQ=YEARLY;INTERVAL=2000000000;BYMONTHDAY=32"],
)  # fmt: skip
def test_a_rule_that_never_comes_is_looked_for_no_further_than_asked(monkeypatch, text):
    looked_at = []
    has = Pattern._has

    def watched(self, day):
        looked_at.append(day)
        return has(self, day)

    monkeypatch.setattr(Pattern, "_has", watched)
    assert found(text, years=1) == []
    assert len(looked_at) <= 2 * 366, "two years of the calendar at most"
    start = datetime(2026, 11, 24, 8, tzinfo=UTC)
    assert rules.singly(vRecur.from_ical(text), start) == []


@pytest.mark.parametrize(
    "text",
    [
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=MONTHLY;BYSETPOS=0;BYDAY=MO",
        "FREQ=DAILY;RSCALE=HEBREW",
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(text):
    with pytest.raises(ValueError, match="it counts by"):
        pattern_of(vRecur.from_ical(text), FIRST)


def test_a_day_of_the_month_beyond_every_month_costs_no_list():
    words = vRecur.from_ical("FREQ=MONTHLY;BYSETPOS=-1;BYMONTHDAY=2000000000")
    assert rules.understood(words, FIRST, UTC) is None


def test_what_is_counted_is_counted_from_the_first():
    words = vRecur.from_ical("FREQ=DAILY;COUNT=5;BYDAY=MO,TU")
    start = datetime(2026, 11, 23, 8, tzinfo=UTC)
    low = datetime(2026, 12, 1, tzinfo=UTC)
    assert rules.between(words, start, low, low + timedelta(days=90)) == [
        datetime(2026, 12, 1, 8, tzinfo=UTC), datetime(2026, 12, 7, 8, tzinfo=UTC),
    ]  # fmt: skip
