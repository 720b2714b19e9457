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
from peyvand.analytical.reports.provinces import MAP, Province, province_of
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


@dataclass(frozen=True)
class Tile:
    """A province on the map; no name: no land."""

    name: str = ""
    whole_name: str = ""
    cell: Cell | None = None


@dataclass(frozen=True)
class Map:
    """Provinces as they lie, row by row, and what lies in none of them."""

    rows: tuple[tuple[Tile, ...], ...]
    elsewhere: tuple[tuple[str, Cell], ...]


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
        return said % {
            "n": numbers.format_number(abs(points), reader.language, 1)
        }, "up" if points > 0 else "down"
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
    change, tone = change_of(value, row.before.get(measure.key), ctx.reader, measure.unit)
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
        # What is counted in another unit has an axis of its own; nothing is stacked upon what it may be a part of.
        series = [
            Series(
                gettext(m.label),
                tuple(_mark(ctx, answer, m, row) for row in rows),
                is_line=m.unit != answer.measures[0].unit,
                beside=n > 0 and m.unit == answer.measures[0].unit,
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


def province_map(ctx: Context, answer: Answer) -> Map | None:
    """The first measure by province; None where something else is asked."""
    if [d.key for d in answer.dimensions] != ["province"]:
        return None
    measure = answer.measures[0]
    most = max((row.figures[measure.key] or 0 for row in answer.rows), default=0) or 1
    found: dict[Province, Cell] = {}
    elsewhere = []
    for row in answer.rows:
        value = row.figures[measure.key]
        shade = max(1, round(10 * value / most)) if value and value > 0 else 0
        cell = replace(_cell(ctx, answer, measure, row), shade=shade)
        province = province_of(str(row.values[0] or ""))
        # Two ways of writing one province are two figures with rows of their own.
        if province is None or province in found:
            elsewhere.append((row.names[0], cell))
        else:
            found[province] = cell
    is_persian = ctx.reader.is_persian

    def tile(province: Province | None) -> Tile:
        if province is None:
            return Tile()
        name = province.persian if is_persian else province.english
        return Tile(
            (province.short if is_persian else province.short_english) or name, name, found.get(province)
        )

    return Map(tuple(tuple(tile(province) for province in row) for row in MAP), tuple(elsewhere))


def missing(answer: Answer) -> str:
    """What the chosen chart needs and does not have, in words; "" where it can be drawn."""
    keys = [d.key for d in answer.dimensions]
    if answer.question.chart == "map" and keys != ["province"]:
        return gettext("The map is drawn by province, and by nothing else.")
    if answer.question.chart == "heat" and len(keys) != 2:
        return gettext("A heat map needs two dimensions.")
    return ""
