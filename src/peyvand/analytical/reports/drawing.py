"""An answer as it is drawn: a chart, a table with a total, and how each figure stands beside the earlier one, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urlencode

from django.utils.translation import gettext

from peyvand.analytical.analyses.saying import shown
from peyvand.analytical.measures.catalogue import Measure
from peyvand.analytical.reports.answering import MOST_HEADS, Answer, Row
from peyvand.analytical.reports.counted import mark_of
from peyvand.analytical.reports.provinces import MAP, Province, province_of
from peyvand.analytical.reports.saying import change_of
from peyvand.kernel import numbers
from peyvand.platform.actions.context import Context
from peyvand.web.shell.navigation import here

# Of these less is better.
_BETTER_LESS: Final = frozenset({
    "discount", "discount_rate", "returned", "returns", "returns_rate", "goods_cost", "service_cost", "price_gap", "deals_lost",
    "lost_amount", "cycle_days", "stage_hours", "stage_stay", "subscriptions_ended", "monthly_ended",
})  # fmt: skip


@dataclass(frozen=True)
class Cell:
    """A figure as it is read: where its rows are, and how it stands beside the earlier one ("" where there is none)."""

    text: str
    url: str = ""
    change: str = ""
    tone: str = ""
    # How dark it is drawn in a heat map, in tenths.
    shade: int = 0


@dataclass(frozen=True)
class Line:
    """A row of a table; a name that the row above has too is ""."""

    names: tuple[str, ...]
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Grid:
    """Two dimensions across each other: one measure in the cells. The last cell of a line is its total, and so is ``foot``."""

    heads: tuple[str, ...]
    lines: tuple[Line, ...]
    foot: Line
    # What of it is not shown, in words.
    cut: str = ""


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


def rows_url(ctx: Context, answer: Answer, measure: Measure, row: Row) -> str:
    """Where the records are that a figure counts."""
    question = answer.question if row.values else replace(answer.question, by=())
    mark = mark_of(question, measure.key, row.values, row.names, row.figures[measure.key], at=answer.at)
    return f"{here(ctx, 'reports/rows')}?{urlencode({'mark': mark})}"


def line(ctx: Context, answer: Answer, row: Row) -> Line:
    """One line of the table."""
    return Line(row.names, tuple(cell(ctx, answer, measure, row) for measure in answer.measures))


def lines(ctx: Context, answer: Answer) -> list[Line]:
    """The lines of the table; of two dimensions, what the line above is called is not said again."""
    found = []
    above = ""
    for row in answer.rows:
        names = ("", *row.names[1:]) if len(row.names) > 1 and row.names[0] == above else row.names
        above = row.names[0] if row.names else ""
        found.append(replace(line(ctx, answer, row), names=names))
    return found


def cell(ctx: Context, answer: Answer, measure: Measure, row: Row) -> Cell:
    """A figure of a row."""
    value = row.figures[measure.key]
    change, way = change_of(value, row.before.get(measure.key), ctx.reader, measure.unit)
    if answer.began and not row.values:
        change = gettext("the time before was not recorded in full")
    tone = "" if not way else "good" if (way == "up") != (measure.key in _BETTER_LESS) else "bad"
    return Cell(shown(value, measure.unit, ctx.reader), rows_url(ctx, answer, measure, row), change, tone)


def grid(ctx: Context, answer: Answer) -> Grid | None:
    """Two dimensions across each other, a measure in the cells, each shaded by how much it is; None where there are not two."""
    if not answer.alone:
        return None
    measure = answer.measures[0]
    down, across = answer.alone
    heads = across.named[:MOST_HEADS]

    def found(name: Row, head: Row) -> Row | None:
        row = answer.cells.get((name.values[0], head.values[0]))
        return row and replace(row, names=(name.names[0], head.names[0]))

    table = [[found(name, head) for head in heads] for name in down.rows]
    most = max((row.figures[measure.key] or 0 for line in table for row in line if row), default=0) or 1

    def drawn(row: Row | None) -> Cell:
        if row is None:
            return Cell("")
        return replace(
            cell(ctx, answer, measure, row),
            shade=round(10 * max(0.0, row.figures[measure.key] or 0) / most),
        )

    beneath, beside = answer.others
    others = gettext("Others")

    def rest(row: Row | None) -> Cell:
        """What all that is not shown says together: no list opens behind so many records."""
        return Cell(shown(row.figures[measure.key], measure.unit, ctx.reader) if row else "")

    found_lines = [
        Line(
            name.names,
            (
                *map(drawn, cells),
                *([rest(beside.rows.get(name.values[0]))] if beside else ()),
                cell(ctx, down, measure, name),
            ),
        )
        for name, cells in zip(down.rows, table, strict=True)
    ]
    if beneath:
        cells = [rest(beneath.rows.get(head.values[0])) for head in heads]
        # What is neither in the lines nor in the columns is in the totals alone.
        found_lines.append(Line((others,), (*cells, *([Cell("")] if beside else ()), rest(beneath.total))))
    return Grid(
        (*(head.names[0] for head in heads), *((others,) if beside else ())),
        tuple(found_lines),
        Line(
            (),
            (
                *(cell(ctx, across, measure, head) for head in heads),
                *([rest(beside.total)] if beside else ()),
                cell(ctx, answer, measure, answer.total),
            ),
        ),
        _cut(ctx, down, across),
    )


def _cut(ctx: Context, down: Answer, across: Answer) -> str:
    counts = ((len(down.rows), down.count), (min(MOST_HEADS, across.count), across.count))
    if all(shown == count for shown, count in counts):
        return ""
    (rows, all_rows), (heads, all_heads) = (
        [numbers.format_number(n, ctx.reader.language) for n in pair] for pair in counts
    )
    return gettext("%(rows)s of %(all_rows)s rows and %(heads)s of %(all_heads)s columns are shown; “All” counts all.") % {
        "rows": rows, "all_rows": all_rows, "heads": heads, "all_heads": all_heads,
    }  # fmt: skip


def province_map(ctx: Context, answer: Answer) -> Map | None:
    """The first measure by province; None where something else is asked."""
    if [d.key for d in answer.dimensions] != ["province"]:
        return None
    measure = answer.measures[0]
    most = max((row.figures[measure.key] or 0 for row in answer.named), default=0) or 1
    found: dict[Province, Cell] = {}
    elsewhere = []
    for row in answer.named:
        value = row.figures[measure.key]
        shade = max(1, round(10 * value / most)) if value and value > 0 else 0
        drawn = replace(cell(ctx, answer, measure, row), shade=shade)
        province = province_of(str(row.values[0] or ""))
        # Two ways of writing one province are two figures with rows of their own.
        if province is None or province in found:
            elsewhere.append((row.names[0], drawn))
        else:
            found[province] = drawn
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
    kind, measure = answer.question.chart, answer.measures[0]
    if kind == "map" and keys != ["province"]:
        return gettext("The map is drawn by province, and by nothing else.")
    if kind == "heat" and len(keys) != 2:
        return gettext("A heat map needs two dimensions.")
    if kind == "share" and keys:
        if measure.adds != "sum" or measure.unit == "percent":
            return gettext("Shares need figures that add up, and “%(measure)s” does not.") % {
                "measure": gettext(measure.label)
            }
        if _is_below(measure, (answer.alone[0] if answer.alone else answer).named):
            return gettext("Some figures are below zero, so shares cannot be drawn.")
    return ""


def _is_below(measure: Measure, rows: Sequence[Row]) -> bool:
    return any((row.figures[measure.key] or 0) < 0 for row in rows)
