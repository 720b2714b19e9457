"""Relative ranges of dates in words: what they are called, and which days they mean today."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils.translation import gettext

from peyvand.kernel import clock, ranges
from peyvand.kernel.persian.calendar import calendar_of, format_date
from peyvand.kernel.persian.text import to_persian_digits
from peyvand.platform.actions.context import Context


def range_label(value: Any, is_persian: bool) -> str:
    """«این ماه», «۱۲ ماه گذشته»."""
    if isinstance(value, str):
        return gettext(ranges.LABELS[value])
    n = to_persian_digits(str(value.n)) if is_persian else str(value.n)
    unit = gettext(ranges.UNIT_LABELS[value.unit])
    return (
        gettext("the last %(n)s %(unit)s")
        if value.direction == "last"
        else gettext("the next %(n)s %(unit)s")
    ) % {"n": n, "unit": unit}


def range_days(ctx: Context, value: Any) -> str:
    """The days that a range means now, in the reader's calendar: «۱ تا ۳۰ آبان ۱۴۰۵»."""
    language = ctx.reader.language
    first, until = ranges.resolve(value, clock.today(ctx.reader.tz), calendar_of(language))
    last = until - timedelta(days=1)
    if first == last:
        return format_date(first, language, "long")
    return gettext("%(low)s to %(high)s") % {
        "low": format_date(first, language, "day" if first.year == last.year else "long"),
        "high": format_date(last, language, "long"),
    }
