"""What of a workspace goes into an archive: every table of its rows but those named here, in an order that keys allow.

A table that a slice adds takes part without knowing of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.fields import NOT_PROVIDED

from peyvand.platform.database.bulk import as_json
from peyvand.platform.objects.spec import all_objects
from peyvand.platform.workspaces.models import WorkspaceForeignKey, WorkspaceModel
from peyvand.platform.workspaces.security import workspace_tables

# Tables that stay behind, and why.
LEFT_OUT: Final = {
    "search_entry": "made anew from the records",
    "search_text": "made anew from the records",
    "search_word": "made anew from the records",
    "quality_finding": "found anew by the next reckoning",
    "warehouse_change": "the warehouse is filled anew",
    "idempotency_key": "answers kept for repeated requests",
    "reaction_run": "what the queue has done",
    "dead_letter": "what the queue could not do",
    "export_run": "its file lies outside",
    "archive_run": "its file lies outside",
    "webhook": "its secret opens with this installation's key alone",
    "webhook_delivery": "goes with its webhook",
    "webhook_place": "goes with its webhook",
}
# Columns that stay behind: who signs in by which account is told by e-mail, a transaction's number means nothing elsewhere.
_LEFT_COLUMNS: Final = {"app_user": {"account_id"}, "event": {"tx"}}


@dataclass(frozen=True)
class Table:
    """One table of an archive. ``later`` are the columns that point at rows which are not there yet when it is read."""

    model: type[WorkspaceModel]
    later: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return self.model._meta.db_table

    @property
    def path(self) -> str:
        """Its place in the archive."""
        return f"tables/{self.name}.jsonl"

    @property
    def fields(self) -> list[models.Field[Any, Any]]:
        left = _LEFT_COLUMNS.get(self.name, set())
        return [
            f
            for f in self.model._meta.local_concrete_fields
            if f.column and f.column not in left and f.column != "workspace_id" and not f.generated
        ]

    @property
    def columns(self) -> list[str]:
        return [str(f.column) for f in self.fields]

    @property
    def order(self) -> list[str]:
        """The columns that its rows are sorted by, so that the same rows make the same bytes."""
        key = self.model._meta.pk
        if isinstance(key, models.CompositePrimaryKey):
            names = [f.attname for f in key.fields if isinstance(f, models.Field)]
            return [name for name in names if name != "workspace_id"]
        return ["id"]

    @property
    def has_numbers(self) -> bool:
        """Whether its rows have a number of their own, from a sequence."""
        return self.order == ["id"]

    def defaults(self) -> dict[str, str]:
        """For each column that need not be told, its value as JSON."""
        out: dict[str, str] = {}
        for field in self.fields:
            if field.null:
                out[str(field.column)] = "null"
            elif field.default is not NOT_PROVIDED:
                out[str(field.column)] = as_json(field.get_default())
        return out

    def described(self) -> dict[str, Any]:
        """The table as the archive's schema tells it."""
        columns = [
            {
                "name": f.column,
                "type": _type(f),
                "null": bool(f.null),
                **(
                    {"references": f.related_model._meta.db_table}
                    if isinstance(f, WorkspaceForeignKey)
                    else {}
                ),
            }
            for f in self.fields
        ]
        objects = [spec.key for spec in all_objects() if spec.model is self.model]
        return {"table": self.name, "path": self.path, "objects": objects, "columns": columns}


@cache
def tables() -> tuple[Table, ...]:
    """Every table of an archive, each behind those that its rows cannot do without."""
    left = [m for m in workspace_tables() if m._meta.db_table not in LEFT_OUT]
    known, out = set[Any](), list[Table]()
    while left:
        ready = [m for m in left if all(to in known or to is m for _, to, must in _links(m) if must)]
        if not ready:
            raise RuntimeError(f"keys go round in a circle: {[m._meta.db_table for m in left]}")
        model = ready[0]
        left.remove(model)
        later = tuple(column for column, to, _ in _links(model) if to not in known)
        known.add(model)
        out.append(Table(model, later))
    return tuple(out)


def _links(model: type[WorkspaceModel]) -> list[tuple[str, Any, bool]]:
    return [
        (f.column, f.related_model, not f.null)
        for f in model._meta.local_concrete_fields
        if isinstance(f, WorkspaceForeignKey)
    ]


def _type(field: models.Field[Any, Any]) -> str:
    if isinstance(field, ArrayField):
        return f"list of {_type(field.base_field)}"
    if field.is_relation:
        return "id"
    kinds: list[tuple[type[models.Field[Any, Any]], str]] = [
        (models.AutoField, "id"), (models.BooleanField, "boolean"), (models.IntegerField, "integer"),
        (models.DecimalField, "decimal"), (models.DateTimeField, "moment"), (models.DateField, "date"),
        (models.JSONField, "json"),
    ]  # fmt: skip
    return next((word for kind, word in kinds if isinstance(field, kind)), "text")
