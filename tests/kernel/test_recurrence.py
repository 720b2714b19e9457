"""What comes again agrees with a plain reading, day by day, in both calendars; and in the Gregorian one with iCalendar."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from itertools import islice, pairwise

import pytest
from dateutil import rrule
from hypothesis import given
from hypothesis import strategies as st

from peyvand.kernel.errors import Invalid
from peyvand.kernel.persian.calendar import from_jalali, month_bounds, parts, period, to_jalali
from peyvand.kernel.recurrence import LAST, Rule, between, days, next_day, read

CALENDARS = st.sampled_from(("jalali", "gregorian"))
FIRSTS = st.dates(date(2019, 1, 1), date(2031, 12, 31))
SPAN = timedelta(days=3 * 366)


@st.composite
def rules(draw, calendars=CALENDARS):
    unit = draw(st.sampled_from(("day", "week", "month", "year")))
    every, calendar = draw(st.integers(1, 5)), draw(calendars)
    weekdays = tuple(sorted(draw(st.sets(st.integers(0, 6))))) if unit == "week" else ()
    nth = draw(st.none() | st.sampled_from((1, 2, 3, 4, LAST))) if unit in ("month", "year") else None
    if nth is not None:
        weekdays = (draw(st.integers(0, 6)),)
    day = (
        draw(st.none() | st.integers(1, 31) | st.just(LAST))
        if unit in ("month", "year") and nth is None
        else None
    )
    return Rule(unit, every, calendar, weekdays, day, nth, draw(st.booleans()))


def plainly(rule: Rule, first: date, day: date) -> bool:
    """Whether a day is the rule's, asked of this one day alone."""
    if rule.unit == "day":
        return (day - first).days % rule.every == 0
    if rule.unit == "week":
        weeks = (period("week", day, rule.calendar)[0] - period("week", first, rule.calendar)[0]).days // 7
        return weeks % rule.every == 0 and day.weekday() in (rule.weekdays or (first.weekday(),))
    (year, month, number), (year0, month0, number0) = parts(day, rule.calendar), parts(first, rule.calendar)
    months = (year - year0) * 12 + month - month0
    if months % (rule.every * (12 if rule.unit == "year" else 1)):
        return False
    low, high = month_bounds(year, month, rule.calendar)
    if rule.nth is not None:
        same = [
            d
            for n in range((high - low).days)
            if (d := low + timedelta(days=n)).weekday() == rule.weekdays[0]
        ]
        return day == (same[-1] if rule.nth == LAST else same[rule.nth - 1])
    asked = number0 if rule.day is None else rule.day
    is_last = day == high - timedelta(days=1)
    if asked == LAST:
        return is_last
    return number == asked or (rule.clamp and is_last and asked > number)


@given(rules(), FIRSTS)
def test_agrees_with_a_plain_reading(rule, first):
    wanted = [d for n in range(SPAN.days) if plainly(rule, first, d := first + timedelta(days=n))]
    assert between(rule, first, first, first + SPAN) == wanted
    assert all(a < b for a, b in pairwise(wanted))


@given(rules(), FIRSTS, st.integers(1, 12), st.integers(0, 900))
def test_ends_when_told(rule, first, count, length):
    endless = list(islice(days(rule, first), 40))
    counted = Rule(**{**as_dict(rule), "count": count})
    assert list(days(counted, first)) == endless[:count]
    until = first + timedelta(days=length)
    assert list(days(Rule(**{**as_dict(rule), "until": until}), first))[:40] == [
        d for d in endless if d <= until
    ]
    for a, b in pairwise(endless):
        assert next_day(rule, first, a) == b
        assert next_day(rule, first, b - timedelta(days=1)) == b
    assert read(counted.to_json()) == counted


@given(rules(st.just("gregorian")), FIRSTS)
def test_agrees_with_icalendar(rule, first):
    units = {"day": rrule.DAILY, "week": rrule.WEEKLY, "month": rrule.MONTHLY, "year": rrule.YEARLY}
    words = {"dtstart": datetime.combine(first, time()), "interval": rule.every, "wkst": rrule.MO}
    if rule.unit == "week":
        words["byweekday"] = rule.weekdays or (first.weekday(),)
    elif rule.unit in ("month", "year"):
        if rule.unit == "year":
            words["bymonth"] = first.month
        if rule.nth is not None:
            words["byweekday"] = rrule.weekday(rule.weekdays[0], rule.nth)
        else:
            day = rule.day or first.day
            if day != LAST and day > 28 and rule.clamp:
                words |= {"bymonthday": list(range(28, day + 1)), "bysetpos": -1}
            else:
                words["bymonthday"] = day
    theirs = rrule.rrule(units[rule.unit], until=datetime.combine(first + SPAN, time()), **words)
    assert between(rule, first, first, first + SPAN + timedelta(days=1)) == [d.date() for d in theirs]


def as_dict(rule: Rule) -> dict:
    return {name: getattr(rule, name) for name in Rule.__slots__}


def test_the_thirtieth_of_esfand():
    first = from_jalali(1403, 12, 30)
    yearly = list(islice(days(Rule("year", calendar="jalali"), first), 6))
    assert [to_jalali(d) for d in yearly] == [
        (1403, 12, 30), (1404, 12, 29), (1405, 12, 29), (1406, 12, 29), (1407, 12, 29), (1408, 12, 30),
    ]  # fmt: skip
    only_leap = list(islice(days(Rule("year", calendar="jalali", clamp=False), first), 2))
    assert [to_jalali(d) for d in only_leap] == [(1403, 12, 30), (1408, 12, 30)]
    monthly = list(islice(days(Rule("month", calendar="jalali", day=31), from_jalali(1404, 6, 1)), 8))
    assert [to_jalali(d)[1:] for d in monthly] == [
        (6, 31), (7, 30), (8, 30), (9, 30), (10, 30), (11, 30), (12, 29), (1, 31),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("words", "field"),
    [
        ({"unit": "hour"}, "unit"),
        ({"unit": "day", "every": 0}, "every"),
        ({"unit": "week", "weekdays": (7,)}, "weekdays"),
        ({"unit": "month", "day": 32}, "day"),
        ({"unit": "month", "nth": 2}, "weekdays"),
        ({"unit": "month", "count": 0}, "count"),
        ({"unit": "month", "count": 2, "until": date(2027, 1, 1)}, "count"),
    ],
)
def test_refuses_what_makes_no_sense(words, field):
    with pytest.raises(Invalid) as refused:
        Rule(**words)
    assert [p.field for p in refused.value.problems] == [field]


def test_what_never_comes_ends():
    assert list(days(Rule("year", calendar="jalali", day=31, clamp=False), from_jalali(1404, 12, 1))) == []
    assert next_day(Rule("day", every=999), date(2026, 1, 1), date(2026, 1, 1)) == date(2028, 9, 26)
