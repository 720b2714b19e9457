"""Rows of records that were just made, as the search would read them back: from memory, which costs a sixth of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from django.db import models

from peyvand.platform.database.bulk import array
from peyvand.platform.database.prepared import fetch
from peyvand.platform.fields.custom import InCustom
from peyvand.platform.fields.types import Compound, Field, Link
from peyvand.platform.objects.spec import ObjectSpec, find_object
from peyvand.platform.workspaces.scope import current_workspace_id

Made = tuple[Any, Mapping[str, Any]]
# What a record has of texts and files although it is new, and the titles of what the records of a set link to.
_BESIDE = """
select 0, object_id, '' from search_text where workspace_id = %s::bigint and object = %s::text and object_id = any(%s::bigint[])
union all
select 0, object_id, '' from file where workspace_id = %s::bigint and object = %s::text and object_id = any(%s::bigint[])
"""
_TITLES = """
union all select {n}, id, "{title}"::text from "{table}" where workspace_id = %s::bigint and id = any(%s::bigint[])
"""
# A compound field that is not read here has no items: a record that was given any is read.
_NO_ITEMS = "[]"


@dataclass(frozen=True)
class FromMemory:
    """How the rows of an object's new records are put together, column by column."""

    object_key: str
    sql: str
    # The attribute of the record; of a linked record's title, the attribute with its id; "" for a compound field.
    columns: tuple[str, ...]
    # Which of the columns are titles of linked records, by the number they have in the SQL.
    titles: Mapping[int, int]
    # Which column says whether there are texts or files.
    has_texts: int
    # What is taken as it was given, and what only reading tells.
    given: tuple[str, ...]
    to_read: frozenset[str]

    def takes(self, values: Mapping[str, Any]) -> bool:
        """Whether a record that was given these values need not be read."""
        return self.to_read.isdisjoint(values)

    def rows(self, made: Sequence[Made]) -> list[tuple[Any, ...]]:
        """The rows of these records, in order."""
        records, workspace_id = [record for record, _ in made], current_workspace_id()
        ids = array([record.id for record in records], "bigint")
        read = [
            list(map(attrgetter(name), records)) if name else [_NO_ITEMS] * len(records)
            for name in self.columns
        ]
        params: list[Any] = [workspace_id, self.object_key, ids] * 2
        for at in self.titles:
            params += [workspace_id, array(list({id for id in read[at] if id is not None}), "bigint")]
        said: list[dict[int, str]] = [{} for _ in range(len(self.titles) + 1)]
        for n, id, text in fetch(self.sql, params):
            said[n][id] = text
        for at, n in self.titles.items():
            read[at] = list(map(said[n].get, read[at]))
        read[self.has_texts] = [record.id in said[0] for record in records]
        return list(zip(*read, strict=True))

    def items(self, made: Sequence[Made]) -> dict[str, dict[int, Any]]:
        """The values of the compound fields that are taken as they were given."""
        return {key: {record.id: values.get(key) or () for record, values in made} for key in self.given}


def from_memory(
    spec: ObjectSpec, columns: Sequence[str], has_texts: str, fields: Sequence[Field]
) -> FromMemory | None:
    """How rows with these columns, which hold these fields, are put together; None where only reading tells them."""
    # Other changes of the same transaction may count in a field of the workspace's own; what is loaded apart is loaded.
    if any(isinstance(f, InCustom) or (isinstance(f, Compound) and not f.columns()) for f in fields):
        return None
    plain = {c.attname for c in spec.model._meta.local_concrete_fields if not c.generated}
    linked = {f"{f.attr}__{f.title}": f for f in spec.stored_fields if isinstance(f, Link)}
    compound = {name for f in spec.compound_fields for name in f.columns()}
    names, titles, parts = list[str](), dict[int, int](), [_BESIDE]
    for at, column in enumerate(columns):
        if column in plain:
            names.append(column)
        elif column == has_texts or column in compound:
            names.append("")
        elif (link := linked.get(column)) and link.column in plain and (title := _title_column(link)):
            titles[at] = len(parts)
            parts.append(_TITLES.format(n=len(parts), title=title.column, table=title.model._meta.db_table))
            names.append(link.column)
        else:
            return None
    compounds = [f for f in fields if isinstance(f, Compound)]
    return FromMemory(
        spec.key, "".join(parts), tuple(names), titles, columns.index(has_texts),
        tuple(f.key for f in compounds if f.found_as_given),
        frozenset(f.key for f in compounds if not f.found_as_given),
    )  # fmt: skip


def _title_column(link: Link) -> models.Field[Any, Any] | None:
    linked = find_object(link.to)
    columns = linked.model._meta.local_concrete_fields if linked else ()
    return next((c for c in columns if c.attname == link.title and not c.generated), None)
