"""Rows as drafts of records: cells understood by their fields, in the time that a file of a million rows allows."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from django.utils import translation
from django.utils.functional import lazy

from peyvand.integrations.transfer.heads import plain
from peyvand.integrations.transfer.mapping import Column, Shape
from peyvand.integrations.transfer.reading import Cell, Row
from peyvand.integrations.transfer.recognition import WRITTEN_ONCE
from peyvand.kernel import clock
from peyvand.kernel.errors import Invalid, Message, PeyvandError, Problem, msg
from peyvand.kernel.money import IRR
from peyvand.kernel.numbers import parse_number
from peyvand.kernel.persian.text import comma, fold
from peyvand.platform.fields.reader import Reader
from peyvand.platform.fields.types import Choice, Compound, Day, Field, Instant, Link, Money, Number

# What stands between is stripped afterwards: blanks in the pattern would be looked through again from each of them.
_SEVERAL: Final = re.compile(r"[;،\n|]|,(?=\s)")
_DAY: Final = re.compile(r"(\d{4})[/.-]\d{1,2}[/.-]\d{1,2}|\d{1,2}[/.-]\d{1,2}[/.-](\d{4})")
_FLOAT: Final = re.compile(r"(\d+)\.0+")
_REMEMBERED: Final = 20_000
_TRIED: Final = 2_000
LINES: Final = "lines"
# Beyond it no amount is taken, so that its decimals no longer matter.
_MOST_RIALS: Final = 10**19
Understand = Callable[[Cell], Any]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a row is not taken. ``column`` is the head of the column at fault, empty where it is the whole row."""

    line: int
    message: Message
    column: str = ""
    code: str = "invalid"
    # The row as it was written, where the report shows it.
    cells: tuple[str, ...] = ()
    # What is wrong with it besides, in other columns.
    others: tuple[Refusal, ...] = ()

    @property
    def all(self) -> tuple[Refusal, ...]:
        return (self, *self.others)


@dataclass(slots=True)
class Draft:
    """What a row says. Links hold the word in the file until they are resolved; blank cells say nothing."""

    row: Row
    values: dict[str, Any] = field(default_factory=dict)
    # What tells it from others, the surest first.
    keys: list[tuple[str, str]] = field(default_factory=list)
    # Whether the row says nothing of this object, or what an earlier row said already.
    is_blank: bool = False
    is_repeated: bool = False
    # The record it is about, None for a new one.
    record: Any = None
    refusal: Refusal | None = None
    # Values that only a new record takes, such as a name put together from others.
    initial: dict[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, str]:
        return self.keys[0] if self.keys else ("", "")

    def refuse(self, message: Message, column: str = "", code: str = "invalid") -> None:
        """Say why the row is not taken; of each column, and of the whole row, the first reason counts."""
        found, first = Refusal(self.row.line, message, column, code), self.refusal
        if first is None:
            self.refusal = found
        elif all(one.column != column for one in first.all):
            self.refusal = replace(first, others=(*first.others, found))


class Drafter:
    """Makes drafts of a table's rows by its shape."""

    def __init__(self, shape: Shape, reader: Reader) -> None:
        self.shape, self.reader = shape, reader
        self.headers = {c.field.key: c.header for c in reversed(shape.columns)}
        self._plain: list[tuple[int, str, str, Understand]] = []
        self._parts: dict[str, list[tuple[Column, Understand]]] = defaultdict(list)
        for column in shape.columns:
            if isinstance(column.field, Compound):
                self._parts[column.field.key].append((column, self._cell(column)))
            else:
                understand = self._meant(column, self._typed(column.field))
                self._plain.append((column.index, column.field.key, column.header, _remembering(understand)))
        self._defaults = self._from_defaults(shape.defaults)

    def draft(self, row: Row) -> Draft:
        draft = Draft(row)
        if row.problem is not None:
            draft.refuse(row.problem, code="unreadable")
            return draft
        cells, values = row.cells, draft.values
        for index, key, header, understand in self._plain:
            cell = cells[index]
            if not cell:
                continue
            try:
                value = understand(cell)
            except PeyvandError as error:
                draft.refuse(_reason(error), header, error.code)
                continue
            if value is not None and value != "":
                values[key] = value
        for key, parts in self._parts.items():
            self._compound(draft, key, parts)
        for key, value in self._defaults.items():
            values.setdefault(key, value)
        return draft

    def _compound(self, draft: Draft, key: str, parts: Sequence[tuple[Column, Understand]]) -> None:
        cells = draft.row.cells
        filled = [(column, understand, cell) for column, understand in parts if (cell := cells[column.index])]
        if not filled:
            return
        of, header = filled[0][0].field, filled[0][0].header
        try:
            raw: Any
            if of.widget == "points":
                raw = [
                    {"value": text, "label": column.part}
                    for column, understand, cell in filled
                    for text in map(str.strip, _SEVERAL.split(str(understand(cell))))
                    if text
                ]
            elif any(column.part for column, _, _ in filled):
                raw = [{column.part or "value": understand(cell) for column, understand, cell in filled}]
            else:
                raw = filled[0][1](filled[0][2])
            # The product of a line is a word still: who knows deals understands it.
            value = raw if key == LINES else of.parse(raw, self.reader)
        except PeyvandError as error:
            draft.refuse(_reason(error), header, error.code)
            return
        if value:
            draft.values[key] = value

    def _cell(self, column: Column) -> Understand:
        return self._meant(column, lambda cell: cell.isoformat() if isinstance(cell, date) else cell.strip())

    def _meant(self, column: Column, understand: Understand) -> Understand:
        """Before a cell is understood: what the mapping says its words mean, and its numbers are multiplied by."""
        values, times = self.shape.values.get(column.header), column.times
        if values:
            inner = understand

            def translated(cell: Cell) -> Any:
                return inner(values.get(plain(cell), cell) if isinstance(cell, str) else cell)

            understand = translated
        if times is not None:
            multiplied = understand

            def by_times(cell: Cell) -> Any:
                return multiplied(_decimal_text(parse_number(str(cell)) * times))

            understand = by_times
        return understand

    def _typed(self, field: Field) -> Understand:
        reader = self.reader
        if isinstance(field, Link):
            return lambda cell: whole(str(cell).strip())
        if isinstance(field, Choice):
            return self._chosen(field)
        if field.key in WRITTEN_ONCE:
            return lambda cell: _past(field.parse(cell, reader))
        if isinstance(field, Day | Instant):
            return lambda cell: field.parse(cell, reader)
        if isinstance(field, Money) and reader.currency == IRR.code:
            places = 1 if reader.money_unit == "toman" else 0
            return lambda cell: field.parse(_in_whole_rials(cell, places), reader)
        if isinstance(field, Number) and not field.grouped:
            return lambda cell: field.parse(_year_of(cell), reader)
        return lambda cell: field.parse(
            cell.isoformat() if isinstance(cell, date | datetime) else cell, reader
        )

    def _chosen(self, field: Choice) -> Understand:
        """Options by key or by label, whatever language the file speaks."""
        keys = {plain(option.key): option.key for option in field.options}
        exact: dict[str, str] = {}
        for language in ("en", "fa"):
            with translation.override(language):
                keys |= {plain(str(option.label)): option.key for option in field.options}
                # «C» and «C++» differ by their signs alone.
                exact |= {fold(str(option.label)): option.key for option in field.options}

        def chosen(cell: Cell) -> Any:
            text = str(cell)
            known = exact.get(fold(text)) or keys.get(plain(text))
            return known or self._parsed(field, cell)

        return chosen

    def _parsed(self, field: Choice, cell: Cell) -> Any:
        """What the field itself understands; who writes files knows the options by their labels, not by their keys."""
        try:
            return field.parse(cell, self.reader)
        except Invalid as error:
            raise Invalid(
                Problem(
                    p.field,
                    Message(p.message.template, {**p.message.params, "choices": _labels(field)}),
                    p.code,
                )
                for p in error.problems
            ) from None

    def _from_defaults(self, said: Mapping[str, Any]) -> dict[str, Any]:
        out: dict[str, Any] = {}
        for key, raw in said.items():
            found = self.shape.spec.all_fields[key]
            try:
                out[key] = str(raw) if isinstance(found, Link) else found.parse(str(raw), self.reader)
                if key in WRITTEN_ONCE:
                    out[key] = _past(out[key])
            except Invalid as error:
                raise error.at(f"defaults.{key}") from None
        return out


def _labels(field: Choice) -> Any:
    """The labels of the options, in the language of whoever reads them."""

    def say() -> str:
        return comma(translation.get_language() or "en").join(str(option.label) for option in field.options)

    return lazy(say, str)()


def _remembering(understand: Understand) -> Understand:
    """The same, remembering answers for a column whose cells repeat; a column that does not repeat is left alone."""
    answers: dict[Cell, Any] = {}
    asked = repeated = 0
    given_up = False

    def remembered(cell: Cell) -> Any:
        nonlocal asked, repeated, given_up
        if given_up:
            return understand(cell)
        asked += 1
        # One look: another thread may give up, and clear it, at any moment.
        known = answers.get(cell, answers)
        if known is not answers:
            repeated += 1
            return known
        if (asked == _TRIED and repeated * 4 < asked) or len(answers) > _REMEMBERED:
            given_up = True
            answers.clear()
            return understand(cell)
        value = answers[cell] = understand(cell)
        return value

    return remembered


def _reason(error: PeyvandError) -> Message:
    return error.problems[0].message if isinstance(error, Invalid) else error.message


def _past(moment: datetime | None) -> datetime | None:
    """The moment at which a record was made elsewhere. Raises Invalid where it is still to come."""
    if moment is not None and moment > clock.now():
        raise Invalid.of(msg("Nothing was made in the future."), code="in_future")
    return moment


def whole(word: str) -> str:
    """What a program wrote as a float ("17850.0") as the id that it is."""
    found = _FLOAT.fullmatch(word)
    return found[1] if found else word


def _year_of(cell: Cell) -> str:
    """A year; of a day only its year, as it is written."""
    if isinstance(cell, date):
        return str(cell.year)
    day = _DAY.fullmatch(cell.strip())
    return (day[1] or day[2]) if day else cell


def _decimal_text(number: Decimal) -> str:
    return f"{number:f}"


def _in_whole_rials(cell: Cell, places: int) -> Cell:
    """The number with no more decimals than rials have, half up: sheets divide amounts into fractions that no coin
    pays, and a row with all that needs it is not worth losing over one. What is no bare number stays as it is."""
    try:
        number = parse_number(str(cell))
    except Invalid:
        return cell.isoformat() if isinstance(cell, date) else cell
    if abs(number) > _MOST_RIALS:
        return cell
    return _decimal_text(number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP))
