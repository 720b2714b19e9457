"""An answer as it is drawn: a chart, a table with a total, and how each figure stands beside the earlier one, in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urlencode

from django.utils.translation import gettext

from peyvand.analytical.measures.catalogue import Measure
from peyvand.analytical.reports.answering import Answer, Row
from peyvand.analytical.reports.counted import mark_of
from peyvand.kernel import numbers
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.reader import Reader
from peyvand.platform.fields.types import Money
from peyvand.web.components.charts import Chart, Kind, Mark, Series, drawn
from peyvand.web.shell.navigation import here

_MONEY: Final = Money(key="money", label="")
# Marks that are drawn one beside the other; the table has all.
MOST_MARKS: Final = 60
# What is drawn as a chart; the others are tables and tiles.
KINDS: Final[Mapping[str, Kind]] = {k: k for k in ("columns", "lines", "bars", "share", "funnel")}


@dataclass(frozen=True)
class Cell:
    """A figure as it is read: where its rows are, and how it stands beside the earlier one ("" where there is none)."""

    text: str
    url: str
    change: str = ""
    tone: str = ""
    # How dark it is drawn in a heat map, in tenths.
    shade: int = 0


@dataclass(frozen=True)
class Line:
    names: tuple[str, ...]
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Grid:
    """Two dimensions crossed: one measure in the cells."""

    heads: tuple[str, ...]
    lines: tuple[Line, ...]


def shown(value: float | None, unit: str, reader: Reader, *, is_short: bool = True) -> str:
    """A figure with its unit, in the reader's digits."""
    if value is None:
        return "–"
    match unit:
        case "money":
            return _MONEY.show(round(value), reader, "short" if is_short else "full")
        case "percent":
            return numbers.format_percent(round(value, 1) / 100, reader.language, 1)
        case "days":
            return gettext("%(n)s days") % {"n": numbers.format_number(round(value, 1), reader.language, 1)}
        case "hours":
            return gettext("%(n)s hours") % {"n": numbers.format_number(round(value, 1), reader.language, 1)}
    whole = value == int(value)
    return numbers.format_number(
        int(value) if whole else round(value, 2), reader.language, None if whole else 2
    )


def change_of(now: float | None, before: float | None, reader: Reader) -> tuple[str, str]:
    """«۱۲٪ بیشتر», and whether that is up or down."""
    if now is None or before is None:
        return "", ""
    if before == 0:
        return ("", "") if now == 0 else (gettext("none before"), "up")
    share = (now - before) / abs(before)
    if abs(share) < 0.0005:
        return gettext("as before"), ""
    text = numbers.format_percent(round(abs(share), 3), reader.language, 1)
    return (gettext("%(share)s more") if share > 0 else gettext("%(share)s less")) % {
        "share": text
    }, "up" if share > 0 else "down"


def rows_url(ctx: Context, answer: Answer, measure: Measure, row: Row) -> str:
    """Where the records are that a figure counts."""
    mark = mark_of(answer.question, measure.key, row.values) if row.values else mark_of_total(answer, measure)
    return f"{here(ctx, 'reports/rows')}?{urlencode({'mark': mark})}"


def mark_of_total(answer: Answer, measure: Measure) -> str:
    return mark_of(replace(answer.question, by=()), measure.key, ())


def line(ctx: Context, answer: Answer, row: Row) -> Line:
    """One line of the table."""
    return Line(row.names, tuple(_cell(ctx, answer, measure, row) for measure in answer.measures))


def _cell(ctx: Context, answer: Answer, measure: Measure, row: Row) -> Cell:
    value = row.figures[measure.key]
    change, tone = change_of(value, row.before.get(measure.key), ctx.reader)
    return Cell(shown(value, measure.unit, ctx.reader), rows_url(ctx, answer, measure, row), change, tone)


def chart(ctx: Context, answer: Answer) -> Chart | None:
    """The chart of an answer; None where a table, tiles or nothing say it better."""
    kind = KINDS.get(answer.question.chart)
    if not answer.rows or kind is None:
        return None
    if len(answer.dimensions) == 2:
        names, series = _crossed(ctx, answer)
    else:
        rows = answer.rows[:MOST_MARKS]
        names = [row.names[0] if row.names else "" for row in rows]
        series = [
            Series(
                gettext(m.label),
                tuple(_mark(ctx, answer, m, row) for row in rows),
                is_line=m.unit == "percent" and n > 0,
            )
            for n, m in enumerate(answer.measures)
        ]
        series += _before(ctx, answer, rows)
    label = " · ".join(gettext(m.label) for m in answer.measures)
    return drawn(kind, label, names, *series)


def _before(ctx: Context, answer: Answer, rows: tuple[Row, ...]) -> list[Series]:
    if not answer.question.compare:
        return []
    first = answer.measures[0]
    marks = tuple(
        Mark(row.before.get(first.key), shown(row.before.get(first.key), first.unit, ctx.reader))
        for row in rows
    )
    return [Series(gettext("Before"), marks, "quiet", beside=True)]


def _mark(ctx: Context, answer: Answer, measure: Measure, row: Row) -> Mark:
    value = row.figures[measure.key]
    return Mark(value, shown(value, measure.unit, ctx.reader), rows_url(ctx, answer, measure, row))


def _crossed(ctx: Context, answer: Answer) -> tuple[list[str], list[Series]]:
    """The second dimension's values stacked over those of the first."""
    measure = answer.measures[0]
    names = list(dict.fromkeys(row.names[0] for row in answer.rows))[:MOST_MARKS]
    parts = list(dict.fromkeys(row.names[1] for row in answer.rows))[:12]
    found = {row.names: row for row in answer.rows}

    def mark(name: str, part: str) -> Mark:
        row = found.get((name, part))
        return _mark(ctx, answer, measure, row) if row else Mark(None, "")

    return names, [Series(part, tuple(mark(name, part) for name in names)) for part in parts]


def grid(ctx: Context, answer: Answer) -> Grid | None:
    """Two dimensions as a heat map; None where there are not two."""
    if len(answer.dimensions) != 2:
        return None
    measure = answer.measures[0]
    most = max((abs(row.figures[measure.key] or 0) for row in answer.rows), default=0) or 1
    heads = tuple(dict.fromkeys(row.names[1] for row in answer.rows))
    found = {row.names: row for row in answer.rows}

    def cell(name: str, head: str) -> Cell:
        row = found.get((name, head))
        if row is None:
            return Cell("", "")
        value = row.figures[measure.key]
        return Cell(
            shown(value, measure.unit, ctx.reader), rows_url(ctx, answer, measure, row),
            shade=round(10 * max(0.0, value or 0) / most),
        )  # fmt: skip

    names = dict.fromkeys(row.names[0] for row in answer.rows)
    return Grid(heads, tuple(Line((name,), tuple(cell(name, head) for head in heads)) for name in names))
