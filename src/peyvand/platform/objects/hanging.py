"""What hangs on a record, found in the models: whatever points at it by a key, by object and id, or by a custom link.

A table takes part without knowing of it. One whose rows are the history of their own record says by which link:
``history_of = "deal"``. One that names records by columns of another kind, beside an ``object``, says by which:
``names_records = ("winner", "loser")``. Merging moves what hangs on a record, purging removes it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import models

from peyvand.platform.audit.models import AuditEntry
from peyvand.platform.events.models import EventRow
from peyvand.platform.fields.custom import InCustom
from peyvand.platform.fields.types import Link
from peyvand.platform.objects.spec import ObjectSpec, all_objects
from peyvand.platform.search.models import SearchEntry, SearchText
from peyvand.platform.workspaces.models import WorkspaceForeignKey, WorkspaceModel
from peyvand.platform.workspaces.records import Record
from peyvand.platform.workspaces.scope import current_workspace_id
from peyvand.platform.workspaces.security import workspace_tables

# Logs say what was; the search follows its records by itself.
LOGS: tuple[type[WorkspaceModel], ...] = (EventRow, AuditEntry, SearchEntry, SearchText)


@dataclass(frozen=True)
class Place:
    """A column of a table that points at records of one object. ``kind`` is the column that says which object, if any."""

    model: type[WorkspaceModel]
    column: str
    kind: str = ""

    @property
    def table(self) -> str:
        return self.model._meta.db_table

    def here(self, spec: ObjectSpec) -> tuple[str, list[Any]]:
        """SQL that picks the rows of the open workspace that may point at records of this object, and its parameters."""
        where, params = "t.workspace_id = %s", [current_workspace_id()]
        return (f"{where} and t.{self.kind} = %s", [*params, spec.key]) if self.kind else (where, params)


def places(spec: ObjectSpec) -> Iterator[Place]:
    """Every column that may point at records of this object, those of its own compound fields aside."""
    own = compound_tables(spec)
    for model in workspace_tables():
        if model not in LOGS and model not in own:
            yield from columns_of(model, spec)


def namings() -> Iterator[Place]:
    """The columns of tables that say themselves by which they name records."""
    for model in workspace_tables():
        said = getattr(model, "names_records", ())
        # A table may as well have a column of that name.
        for name in said if isinstance(said, tuple) else ():
            yield Place(model, name, "object")


def compound_tables(spec: ObjectSpec) -> list[type[WorkspaceModel]]:
    """The tables that hold the object's compound fields."""
    return list(dict.fromkeys(field.table for field in spec.compound_fields if field.table is not None))


def place_in(table: type[WorkspaceModel], spec: ObjectSpec) -> Place:
    """Where rows of a compound field's table say whose they are."""
    return next(columns_of(table, spec))


def columns_of(model: type[WorkspaceModel], spec: ObjectSpec) -> Iterator[Place]:
    """The columns of one table that may point at records of this object."""
    fields = {f.name: f for f in model._meta.local_concrete_fields}
    for name, field in fields.items():
        if isinstance(field, WorkspaceForeignKey):
            if name == getattr(model, "history_of", ""):
                continue
            if field.related_model is spec.model and not (spec.base and issubclass(model, Record)):
                yield Place(model, field.column)
        elif name.endswith("object") and isinstance(field, models.CharField):
            prefix = name.removesuffix("object")
            pointer = next((n for n in (f"{name}_id", f"{prefix}id" if prefix else "") if n in fields), None)
            if pointer:
                yield Place(model, pointer, name)


def custom_links(spec: ObjectSpec) -> list[tuple[ObjectSpec, InCustom]]:
    """The custom fields, of whatever object, that link to this one, with their objects."""
    return [
        (owner, field)
        for owner in all_objects()
        for field in owner.custom_fields
        if isinstance(field, Link) and field.to == spec.key
    ]
