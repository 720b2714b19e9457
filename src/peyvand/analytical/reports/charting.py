"""An answer as a chart: what does not fit is summed where it adds up, and said; no period is left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from django.utils.translation import gettext

from peyvand.analytical.analyses.saying import shown
from peyvand.analytical.measures.catalogue import Measure, Plain
from peyvand.analytical.measures.spans import Span
from peyvand.analytical.reports.answering import MOST_DAYS, Answer, Row, is_ordered
from peyvand.analytical.reports.drawing import missing, rows_url
from peyvand.analytical.reports.naming import period_name, period_told
from peyvand.analytical.reports.saying import axis
from peyvand.kernel import numbers
from peyvand.kernel.persian.calendar import Calendar, Unit, period
from peyvand.platform.actions.context import Context
from peyvand.web.components.charts import Chart, Kind, Mark, Series, drawn, room

# What is drawn as a chart; the others are tables and tiles.
KINDS: Final[Mapping[str, Kind]] = {k: k for k in ("columns", "lines", "bars", "share", "funnel")}
# Parts that can be told apart in one column, or lines in one picture.
MOST_PARTS: Final = 6
_WHOLE: Final = ("share", "funnel")
# Two axes have room; of bars that lie, one.
_UNITS: Final = {"columns": 2, "lines": 2}


@dataclass(frozen=True)
class _Names:
    """What stands along an axis. ``others`` so many are summed as the last of ``rows``, which has no values."""

    rows: tuple[Row, ...]
    others: int = 0
    note: str = ""


def chart(ctx: Context, answer: Answer) -> Chart | None:
    """The chart of an answer; None where a table, tiles or nothing say it better."""
    kind = KINDS.get(answer.question.chart)
    if not answer.rows or not answer.dimensions or kind is None or missing(answer):
        return None
    if not answer.alone:
        return _by_one(ctx, answer, kind)
    if kind in _WHOLE:
        alone = answer.alone[0]
        said = gettext("Drawn by %(dimension)s alone.") % {"dimension": gettext(alone.dimensions[0].label)}
        return _by_one(ctx, alone, kind, said)
    return _across(ctx, answer, kind)


def _by_one(ctx: Context, answer: Answer, kind: Kind, said: str = "") -> Chart | None:
    is_time = is_ordered(answer.dimensions[0])
    units = list(dict.fromkeys(m.unit for m in answer.measures))[: _UNITS.get(kind, 1)]
    measures = [m for m in answer.measures if m.unit in units][: 1 if kind in _WHOLE else None]
    names = _names(ctx, answer, measures, _room(answer, kind), has_rest=kind in _WHOLE)
    # What is counted in another unit has an axis of its own; nothing is stacked upon what it may be a part of.
    series = [
        Series(
            gettext(m.label),
            tuple(_mark(ctx, answer, m, row) for row in names.rows),
            is_line=m.unit != units[0],
            beside=n > 0 and m.unit == units[0],
        )
        for n, m in enumerate(measures)
    ]
    if answer.question.compare and kind not in _WHOLE:
        series += _before(ctx, measures[0], names.rows)
    if len(measures) < len(answer.measures):
        only = " · ".join(gettext(m.label) for m in measures)
        said = f"{said} {gettext('The chart shows %(measures)s; the table has all.') % {'measures': only}}"
    return drawn(
        kind, " · ".join(gettext(m.label) for m in measures), [row.names[0] for row in names.rows],
        *series, says=[axis(unit, ctx.reader) for unit in units], is_time=is_time, is_running=_is_running(answer, names.rows),
        note=f"{said} {names.note}".strip(),
    )  # fmt: skip


def _before(ctx: Context, measure: Measure, rows: Sequence[Row]) -> list[Series]:
    values = [row.before.get(measure.key) for row in rows]
    marks = tuple(Mark(value, shown(value, measure.unit, ctx.reader)) for value in values)
    return [Series(gettext("Previous period"), marks, "quiet", beside=True)] if any(values) else []


def _across(ctx: Context, answer: Answer, kind: Kind) -> Chart | None:
    """The values of one dimension as parts of those of the other; time always runs along the axis."""
    measure = answer.measures[0]
    first, second = answer.alone
    turned = is_ordered(second.dimensions[0]) and not is_ordered(first.dimensions[0]) and kind != "bars"
    along, parts = (second, first) if turned else (first, second)
    is_time = is_ordered(along.dimensions[0])
    names = _names(ctx, along, [measure], _room(along, kind))
    layers = _names(ctx, parts, [measure], MOST_PARTS, fills=False, has_rest=True)

    def value(name: Row, part: Row) -> float | None:
        """What is in both; of all others, what is left of their sums."""
        if not part.values:
            rest = [value(name, one) or 0 for one in layers.rows if one.values]
            return (name.figures[measure.key] or 0) - sum(rest)
        if not name.values:
            rest = [value(one, part) or 0 for one in names.rows if one.values]
            return (part.figures[measure.key] or 0) - sum(rest)
        row = answer.cells.get(_at(name, part))
        return row.figures[measure.key] if row else None

    def _at(name: Row, part: Row) -> tuple[Any, Any]:
        pair = (name.values[0], part.values[0])
        return (pair[1], pair[0]) if turned else pair

    def mark(name: Row, part: Row) -> Mark:
        found = value(name, part)
        if found is None and kind == "lines" and name.values:
            found = _nothing(measure)
        text = shown(found, measure.unit, ctx.reader)
        if found is None or not (name.values and part.values):
            return Mark(found, text)
        both = (part, name) if turned else (name, part)
        row = Row(_at(name, part), tuple(each.names[0] for each in both), {measure.key: found}, {})
        return Mark(found, text, rows_url(ctx, answer, measure, row))

    adds = measure.adds == "sum"
    series = [
        Series(part.names[0], tuple(mark(name, part) for name in names.rows),
               "" if part.values else "quiet", beside=not adds)
        for part in layers.rows
    ]  # fmt: skip
    said = [names.note, layers.note]
    if len(answer.measures) > 1:
        said.insert(
            0,
            gettext("The chart shows %(measures)s; the table has all.")
            % {"measures": gettext(measure.label)},
        )
    return drawn(
        kind, gettext(measure.label), [row.names[0] for row in names.rows], *series,
        says=[axis(measure.unit, ctx.reader)], is_time=is_time, is_running=_is_running(along, names.rows),
        note=" ".join(filter(None, said)),
    )  # fmt: skip


def _room(answer: Answer, kind: Kind) -> int:
    is_time = is_ordered(answer.dimensions[0])
    most = room(kind, is_time=is_time)
    # Of a time all is drawn; of other things no more than was asked for.
    return most if is_time else min(most, answer.question.most)


def _names(
    ctx: Context,
    answer: Answer,
    measures: Sequence[Measure],
    most: int,
    *,
    fills: bool = True,
    has_rest: bool = False,
) -> _Names:
    """What there is room for, and what is to be said of the others: in words, or as one more (``has_rest``) where all make a whole."""
    rows, count, dayless = answer.named, answer.count, ""
    is_time = is_ordered(answer.dimensions[0])
    if is_time and fills:
        rows, count, dayless = _periods(ctx, answer, measures[0])

    def told(number: int) -> str:
        return numbers.format_number(number, ctx.reader.language)

    if count <= most:
        return _Names(rows, note=dayless)
    if is_time:
        said = gettext("The last %(n)s of %(all)s are drawn.") % {"n": told(most), "all": told(count)}
        return _Names(rows[-most:], note=f"{said} {dayless}".strip())
    if any(m.adds != "sum" for m in measures):
        said = gettext("The first %(n)s of %(all)s are drawn.") % {"n": told(most), "all": told(count)}
        return _Names(rows[:most], note=said)
    kept = rows[: most - 1] if has_rest else rows[:most]
    others = count - len(kept)
    name = gettext("%(n)s others") % {"n": told(others)}
    rest = Row((), (name,), *(_left(whole, [getattr(row, side) for row in kept], measures) for side, whole in (
        ("figures", answer.total.figures), ("before", answer.total.before),
    )))  # fmt: skip
    if not has_rest:
        # One bar of thousands would make slivers of those that are named.
        come = " · ".join(shown(rest.figures[m.key], m.unit, ctx.reader) for m in measures)
        said = gettext("%(others)s, not drawn, come to %(figure)s together.") % {
            "others": name,
            "figure": come,
        }
        return _Names(kept, note=said)
    return _Names((*kept, rest), others, gettext("“%(others)s” are added up.") % {"others": name})


def _left(
    whole: Mapping[str, float | None], kept: Sequence[Mapping[str, float | None]], measures: Sequence[Measure]
) -> dict[str, float | None]:
    """What of the whole the kept do not have."""
    return {
        m.key: (whole[m.key] or 0) - sum(one.get(m.key) or 0 for one in kept)
        for m in measures
        if m.key in whole
    }


def _periods(ctx: Context, answer: Answer, measure: Measure) -> tuple[tuple[Row, ...], int, str]:
    """Every period from the first of which anything is known to the last of the span: those of nothing are drawn as such, and a time
    without an end of its own ends with the last of which anything is known.

    Of very many only the last; how many there are; and what there is beside them that has no day, in words.
    """
    dimension = answer.dimensions[0]
    known = {row.values[0]: row for row in answer.named if row.values[0] is not None}
    if not dimension.unit or not known:
        return answer.named, answer.count, ""
    calendar = dimension.calendar or answer.calendar
    end = answer.days.until
    assert end is not None  # whoever knows today knows until when
    quiet = ""
    if answer.days.since is None and (after := period(dimension.unit, max(known), calendar)[1]) < end:
        end = after
        quiet = gettext("There is nothing after %(period)s.") % {
            "period": period_name(dimension, max(known), ctx.reader.language)
        }
    # Earlier ones than these have no room.
    earliest = end - timedelta(days=MOST_DAYS[dimension.unit] * room("lines", is_time=True))
    start = first = min(known)
    if first < earliest:
        start = period(dimension.unit, earliest, calendar)[0]
    count = _count(dimension.unit, first, start, calendar)
    found = []
    while start < end:
        after = period(dimension.unit, start, calendar)[1]
        name = period_told(dimension, start, answer.days, answer.today, calendar, ctx.reader.language)
        found.append(
            known.get(start) or Row((start,), (name,), {m.key: _nothing(m) for m in answer.measures}, {})
        )
        start = after
    lost = next((row.figures[measure.key] for row in answer.named if row.values[0] is None), None)
    said = gettext("What has no date is not drawn: %(figure)s.") % {
        "figure": shown(lost, measure.unit, ctx.reader)
    }
    return tuple(found), count + len(found), " ".join(filter(None, (quiet, said if lost else "")))


def _is_running(answer: Answer, rows: Sequence[Row]) -> bool:
    """Whether the last is a period that is not over."""
    [dimension] = answer.dimensions
    if not dimension.unit or not rows or not rows[-1].values:
        return False
    [start] = rows[-1].values
    after = period(dimension.unit, start, dimension.calendar or answer.calendar)[1] if start else answer.today
    return after > answer.today


def _count(unit: Unit, first: date, end: date, calendar: Calendar) -> int:
    """How many periods there are from the first day of one to that of another."""
    if unit in ("day", "week"):
        return (end - first).days // MOST_DAYS[unit]
    return len(Span(first, end).periods(unit, calendar))


def _nothing(measure: Measure) -> float | None:
    """What a measure is where there are no rows: none of what is counted and summed, of the rest nobody knows."""
    return 0.0 if isinstance(measure, Plain) and not measure.is_open else None


def _mark(ctx: Context, answer: Answer, measure: Measure, row: Row) -> Mark:
    value = row.figures[measure.key]
    url = rows_url(ctx, answer, measure, row) if row.values else ""
    return Mark(value, shown(value, measure.unit, ctx.reader), url)
