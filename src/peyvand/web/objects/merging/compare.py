"""Records side by side: every field that one of them has, what differs, and which value a merge would take."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.safestring import SafeString

from peyvand.kernel.errors import NotFound
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import Compound, Field, whole_id
from peyvand.platform.merging.merging import choosable
from peyvand.platform.objects.queries import ListQuery, Row, fetch_rows
from peyvand.platform.objects.spec import ObjectSpec
from peyvand.web.objects.pages.answers import page_url
from peyvand.web.objects.pages.shown import shown

ALL = "all"


@dataclass(frozen=True)
class Cell:
    """What one record has in a field."""

    id: int
    html: SafeString
    chosen: bool


@dataclass(frozen=True)
class Line:
    """One field of all the records. ``joins``: of a list everything is kept unless one record's is chosen."""

    key: str
    label: str | Promise
    cells: list[Cell]
    differs: bool
    may_choose: bool
    joins: bool
    is_joined: bool
    # Marked because the matcher looked at it.
    said: bool


@dataclass(frozen=True)
class Head:
    id: int
    title: str
    url: str
    is_winner: bool
    created: Any


@dataclass(frozen=True)
class Compared:
    heads: list[Head]
    lines: list[Line]


def compare(
    ctx: Context, spec: ObjectSpec, ids: Sequence[int], winner: int, chosen: Mapping[str, str] | None = None, said: Collection[str] = ()
) -> Compared:  # fmt: skip
    """
    Raises:
        NotFound: one of the records is not there, or the actor may not see it.
    """
    hidden = ctx.actor.grants.hides(spec.key)
    keys = dict.fromkeys(key for section in spec.form_sections for key in section.fields)
    fields = [spec.field(key) for key in keys if key not in hidden]
    columns = tuple(dict.fromkeys([*(f.key for f in fields), "created_at"]))
    rows = fetch_rows(ListQuery(spec, ctx.actor, columns), list(ids))
    if rows.keys() != set(ids):
        raise NotFound
    may = {f.key for f in choosable(ctx, spec)}
    heads = [
        Head(id, rows[id].title, page_url(ctx, spec, id), id == winner, rows[id].values["created_at"])
        for id in ids
    ]  # fmt: skip
    lines = [
        _line(
            ctx,
            f,
            [rows[id] for id in ids],
            winner,
            (chosen or {}).get(f.key, ""),
            f.key in may,
            f.key in said,
        )
        for f in fields
    ]
    return Compared(heads, [line for line in lines if any(cell.html for cell in line.cells)])


def _line(
    ctx: Context, field: Field, rows: Sequence[Row], winner: int, chosen: str, may: bool, said: bool
) -> Line:
    texts = [field.show(row.values.get(field.key), ctx.reader) for row in rows]
    drawn = [shown(field, row.values.get(field.key), ctx.reader) for row in rows]
    differs = len(set(texts)) > 1
    joins = isinstance(field, Compound)
    is_joined = joins and chosen in ("", ALL)
    taken = next((row.id for row in rows if str(row.id) == chosen), None)
    if taken is None:
        filled = {row.id for row, text in zip(rows, texts, strict=True) if text}
        taken = winner if winner in filled else next((row.id for row in rows if row.id in filled), winner)
    cells = [
        Cell(row.id, html, not is_joined and row.id == taken) for row, html in zip(rows, drawn, strict=True)
    ]
    return Line(field.key, field.label, cells, differs, may and differs, joins, is_joined, said)


def read_choices(post: QueryDict, spec: ObjectSpec) -> dict[str, int]:
    """The choices of a sent form: the record whose value is taken, by field."""
    return {
        key: id
        for key in spec.all_fields
        if (id := whole_id(post.get(f"choice-{key}", ""))) and post.get(f"choice-{key}") != ALL
    }
