"""The typed rows of custom values: replaced in sets with the values they repeat, in the same transaction."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from peyvand.kernel.persian.text import fold
from peyvand.platform.database.bulk import array
from peyvand.platform.database.prepared import fetch, run
from peyvand.platform.fields.choices import Choices
from peyvand.platform.fields.custom import InCustom
from peyvand.platform.fields.types import Choice
from peyvand.platform.schema.models import LEAD, CustomValue
from peyvand.platform.workspaces.scope import current_workspace_id

# Longer texts are told apart by their hash.
SHORT = 200


@dataclass(frozen=True)
class Taken:
    """A value of a unique field that a record wanted and another has."""

    field: InCustom
    wanted_by: int
    held_by: int


_COLUMNS = (
    ("field_id", "bigint"), ("object_id", "bigint"), ("text", "text"), ("lead", "text"), ("number", "bigint"), ("day", "date"),
    ("moment", "timestamptz"), ("unique_text", "text"),
)  # fmt: skip
_NAMES = ", ".join(name for name, _ in _COLUMNS)
_INSERT = f"""
insert into custom_value (workspace_id, {_NAMES})
select %s::bigint, v.* from unnest({", ".join(f"%s::{kind}[]" for _, kind in _COLUMNS)}) as v({_NAMES})
on conflict (workspace_id, field_id, unique_text) where unique_text is not null do nothing
"""  # noqa: S608 made of our own names
_CLEAR = "delete from custom_value where workspace_id = %s::bigint and field_id = any(%s::bigint[]) and object_id = any(%s::bigint[])"
_FORGET = """
delete from custom_value where workspace_id = %s::bigint and object_id = any(%s::bigint[])
and field_id in (select id from custom_field where workspace_id = %s::bigint and object = %s::text)
"""
_TAKEN = """
select w.field_id, w.object_id, t.object_id from unnest(%s::bigint[], %s::bigint[], %s::text[]) as w(field_id, object_id, unique_text)
join custom_value t on t.workspace_id = %s::bigint and t.field_id = w.field_id and t.unique_text = w.unique_text and t.object_id <> w.object_id
"""


def keep_values(
    fields: Sequence[InCustom], values: Mapping[int, Mapping[str, Any]], *, are_new: bool = False
) -> list[Taken]:
    """Replace the typed rows of these fields for records whose values, by field key, are given.

    Returns what could not be kept because another record has it; the caller must refuse the change then. Two that want
    the same at once wait for each other, and the second is told of the first.
    """
    workspace_id = current_workspace_id()
    rows = [
        row
        for id, held in values.items()
        for one in fields
        if one.key in held
        for row in _rows(one, id, held[one.key])
    ]
    if not are_new:
        run(_CLEAR, [workspace_id, [one.defined.id for one in fields], list(values)])
    if not rows:
        return []
    columns = [
        array(column, kind) for column, (_, kind) in zip(zip(*rows, strict=True), _COLUMNS, strict=True)
    ]
    if run(_INSERT, [workspace_id, *columns]) == len(rows):
        return []
    unique = [(row[0], row[1], row[7]) for row in rows if row[7] is not None]
    wanted = [
        array(column, kind)
        for column, kind in zip(zip(*unique, strict=True), ("bigint", "bigint", "text"), strict=True)
    ]
    by_id = {one.defined.id: one for one in fields}
    found = [
        Taken(by_id[field_id], id, other) for field_id, id, other in fetch(_TAKEN, [*wanted, workspace_id])
    ]
    return found or _twice(by_id, unique)


def forget_values(object_key: str, ids: Collection[int]) -> None:
    """Remove the typed rows of an object's records that are gone for good, those of archived fields too."""
    run(_FORGET, [current_workspace_id(), list(ids), current_workspace_id(), object_key])


def holding(field: InCustom, condition: Q | None = None) -> QuerySet[Any]:
    """Ids of the records that have a value of this field, or one that meets a condition on its typed rows."""
    rows = CustomValue.objects.filter(field_id=field.defined.id)
    return (rows if condition is None else rows.filter(condition)).values("object_id")


def found_by(field: InCustom, words: Collection[str]) -> list[tuple[str, int]]:
    """Each of these words with the id of every record whose value of the field it is; texts are compared folded."""
    rows = CustomValue.objects.filter(field_id=field.defined.id)
    if field.cell == "number":
        numbers = {int(field.asked(word)): word for word in words if word.lstrip("-").isdecimal()}
        return [
            (numbers[n], id)
            for n, id in rows.filter(number__in=list(numbers)).values_list("number", "object_id")
        ]
    meant: dict[str, list[str]] = defaultdict(list)
    for word in words:
        meant[fold(word)].append(word)
    found = rows.filter(lead__in={text[:LEAD] for text in meant}, text__in=list(meant)).values_list(
        "text", "object_id"
    )
    return [(word, id) for text, id in found for word in meant[text]]


def unique_text(cell: Any) -> str:
    """A cell as unique values are compared."""
    text = cell if isinstance(cell, str) else str(cell)
    return text if len(text) <= SHORT else hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _rows(field: InCustom, id: int, value: Any) -> list[tuple[Any, ...]]:
    is_word = field.cell == "text" and not isinstance(field, Choice | Choices)
    out = []
    for cell in field.cells(value):
        typed: dict[str, Any] = dict.fromkeys(("text", "number", "day", "moment"))
        typed[field.cell] = fold(cell) if is_word else cell
        if field.cell in ("day", "moment"):
            typed[field.cell] = value
        text = typed["text"]
        wanted = unique_text(text if text is not None else cell) if field.defined.is_unique else None
        lead = None if text is None else text[:LEAD]
        out.append((field.defined.id, id, text, lead, typed["number"], typed["day"], typed["moment"], wanted))
    return out


def _twice(by_id: Mapping[int, InCustom], wanted: Sequence[tuple[int, int, str]]) -> list[Taken]:
    """Two of the same set that want the same value."""
    first: dict[tuple[int, str], int] = {}
    out = []
    for field_id, id, text in wanted:
        holder = first.setdefault((field_id, text), id)
        if holder != id:
            out.append(Taken(by_id[field_id], id, holder))
    return out
