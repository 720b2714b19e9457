"""Records as they lie in their tables, with the rows that are part of them: taken and put back by PostgreSQL itself.

Part of a record are the rows of its compound fields (phones, tags, lines), and those of tables that are
their history (a deal's moves between stages; see objects/hanging).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.apps import apps
from django.db import connection, models

from peyvand.platform.objects.hanging import compound_tables
from peyvand.platform.objects.spec import ObjectSpec

# Columns that tell of writing itself, or that PostgreSQL makes.
_KEPT = frozenset({"id", "workspace_id", "version", "updated_at"})


@dataclass(frozen=True)
class Side:
    """A table of which rows are part of a record: those whose ``key`` is its id, of its object where ``of`` is set."""

    table: str
    key: str
    of: str
    columns: tuple[str, ...]

    @property
    def where(self) -> str:
        """SQL with the parameters that `params` gives."""
        said = ' and "object" = %s::text' if self.of else ""
        return f'workspace_id = %s::bigint and "{self.key}" = any(%s::bigint[]){said}'

    def params(self, workspace_id: int, ids: Sequence[int]) -> list[Any]:
        return [workspace_id, list(ids), *([self.of] if self.of else [])]


def sides_of(spec: ObjectSpec) -> tuple[Side, ...]:
    """The tables that hold parts of this object's records."""
    return _sides(spec.model, spec.key, frozenset(compound_tables(spec)))


@lru_cache(maxsize=256)
def _sides(
    model: type[models.Model], object_key: str, compound: frozenset[type[models.Model]]
) -> tuple[Side, ...]:
    histories = {table for table in apps.get_models() if _is_history(table, model)}
    out = []
    for table in sorted(compound | histories, key=lambda t: t._meta.db_table):
        if "object_id" in {f.name for f in table._meta.local_fields}:
            out.append(_side(table, "object_id", object_key))
        else:
            out.append(_side(table, foreign_keys(table, model)[0].column, ""))
    return tuple(out)


def _is_history(table: type[models.Model], model: type[models.Model]) -> bool:
    link = getattr(table, "history_of", "")
    return bool(link) and table._meta.get_field(link).related_model is model


def foreign_keys(
    table: type[models.Model], model: type[models.Model]
) -> list[models.ForeignKey[object, object]]:
    """The columns of a table that lead to a model's records."""
    return [
        f for f in table._meta.local_fields if isinstance(f, models.ForeignKey) and f.related_model is model
    ]


def _side(table: type[models.Model], key: str, of: str) -> Side:
    columns = tuple(str(f.column) for f in table._meta.local_concrete_fields if not f.generated)
    return Side(table._meta.db_table, key, of, columns)


def own_columns(spec: ObjectSpec) -> tuple[str, ...]:
    """The columns of the object's own table that are put back."""
    fields = spec.model._meta.local_concrete_fields
    return tuple(str(f.column) for f in fields if not f.generated and f.column not in _KEPT)


def images_sql(spec: ObjectSpec, workspace_id: int, ids: Sequence[int]) -> tuple[str, list[Any]]:
    """A jsonb expression of the records and all their parts, by table, and its parameters."""
    parts, params = [], list[Any]()
    own = Side(spec.model._meta.db_table, "id", "", ())
    for side in (own, *sides_of(spec)):
        rows = f"select coalesce(jsonb_agg(to_jsonb(t)), '[]') from \"{side.table}\" t where {side.where}"  # noqa: S608 names come from models
        parts.append(f"'{side.table}', ({rows})")
        params += side.params(workspace_id, ids)
    return f"jsonb_build_object({', '.join(parts)})", params


def put_back(spec: ObjectSpec, workspace_id: int, change_id: int, ids: Sequence[int]) -> None:
    """Give these records, and all their parts, the bytes that a change kept; their version goes up all the same."""
    table = spec.model._meta.db_table
    columns = own_columns(spec)
    sets = ", ".join(f'"{c}" = i."{c}"' for c in columns)
    kept = "(select images from import_change where workspace_id = %s::bigint and id = %s::bigint)"
    with connection.cursor() as cursor:
        cursor.execute(
            f'update "{table}" t set {sets}, version = t.version + 1, updated_at = now() '  # noqa: S608 names come from models
            f'from jsonb_populate_recordset(null::"{table}", {kept} -> %s::text) i '
            "where t.workspace_id = %s::bigint and t.id = i.id and i.id = any(%s::bigint[])",
            [workspace_id, change_id, table, workspace_id, list(ids)],
        )
        for side in sides_of(spec):
            names = ", ".join(f'"{c}"' for c in side.columns)
            clear = f'delete from "{side.table}" where {side.where}'  # noqa: S608 names come from models
            cursor.execute(clear, side.params(workspace_id, ids))
            cursor.execute(
                f'insert into "{side.table}" ({names}) select {names} '  # noqa: S608 names come from models
                f'from jsonb_populate_recordset(null::"{side.table}", {kept} -> %s::text) i where i."{side.key}" = any(%s::bigint[])',
                [workspace_id, change_id, side.table, list(ids)],
            )


def really_changed(spec: ObjectSpec, workspace_id: int, change_id: int, ids: Sequence[int]) -> list[int]:
    """Those of the records that are another version now than the change kept: a set also keeps rows refused later."""
    table = spec.model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f'select t.id from import_change c cross join jsonb_populate_recordset(null::"{table}", c.images -> %s::text) i '  # noqa: S608 names come from models
            f'join "{table}" t on t.workspace_id = c.workspace_id and t.id = i.id and t.version <> i.version '
            "where c.workspace_id = %s::bigint and c.id = %s::bigint and i.id = any(%s::bigint[]) order by t.id",
            [table, workspace_id, change_id, list(ids)],
        )
        return [row[0] for row in cursor.fetchall()]
