"""Rules in words: «هر ماه، روز ۳۰ (یا آخرین روز)»."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext, ngettext

from peyvand.kernel import numbers
from peyvand.kernel.persian.calendar import (
    calendar_of,
    format_date,
    month_names,
    parts,
    weekday_name,
)
from peyvand.kernel.persian.text import comma
from peyvand.kernel.recurrence import LAST, Rule

# A Monday: weekdays are named by days.
_MONDAY = date(2024, 1, 1)


def in_words(rule: Rule, first: date, language: str) -> str:
    """When a rule comes again, for a reader of this language, which is the active one."""
    said = [_how_often(rule, language)]
    if on := _on(rule, first, language):
        said.append(on)
    if rule.calendar != calendar_of(language) and rule.unit in ("month", "year"):
        said.append(
            gettext("Jalali calendar") if rule.calendar == "jalali" else gettext("Gregorian calendar")
        )
    if rule.until is not None:
        said.append(gettext("until %(day)s") % {"day": format_date(rule.until, language, "long")})
    if rule.count is not None:
        times = ngettext("%(n)s time", "%(n)s times", rule.count)
        said.append(times % {"n": numbers.format_number(rule.count, language)})
    return comma(language).join(said)


def _how_often(rule: Rule, language: str) -> str:
    if rule.every == 1:
        return {
            "day": gettext("Every day"), "week": gettext("Every week"), "month": gettext("Every month"),
            "year": gettext("Every year"),
        }[rule.unit]  # fmt: skip
    return {
        "day": gettext("Every %(n)s days"), "week": gettext("Every %(n)s weeks"), "month": gettext("Every %(n)s months"),
        "year": gettext("Every %(n)s years"),
    }[rule.unit] % {"n": numbers.format_number(rule.every, language)}  # fmt: skip


def _on(rule: Rule, first: date, language: str) -> str:
    if rule.unit == "day":
        return ""
    if rule.unit == "week":
        chosen = rule.weekdays or (first.weekday(),)
        order = 5 if rule.calendar == "jalali" else 0
        ordered = sorted(chosen, key=lambda day: (day - order) % 7)
        return comma(language).join(_weekday(day, language) for day in ordered)
    _, month, number = parts(first, rule.calendar)
    name = month_names(language, rule.calendar)[month - 1] if rule.unit == "year" else ""
    if rule.nth is not None:
        which = {
            1: gettext("the first %(weekday)s"), 2: gettext("the second %(weekday)s"), 3: gettext("the third %(weekday)s"),
            4: gettext("the fourth %(weekday)s"), LAST: gettext("the last %(weekday)s"),
        }[rule.nth]  # fmt: skip
        said = which % {"weekday": _weekday(rule.weekdays[0], language)}
        return gettext("%(day)s of %(month)s") % {"day": said, "month": name} if name else said
    asked = number if rule.day is None else rule.day
    if asked == LAST:
        return gettext("the last day of %(month)s") % {"month": name} if name else gettext("the last day")
    shown = numbers.localize(str(asked), language)
    said = (
        gettext("%(n)s %(month)s") % {"n": shown, "month": name}
        if name
        else gettext("day %(n)s") % {"n": shown}
    )
    if asked <= 28 or (asked <= 29 and rule.calendar == "jalali"):
        return said
    return (
        gettext("%(day)s (or the last day)") % {"day": said}
        if rule.clamp
        else gettext("%(day)s where there is one") % {"day": said}
    )


def _weekday(day: int, language: str) -> str:
    return weekday_name(date.fromordinal(_MONDAY.toordinal() + day), language)
