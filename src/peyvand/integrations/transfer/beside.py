"""Several objects in one row: which record of each the row spoke of, so that what comes after can be linked to it."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from typing import Final

from peyvand.integrations.transfer.drafts import Draft, Refusal
from peyvand.kernel.errors import msg

_NOTHING: Final = 0
_REFUSED: Final = -1
REFUSED: Final = msg("An earlier row says the same of what stands beside it, and was refused.")


class Beside:
    """By object and line, the id of the record; eight bytes for a line."""

    def __init__(self) -> None:
        self._by_line: dict[str, array[int]] = {}
        self._why: dict[tuple[str, int], Refusal] = {}
        self._by_key: dict[str, dict[tuple[str, str], int]] = {}

    def note(self, object_key: str, drafts: Iterable[Draft]) -> None:
        """Remember what became of a set of rows; those that said the same again mean the same record."""
        lines = self._by_line.setdefault(object_key, array("q"))
        keys = self._by_key.setdefault(object_key, {})
        for draft in drafts:
            if draft.is_blank:
                id = _NOTHING
            elif draft.refusal is not None:
                id = _REFUSED
                self._why[object_key, draft.row.line] = draft.refusal
                keys.setdefault(draft.key, id)
            elif draft.is_repeated:
                id = keys.get(draft.key, _REFUSED)
            else:
                id = keys[draft.key] = draft.record.id
            while len(lines) <= draft.row.line:
                lines.append(_NOTHING)
            lines[draft.row.line] = id

    def lead(self, drafts: Iterable[Draft], field_key: str, object_key: str) -> None:
        """Link drafts to the record of another object in their row; refuse those whose was refused."""
        lines = self._by_line.get(object_key, array("q"))
        for draft in drafts:
            id = lines[draft.row.line] if draft.row.line < len(lines) else _NOTHING
            if id > 0:
                draft.values[field_key] = id
            elif id == _REFUSED:
                why = self._why.get((object_key, draft.row.line))
                for one in why.all if why else ():
                    draft.refuse(one.message, one.column, one.code)
                if why is None:
                    draft.refuse(REFUSED)
