"""Two calendars over one `date`: Jalali and Gregorian; periods, and dates as people write and read them."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Final, Literal

from persiantools.jdatetime import JalaliDate

from peyvand.kernel.errors import Invalid, Message, msg
from peyvand.kernel.persian.text import fold, to_ascii_digits, to_persian_digits

Calendar = Literal["jalali", "gregorian"]
Unit = Literal["day", "week", "month", "quarter", "year"]
Style = Literal["short", "long", "day"]
UNITS: Final[tuple[Unit, ...]] = ("day", "week", "month", "quarter", "year")

JALALI_MONTHS: Final = (
    "فروردین", "اردیبهشت", "خرداد", "تیر", "مرداد", "شهریور",
    "مهر", "آبان", "آذر", "دی", "بهمن", "اسفند",
)  # fmt: skip
JALALI_MONTHS_LATIN: Final = (
    "Farvardin", "Ordibehesht", "Khordad", "Tir", "Mordad", "Shahrivar",
    "Mehr", "Aban", "Azar", "Dey", "Bahman", "Esfand",
)  # fmt: skip
GREGORIAN_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
GREGORIAN_MONTHS_PERSIAN: Final = (
    "ژانویه", "فوریه", "مارس", "آوریل", "مه", "ژوئن",
    "ژوئیه", "اوت", "سپتامبر", "اکتبر", "نوامبر", "دسامبر",
)  # fmt: skip
# Monday first, as date.weekday() counts.
_WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_WEEKDAYS_PERSIAN: Final = ("دوشنبه", "سه‌شنبه", "چهارشنبه", "پنجشنبه", "جمعه", "شنبه", "یکشنبه")
_SEASONS: Final = ("بهار", "تابستان", "پاییز", "زمستان")
_RELATIVE: Final = {
    "fa": {-1: "دیروز", 0: "امروز", 1: "فردا"},
    "en": {-1: "yesterday", 0: "today", 1: "tomorrow"},
}
# Years below are read as Jalali, years from here on as Gregorian: no living date is in doubt.
_FIRST_GREGORIAN: Final = 1700
_FIRST_JALALI: Final = 1200


def is_persian(lang: str) -> bool:
    """Whether a language code ("fa", "fa-IR") is Persian."""
    return lang[:2] == "fa"


def calendar_of(lang: str) -> Calendar:
    """The calendar that readers of a language use."""
    return "jalali" if is_persian(lang) else "gregorian"


@lru_cache(maxsize=4096)
def to_jalali(day: date) -> tuple[int, int, int]:
    """Year, month and day in the Jalali calendar."""
    jalali = JalaliDate.to_jalali(day.year, day.month, day.day)  # type: ignore[no-untyped-call]
    return jalali.year, jalali.month, jalali.day


def from_jalali(year: int, month: int, day: int, lang: str = "en") -> date:
    """The date of a Jalali day; Invalid when there is no such day, with the month as `lang` names it."""
    if not _FIRST_JALALI <= year < _FIRST_GREGORIAN:
        raise Invalid.of(msg("The year %(year)s is out of range.", year=year))
    _check_month(month)
    length = month_length(year, month)
    if not 1 <= day <= length:
        raise Invalid.of(_no_such_day(year, month, length, "jalali", lang))
    return JalaliDate(year, month, day).to_gregorian()  # type: ignore[no-untyped-call]


def is_leap(year: int) -> bool:
    """Whether Esfand of a Jalali year has 30 days."""
    return bool(JalaliDate.is_leap(year))


def month_length(year: int, month: int) -> int:
    """Days in a Jalali month."""
    if month <= 6:
        return 31
    return 30 if month < 12 or is_leap(year) else 29


def month_names(lang: str, calendar: Calendar | None = None) -> tuple[str, ...]:
    """The twelve month names of a calendar (the language's own unless told) in a language."""
    if (calendar or calendar_of(lang)) == "jalali":
        return JALALI_MONTHS if is_persian(lang) else JALALI_MONTHS_LATIN
    return GREGORIAN_MONTHS_PERSIAN if is_persian(lang) else GREGORIAN_MONTHS


def weekday_names(lang: str) -> tuple[str, ...]:
    """The seven weekday names in the reader's week: from Saturday in Persian, else from Monday."""
    if is_persian(lang):
        return _WEEKDAYS_PERSIAN[5:] + _WEEKDAYS_PERSIAN[:5]
    return _WEEKDAYS


def weekday_name(day: date, lang: str) -> str:
    """The name of a date's weekday."""
    return (_WEEKDAYS_PERSIAN if is_persian(lang) else _WEEKDAYS)[day.weekday()]


def parts(day: date, calendar: Calendar) -> tuple[int, int, int]:
    """Year, month and day of a date in a calendar."""
    return to_jalali(day) if calendar == "jalali" else (day.year, day.month, day.day)


def from_parts(year: int, month: int, day: int, calendar: Calendar, lang: str = "en") -> date:
    """The date of a year, month and day in a calendar; Invalid when there is no such day, with the month as `lang` names it."""
    if calendar == "jalali":
        return from_jalali(year, month, day, lang)
    _check_month(month)
    try:
        return date(year, month, day)
    except ValueError:
        return _refuse_gregorian(year, month, lang)


def month_bounds(year: int, month: int, calendar: Calendar) -> tuple[date, date]:
    """First day of a month and first day of the next one."""
    return from_parts(year, month, 1, calendar), _month_start(year, month + 1, calendar)


def quarter(day: date, calendar: Calendar) -> int:
    """The quarter of a date, 1 to 4: the season (فصل) in the Jalali calendar."""
    return (parts(day, calendar)[1] + 2) // 3


def quarter_name(day: date, lang: str) -> str:
    """«پاییز ۱۴۰۵» · "Q4 2026"."""
    calendar = calendar_of(lang)
    year, number = parts(day, calendar)[0], quarter(day, calendar)
    if is_persian(lang):
        return f"{_SEASONS[number - 1]} {to_persian_digits(str(year))}"
    return f"Q{number} {year}"


def period(unit: Unit, day: date, calendar: Calendar) -> tuple[date, date]:
    """The day, week, month, quarter or year that holds a date: its first day, and the first day after it.

    A week begins on Saturday in the Jalali calendar and on Monday in the Gregorian. The Jalali year is also
    the fiscal year.
    """
    if unit == "day":
        return day, day + timedelta(days=1)
    if unit == "week":
        into_week = (day.weekday() + 2) % 7 if calendar == "jalali" else day.weekday()
        start = day - timedelta(days=into_week)
        return start, start + timedelta(days=7)
    year, month, _ = parts(day, calendar)
    months = {"month": 1, "quarter": 3, "year": 12}[unit]
    first = (month - 1) // months * months + 1
    return from_parts(year, first, 1, calendar), _month_start(year, first + months, calendar)


def shift(day: date, count: int, unit: Unit, calendar: Calendar) -> date:
    """A date moved by whole units, back when `count` is negative; the day is held to the month's length.

    OverflowError when that leaves the years that dates can have.
    """
    if unit in ("day", "week"):
        return day + timedelta(days=count * (7 if unit == "week" else 1))
    year, month, number = parts(day, calendar)
    months = year * 12 + month - 1 + count * {"month": 1, "quarter": 3, "year": 12}[unit]
    year, month = months // 12, months % 12 + 1
    first, last = (_FIRST_JALALI, _FIRST_GREGORIAN - 2) if calendar == "jalali" else (1, 9998)
    if not first <= year <= last:
        raise OverflowError("date value out of range")
    start, end = month_bounds(year, month, calendar)
    return start + timedelta(days=min(number, (end - start).days) - 1)


def format_date(day: date, lang: str, style: Style = "short", today: date | None = None) -> str:
    """A date for reading: "short" ۱۴۰۵/۰۸/۳۰ · 2026-11-21, "long" «۳۰ آبان ۱۴۰۵» · "21 November 2026".

    "day" is "long" without the year when it is the year of `today`; without `today` the year is never shown.
    """
    calendar = calendar_of(lang)
    year, month, number = parts(day, calendar)
    if style == "short":
        text = f"{year:04}/{month:02}/{number:02}" if calendar == "jalali" else day.isoformat()
    else:
        text = f"{number} {month_names(lang)[month - 1]}"
        if style == "long" or (today is not None and parts(today, calendar)[0] != year):
            text += f" {year}"
    return to_persian_digits(text) if is_persian(lang) else text


def format_time(instant: datetime, tz: tzinfo, lang: str) -> str:
    """Hours and minutes of an aware instant on the clocks of `tz`: ۱۴:۰۵ · 14:05."""
    text = f"{instant.astimezone(tz):%H:%M}"
    return to_persian_digits(text) if is_persian(lang) else text


def format_instant(instant: datetime, tz: tzinfo, lang: str, style: Style = "short") -> str:
    """Date and time of an aware instant in `tz`: «۳۰ آبان ۱۴۰۵، ۱۴:۰۵» · "21 November 2026, 14:05"."""
    comma = "،" if is_persian(lang) else ","
    day = format_date(instant.astimezone(tz).date(), lang, style)
    return f"{day}{comma} {format_time(instant, tz, lang)}"


def relative_day(day: date, today: date, lang: str) -> str:
    """«امروز», «دیروز», «فردا», else the "day" style."""
    names = _RELATIVE["fa" if is_persian(lang) else "en"]
    return names.get((day - today).days) or format_date(day, lang, "day", today)


_NUMERIC: Final = re.compile(r"(\d+)([-/.])(\d+)\2(\d+)")
_COMPACT: Final = re.compile(r"(\d{4})(\d\d)(\d\d)")
_NAMED: Final = re.compile(r"(\d{1,2}) ([^\d\s]+),? (\d{4})")
_MONTH_NAMES: Final[tuple[tuple[Calendar, tuple[str, ...]], ...]] = (
    ("jalali", JALALI_MONTHS),
    ("jalali", JALALI_MONTHS_LATIN),
    ("gregorian", GREGORIAN_MONTHS_PERSIAN),
    ("gregorian", GREGORIAN_MONTHS),
    ("gregorian", tuple(name[:3] for name in GREGORIAN_MONTHS)),
)
_MONTHS_BY_NAME: Final = {
    fold(name): (calendar, number) for calendar, names in _MONTH_NAMES for number, name in enumerate(names, 1)
}


def parse_date(text: str, lang: str) -> date:
    """The date that someone wrote, Jalali or Gregorian by its year, in any digits.

    Year first or day first («۱۴۰۵/۸/۳۰», "30-8-1405", "21.11.2026"), eight digits, or with the month's name
    («۳۰ آبان ۱۴۰۵»). Invalid with the reason when it is none of these; `lang` chooses the example shown.
    """
    plain = fold(to_ascii_digits(text))
    if match := _COMPACT.fullmatch(plain):
        return _dated(int(match[1]), int(match[2]), int(match[3]), lang)
    if match := _NAMED.fullmatch(plain):
        if (known := _MONTHS_BY_NAME.get(match[2])) is None:
            raise Invalid.of(msg("“%(name)s” is not the name of a month.", name=match[2]))
        return from_parts(int(match[3]), known[1], int(match[1]), known[0], lang)
    if match := _NUMERIC.fullmatch(plain):
        first, middle, last = match[1], int(match[3]), match[4]
        if len(first) == 4 and len(last) <= 2:
            return _dated(int(first), middle, int(last), lang)
        if len(last) == 4 and len(first) <= 2:
            return _dated(int(last), middle, int(first), lang)
        raise Invalid.of(msg("Write the year with four digits, as in %(example)s.", example=_example(lang)))
    raise Invalid.of(msg("This is not a date; write it as %(example)s.", example=_example(lang)))


def _dated(year: int, month: int, day: int, lang: str) -> date:
    return from_parts(year, month, day, "gregorian" if year >= _FIRST_GREGORIAN else "jalali", lang)


def _example(lang: str) -> str:
    return "۱۴۰۵/۰۸/۳۰" if is_persian(lang) else "2026-11-21"


def _month_start(year: int, month: int, calendar: Calendar) -> date:
    return from_parts(year + (month - 1) // 12, (month - 1) % 12 + 1, 1, calendar)


def _check_month(month: int) -> None:
    if not 1 <= month <= 12:
        raise Invalid.of(msg("There is no month %(month)s; months are 1 to 12.", month=month))


def _no_such_day(year: int, month: int, length: int, calendar: Calendar, lang: str) -> Message:
    name = month_names(lang, calendar)[month - 1]
    return msg("%(month)s %(year)s has %(length)s days.", month=name, year=year, length=length)


def _refuse_gregorian(year: int, month: int, lang: str) -> date:
    if not 1 <= year <= 9999:
        raise Invalid.of(msg("The year %(year)s is out of range.", year=year))
    start, end = month_bounds(year, month, "gregorian")
    raise Invalid.of(_no_such_day(year, month, (end - start).days, "gregorian", lang))
