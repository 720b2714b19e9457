from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peyvand.kernel.errors import Invalid
from peyvand.kernel.persian.calendar import (
    UNITS,
    Calendar,
    Unit,
    format_date,
    format_instant,
    from_jalali,
    is_leap,
    month_bounds,
    month_names,
    parse_date,
    parts,
    period,
    quarter,
    quarter_name,
    relative_day,
    shift,
    to_jalali,
    weekday_name,
    weekday_names,
)

dates = st.dates(date(1900, 1, 1), date(2100, 12, 31))
calendars: st.SearchStrategy[Calendar] = st.sampled_from(["jalali", "gregorian"])
units: st.SearchStrategy[Unit] = st.sampled_from(UNITS)
SATURDAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    ("day", "jalali"),
    [
        (date(2026, 11, 21), (1405, 8, 30)),
        (date(2024, 3, 20), (1403, 1, 1)),
        (date(2025, 3, 20), (1403, 12, 30)),
        (date(2025, 3, 21), (1404, 1, 1)),
        (date(2026, 3, 20), (1404, 12, 29)),
        (date(2030, 3, 20), (1408, 12, 30)),
        (date(1979, 2, 11), (1357, 11, 22)),
    ],
)
def test_known_days(day: date, jalali: tuple[int, int, int]) -> None:
    assert to_jalali(day) == jalali
    assert from_jalali(*jalali) == day


def test_leap_years() -> None:
    assert [year for year in range(1399, 1413) if is_leap(year)] == [1399, 1403, 1408, 1412]


@given(dates)
def test_jalali_there_and_back(day: date) -> None:
    assert from_jalali(*to_jalali(day)) == day


@given(dates, st.sampled_from(["fa", "en"]), st.sampled_from(["short", "long"]))
def test_what_is_written_is_read(day: date, lang: str, style: str) -> None:
    assert parse_date(format_date(day, lang, "short" if style == "short" else "long"), lang) == day


@pytest.mark.parametrize(
    "text",
    ["۱۴۰۵/۸/۳۰", "٣٠/٠٨/١٤٠٥", "30.8.1405", "2026-11-21", "۲۰۲۶/۱۱/۲۱", "21-11-2026", "14050830",
     "1405-08-30", "30 آبان 1405", "۳۰ Aban ۱۴۰۵", "21 Nov 2026", " 2026/11/21\u200f"],
)  # fmt: skip
def test_ways_of_writing_one_day(text: str) -> None:
    assert parse_date(text, "fa") == SATURDAY


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("1404/12/30", "اسفند 1404 has 29 days."),
        ("2026-02-29", "فوریه 2026 has 28 days."),
        ("1405/13/1", "There is no month 13; months are 1 to 12."),
        ("1405/0/1", "There is no month 0; months are 1 to 12."),
        ("1405/1/0", "فروردین 1405 has 31 days."),
        ("0005/1/1", "The year 5 is out of range."),
        ("05/8/30", "Write the year with four digits, as in ۱۴۰۵/۰۸/۳۰."),
        ("30 ابان‌ماه 1405", "This is not a date; write it as ۱۴۰۵/۰۸/۳۰."),
        ("30 bahar 1405", "“bahar” is not the name of a month."),
        ("1405/08-30", "This is not a date; write it as ۱۴۰۵/۰۸/۳۰."),
        ("", "This is not a date; write it as ۱۴۰۵/۰۸/۳۰."),
    ],
)
def test_a_wrong_date_says_why(text: str, reason: str) -> None:
    with pytest.raises(Invalid) as error:
        parse_date(text, "fa")
    assert str(error.value) == reason


def test_styles() -> None:
    assert [format_date(SATURDAY, "fa", style) for style in ("short", "long", "day")] == [
        "۱۴۰۵/۰۸/۳۰", "۳۰ آبان ۱۴۰۵", "۳۰ آبان",
    ]  # fmt: skip
    assert [format_date(SATURDAY, "en", style) for style in ("short", "long", "day")] == [
        "2026-11-21", "21 November 2026", "21 November",
    ]  # fmt: skip
    assert format_date(SATURDAY, "fa", "day", date(2027, 3, 21)) == "۳۰ آبان ۱۴۰۵"
    assert format_date(SATURDAY, "en", "day", date(2027, 1, 1)) == "21 November 2026"
    assert format_date(date(2027, 1, 1), "fa", "day", SATURDAY) == "۱۱ دی"


def test_an_instant_is_shown_where_the_reader_is() -> None:
    instant = datetime(2026, 11, 21, 22, 5, tzinfo=UTC)
    assert format_instant(instant, ZoneInfo("Asia/Tehran"), "fa", "long") == "۱ آذر ۱۴۰۵، ۰۱:۳۵"
    assert format_instant(instant, UTC, "en") == "2026-11-21, 22:05"


def test_relative_days() -> None:
    days = [SATURDAY + timedelta(days=offset) for offset in (-2, -1, 0, 1, 2)]
    assert [relative_day(day, SATURDAY, "fa") for day in days] == [
        "۲۸ آبان",
        "دیروز",
        "امروز",
        "فردا",
        "۲ آذر",
    ]
    assert relative_day(SATURDAY, SATURDAY, "en") == "today"


def test_names() -> None:
    assert month_names("fa")[7] == "آبان"
    assert month_names("fa", "gregorian")[10] == "نوامبر"
    assert weekday_names("fa")[0] == weekday_name(SATURDAY, "fa") == "شنبه"
    assert weekday_names("fa")[6] == "جمعه"
    assert weekday_names("en")[0] == "Monday"
    assert (quarter_name(SATURDAY, "fa"), quarter_name(SATURDAY, "en")) == ("پاییز ۱۴۰۵", "Q4 2026")
    assert (quarter(SATURDAY, "jalali"), quarter(date(2026, 3, 31), "gregorian")) == (3, 1)


def test_periods() -> None:
    assert period("week", SATURDAY, "jalali") == (SATURDAY, date(2026, 11, 28))
    assert period("week", SATURDAY, "gregorian") == (date(2026, 11, 16), date(2026, 11, 23))
    assert period("month", SATURDAY, "jalali") == (date(2026, 10, 23), date(2026, 11, 22))
    assert period("quarter", SATURDAY, "jalali") == (from_jalali(1405, 7, 1), from_jalali(1405, 10, 1))
    assert period("year", SATURDAY, "jalali") == (from_jalali(1405, 1, 1), from_jalali(1406, 1, 1))
    assert period("year", SATURDAY, "gregorian") == (date(2026, 1, 1), date(2027, 1, 1))
    assert month_bounds(1403, 12, "jalali") == (date(2025, 2, 19), date(2025, 3, 21))


@given(units, dates, calendars)
def test_a_period_holds_its_days_and_meets_the_next(unit: Unit, day: date, calendar: Calendar) -> None:
    start, end = period(unit, day, calendar)
    assert start <= day < end
    assert period(unit, end - timedelta(days=1), calendar) == (start, end)
    assert period(unit, end, calendar)[0] == end


@given(dates, st.integers(-60, 60), st.sampled_from(["month", "quarter", "year"]), calendars)
def test_shifting_keeps_the_day_or_the_months_last(
    day: date, count: int, unit: Unit, calendar: Calendar
) -> None:
    moved = shift(day, count, unit, calendar)
    number, moved_number = parts(day, calendar)[2], parts(moved, calendar)[2]
    assert moved_number == number or (moved + timedelta(days=1) == period("month", moved, calendar)[1])
    assert moved_number <= number
    first = parts(period("month", day, calendar)[0], calendar)
    first_moved = parts(period("month", moved, calendar)[0], calendar)
    months = count * {"month": 1, "quarter": 3, "year": 12}[unit]
    assert (first_moved[0] - first[0]) * 12 + first_moved[1] - first[1] == months


def test_shifting_beyond_all_dates_is_an_error() -> None:
    with pytest.raises(OverflowError):
        shift(SATURDAY, 9999, "year", "gregorian")
