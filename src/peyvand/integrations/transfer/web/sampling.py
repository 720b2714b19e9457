"""The first rows of a table as a grid, with what is wrong in each, and the words of columns that mean records or options."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from django.utils.translation import gettext

from peyvand.integrations.transfer.drafts import Draft, Drafter
from peyvand.integrations.transfer.heads import LOST, WON, plain
from peyvand.integrations.transfer.keys import demand_name
from peyvand.integrations.transfer.links import SEVERAL, Links, invalid_word
from peyvand.integrations.transfer.mapping import Column, Shape
from peyvand.integrations.transfer.reading import Row
from peyvand.kernel.errors import Invalid, Message
from peyvand.kernel.persian.text import compact
from peyvand.platform.access.decisions import visible
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.choices import Choices
from peyvand.platform.fields.types import Choice, Flag, Label, Link
from peyvand.platform.objects.spec import find_object

# So many rows are shown, and so many more of those with faults.
SHOWN: Final = 12
FAULTY: Final = 30
# Columns with more words than these hold names, not kinds.
MOST_WORDS: Final = 60
MOST_OPTIONS: Final = 300
MAPPED: Final = frozenset({"user", "stage", "pipeline", "lost_reason", "competitor", "team"})


@dataclass(frozen=True)
class CellShown:
    """A cell with its column's place, and why it cannot be taken."""

    place: int
    text: str
    problem: Message | None = None
    # Of its column: on a phone each cell stands in a line of its own.
    head: str = ""


@dataclass(frozen=True)
class Line:
    """A row of the grid; ``problem`` is one of the whole row."""

    number: int
    cells: tuple[CellShown, ...]
    problem: Message | None = None

    @property
    def is_bad(self) -> bool:
        return self.problem is not None or any(cell.problem for cell in self.cells)


@dataclass(frozen=True)
class Word:
    """A word that a column holds, how often, what it is taken for (empty: for itself), and whether it leads anywhere."""

    word: str
    count: int
    meant: str
    is_known: bool


@dataclass(frozen=True)
class ValueMap:
    """The words of one column, and what each may be taken for."""

    header: str
    label: Label
    entries: tuple[Word, ...]
    options: tuple[tuple[str, str], ...]
    # How many of the words are taken for something that only the program proposes.
    proposed: int = 0

    @property
    def unknown(self) -> int:
        return sum(not entry.is_known for entry in self.entries)


def lines_of(links: Links, shapes: Sequence[Shape], rows: Sequence[Row]) -> list[Line]:
    """The first rows, and the first of those that could not be taken as they are."""
    drafts = [_drafts(links, shape, rows) for shape in shapes]
    taken = sorted({column.index for shape in shapes for column in shape.columns})
    out, faulty = [], 0
    for n, row in enumerate(rows):
        faults = [one for draft in drafts if (first := draft[n].refusal) for one in first.all]
        if n >= SHOWN and not (faults and faulty < FAULTY):
            continue
        faulty += bool(faults)
        places = {fault.column: fault.message for fault in faults if fault.column}
        heads = {column.index: column.header for shape in shapes for column in shape.columns}
        cells = tuple(
            CellShown(
                place,
                str(row.cells[place]) if place < len(row.cells) else "",
                places.get(heads[place]),
                heads[place],
            )
            for place in taken
        )
        whole = next((fault.message for fault in faults if not fault.column), None)
        out.append(Line(row.line, cells, whole))
    return out


def _drafts(links: Links, shape: Shape, rows: Sequence[Row]) -> list[Draft]:
    """Drafts as the import would make them, but for what only writing tells."""
    drafter = Drafter(shape, links.ctx.reader)
    drafts = [drafter.draft(row) for row in rows]
    for draft in drafts:
        demand_name(shape, draft)
    if shape.create:
        return drafts
    for column in shape.columns:
        one = column.field
        if (
            not isinstance(one, Link)
            or one.to in ("stage", "pipeline", shape.spec.key)
            or shape.spec.key == "user"
        ):
            continue
        words = {word for d in drafts if isinstance(word := d.values.get(one.key), str)}
        found = links.find(one.to, words) if words else {}
        for draft in drafts:
            word = draft.values.get(one.key)
            if isinstance(word, str) and found.get(word, SEVERAL) == SEVERAL:
                problem = invalid_word(one.key, word, found.get(word)).problems[0]
                draft.refuse(problem.message, column.header, problem.code)
    return drafts


def value_maps(
    links: Links, shapes: Sequence[Shape], rows: Sequence[Row], proposed: Mapping[str, Mapping[str, str]]
) -> list[ValueMap]:
    """Of each column that means options, stages or people who work here: its words, and what they are taken for."""
    maps = []
    for shape in shapes:
        for column in shape.columns:
            if isinstance(column.field, Choice | Choices | Flag) or (
                isinstance(column.field, Link) and column.field.to in MAPPED
            ):
                found = _map(links, shape, column, rows)
                if found:
                    mine = () if shape.is_aside else proposed.get(column.header, ())
                    maps.append(replace(found, proposed=len(mine)))
    return maps


def _map(links: Links, shape: Shape, column: Column, rows: Sequence[Row]) -> ValueMap | None:
    ctx = links.ctx
    counts = Counter(
        cell for row in rows if row.problem is None and (cell := str(row.cells[column.index]).strip())
    )
    options = _options(ctx, column)
    if not counts or len(counts) > MOST_WORDS or not options:
        return None
    known = {plain(text) for option in options for text in option} | {plain(label) for _, label in options}
    if isinstance(column.field, Link) and column.field.to == "stage":
        known |= WON | LOST
    if isinstance(column.field, Choices | Flag):
        known |= {plain(word) for word in counts if _is_read(ctx, column, word)}
    elif isinstance(column.field, Link) and column.field.to not in ("stage", "pipeline"):
        # As the import finds them: a colleague also by the mail, any record by its external ID.
        known |= {plain(word) for word, id in links.find(column.field.to, counts).items() if id != SEVERAL}
    said = shape.values.get(column.header, {})
    names = {compact(label) for _, label in options}
    entries = tuple(
        Word(
            word,
            count,
            _meant(said, word, options),
            plain(word) in said or plain(word) in known or compact(word) in names,
        )
        for word, count in counts.most_common()
    )
    return ValueMap(column.header, column.field.label, entries, tuple(options))


def _is_read(ctx: Context, column: Column, word: str) -> bool:
    """Whether the field itself understands the cell: several options in one, any word for yes."""
    try:
        column.field.parse(word, ctx.reader)
    except Invalid:
        return False
    return True


def _meant(said: Mapping[str, str], word: str, options: Sequence[tuple[str, str]]) -> str:
    meant = said.get(plain(word))
    if meant is None:
        return ""
    return meant or "-"


def _options(ctx: Context, column: Column) -> list[tuple[str, str]]:
    """What the words of a column may mean: the text that a cell would say, and how it is shown."""
    one: Any = column.field
    if isinstance(one, Flag):
        return [("1", gettext("Yes")), ("0", gettext("No"))]
    if isinstance(one, Choice | Choices):
        return [(option.key, str(option.label)) for option in one.options]
    spec = find_object(one.to)
    if spec is None:
        return []
    rows = visible(ctx.actor, spec.key, spec.rows.filter(deleted_at__isnull=True))
    titles = rows.order_by(spec.title).values_list(spec.title, flat=True)[:MOST_OPTIONS]
    return [(str(title), str(title)) for title in dict.fromkeys(titles)]
