"""Makes the fields that a mapping calls new, before the first row is written: by the action that defines fields anywhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from peyvand.integrations.transfer.heads import plain
from peyvand.integrations.transfer.mapping import Column, Shape
from peyvand.integrations.transfer.own import MOST_DECIMALS, PERMISSION
from peyvand.integrations.transfer.reading import Table
from peyvand.kernel.errors import Invalid
from peyvand.kernel.numbers import parse_number
from peyvand.kernel.persian.text import fold, tidy
from peyvand.platform.access.decisions import demand
from peyvand.platform.actions.action import action_named
from peyvand.platform.actions.context import Context

# Beyond so many words a column is none of options, and the action says so.
_MOST_WORDS = 201


def add_fields(ctx: Context, table: Table, shapes: Sequence[Shape]) -> tuple[str, ...]:
    """Make the fields of a table's new columns; return their names. A choice has the words of its column as options.

    Raises:
        NotAllowed: the actor may not define fields. Invalid: a column cannot be of its kind.
    """
    new = [(shape, column) for shape in shapes for column in shape.columns if column.new]
    if not new:
        return ()
    demand(ctx.actor, PERMISSION)
    add = action_named(PERMISSION)
    if add is None:
        raise LookupError(f"there is no action {PERMISSION}")
    said, language = _what_cells_say(table, new), ctx.actor.language
    for shape, column in new:
        more = said[column.header].parts(language) if column.header in said else {}
        add.function(ctx, shape.spec.key, column.new, labels={language: str(column.field.label)}, **more)
    return tuple(str(column.field.label) for _, column in new)


class _Said:
    """What the cells of one column come to, as far as its kind asks."""

    def __init__(self, column: Column, meant: Mapping[str, str]) -> None:
        self.column, self.meant = column, meant
        self.words: dict[str, str] = {}
        self.decimals = 0

    def hear(self, cell: object) -> None:
        text = tidy(str(cell))
        if self.column.new == "choice" and len(self.words) < _MOST_WORDS:
            text = tidy(self.meant.get(plain(text), text))
            if text:
                self.words.setdefault(fold(text), text)
        elif self.column.new == "number" and self.decimals < MOST_DECIMALS and text:
            self.decimals = max(self.decimals, _decimals(text))

    def parts(self, language: str) -> dict[str, Any]:
        """Of the field's definition."""
        if self.column.new == "choice":
            return {"options": [{"labels": {language: word}} for word in self.words.values()]}
        return {"decimals": self.decimals}


def _what_cells_say(table: Table, new: Sequence[tuple[Shape, Column]]) -> dict[str, _Said]:
    said = {
        column.header: _Said(column, shape.values.get(column.header, {}))
        for shape, column in new
        if column.new in ("choice", "number")
    }
    for row in table.rows() if said else ():
        if row.problem is None:
            for one in said.values():
                one.hear(row.cells[one.column.index])
    return said


def _decimals(text: str) -> int:
    try:
        exponent = parse_number(text).normalize().as_tuple().exponent
    except Invalid:
        # Its row is refused when it comes.
        return 0
    return min(MOST_DECIMALS, max(0, -exponent)) if isinstance(exponent, int) else 0
