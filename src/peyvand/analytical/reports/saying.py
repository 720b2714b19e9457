"""What stands around a figure in the reader's words: the axis that it is drawn on, and how it changed."""

from __future__ import annotations

from django.utils.translation import gettext

from peyvand.analytical.analyses.saying import plain, shown
from peyvand.kernel import numbers
from peyvand.platform.fields.reader import Reader
from peyvand.web.components.charts import Axis
from peyvand.web.components.tags import money_unit


def axis(unit: str, reader: Reader) -> Axis:
    """How the values of an axis read, and what they count in; a rate that is nothing everywhere is nothing of a hundred."""
    match unit:
        case "money":
            return Axis(lambda value: shown(value, unit, reader), money_unit())
        case "percent":
            return Axis(lambda value: shown(value, unit, reader), whole=100.0)
        case "days":
            return Axis(lambda value: plain(value, reader), gettext("days"))
        case "hours":
            return Axis(lambda value: plain(value, reader), gettext("hours"))
    return Axis(lambda value: plain(value, reader))


def change_of(
    now: float | None, before: float | None, reader: Reader, unit: str = "number"
) -> tuple[str, str]:
    """«۱۲٪ بیشتر», or of a share «۳ واحد بیشتر»; and whether that is up or down."""
    if now is None or before is None:
        return "", ""
    if unit == "percent":
        points = round(now - before, 1)
        if not points:
            return gettext("as before"), ""
        said = gettext("%(n)s points more") if points > 0 else gettext("%(n)s points less")
        return said % {"n": plain(abs(points), reader, 1)}, "up" if points > 0 else "down"
    if before == 0:
        return ("", "") if now == 0 else (gettext("none before"), "")
    share = (now - before) / abs(before)
    if abs(share) < 0.0005:
        return gettext("as before"), ""
    text = numbers.format_percent(round(abs(share), 3), reader.language, 1)
    return (gettext("%(share)s more") if share > 0 else gettext("%(share)s less")) % {
        "share": text
    }, "up" if share > 0 else "down"
