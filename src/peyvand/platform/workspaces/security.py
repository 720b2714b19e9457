"""What follows in PostgreSQL from a model being a WorkspaceModel: derived from the models, applied after every migration.

Idempotent: it reads the catalogues and runs only what is missing or different. Run as the role that owns the tables.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper

from peyvand.kernel.persian.text import SQL_FUNCTIONS
from peyvand.platform.workspaces.models import WorkspaceForeignKey, WorkspaceModel
from peyvand.platform.workspaces.scope import SETTING

POLICY = "workspace_rows"
RULE = f"workspace_id = nullif(current_setting('{SETTING}', true), '')::bigint"
# What a policy p is, to the letter: for which commands and roles, what it shows and what it accepts.
_KEPT = """row(p.polcmd, p.polpermissive, p.polroles, pg_get_expr(p.polqual, p.polrelid),
               pg_get_expr(p.polwithcheck, p.polrelid))::text"""
ON_DELETE: dict[Any, str] = {
    models.CASCADE: "on delete cascade",
    models.SET_NULL: "on delete set null ({column})",
}


@dataclass(frozen=True)
class TableFacts:
    """What the catalogues say of one table."""

    forced: bool
    # The policy as PostgreSQL keeps it (_KEPT); None where there is none.
    policy: str | None
    constraints: frozenset[str]
    indexes: frozenset[str]
    primary_key: tuple[str, ...]


def workspace_tables() -> list[type[WorkspaceModel]]:
    return [model for model in apps.get_models() if issubclass(model, WorkspaceModel)]


def prepare(connection: BaseDatabaseWrapper) -> None:
    """Create what migrations lean on: the Persian folding functions, used by generated columns."""
    with connection.cursor() as cursor:
        cursor.execute("create extension if not exists pg_trgm")
        cursor.execute("create extension if not exists btree_gin")
        cursor.execute(
            "select to_regprocedure('peyvand_fold(text)') is null or to_regprocedure('peyvand_sort(text)') is null"
        )
        row = cursor.fetchone()
        if row and row[0]:
            cursor.execute(SQL_FUNCTIONS)


def secure(connection: BaseDatabaseWrapper) -> list[str]:
    """Bring every table's row security, keys and indexes to what the models say; return the statements run."""
    with connection.cursor() as cursor:
        policy = _kept_policy(cursor)
        lines = [
            line
            for model in workspace_tables()
            for line in _table_statements(model, _facts(cursor, model), policy)
        ]
        # A foreign key needs its target's new primary key, whichever table comes first.
        statements = sorted(lines, key=lambda line: "foreign key" in line)
        for statement in statements:
            cursor.execute(statement)
    return statements


def _create_policy(table: str) -> str:
    return f"create policy {POLICY} on {table} using ({RULE}) with check ({RULE})"


def _kept_policy(cursor: CursorWrapper) -> str:
    """How PostgreSQL keeps the policy once it has read it; seen on a table that is there for that alone."""
    table = "pg_temp.kept_policy"
    cursor.execute(f"create temp table kept_policy (workspace_id bigint); {_create_policy(table)}")
    cursor.execute(f"select {_KEPT} from pg_policy p where p.polrelid = %s::regclass", [table])  # noqa: S608 made of our own names
    (kept,) = cursor.fetchone()
    cursor.execute(f"drop table {table}")
    return str(kept)


def _facts(cursor: CursorWrapper, model: type[WorkspaceModel]) -> TableFacts:
    table = model._meta.db_table
    cursor.execute(
        f"""
        select c.relrowsecurity and c.relforcerowsecurity,
               (select {_KEPT} from pg_policy p where p.polrelid = c.oid and p.polname = %s),
               array(select conname::text from pg_constraint where conrelid = c.oid),
               array(select i.relname::text from pg_index x join pg_class i on i.oid = x.indexrelid where x.indrelid = c.oid),
               array(select a.attname::text from pg_index x cross join unnest(x.indkey) with ordinality k(n, o)
                     join pg_attribute a on a.attrelid = c.oid and a.attnum = k.n
                     where x.indrelid = c.oid and x.indisprimary order by k.o)
        from pg_class c where c.oid = to_regclass(%s)
        """,  # noqa: S608 made of our own names
        [POLICY, table],
    )
    forced, policy, constraints, indexes, key = cursor.fetchone()
    return TableFacts(bool(forced), policy, frozenset(constraints), frozenset(indexes), tuple(key))


def _table_statements(model: type[WorkspaceModel], facts: TableFacts, policy: str) -> list[str]:
    table = model._meta.db_table
    out: list[str] = []
    if facts.primary_key == ("id",):
        out.append(
            f'alter table "{table}" drop constraint "{table}_pkey" cascade, add primary key (workspace_id, id)'
        )
    if not facts.forced:
        out.append(f'alter table "{table}" enable row level security, force row level security')
    if facts.policy != policy:
        # In one statement: no moment is without a policy.
        drop = f'drop policy {POLICY} on "{table}"; ' if facts.policy is not None else ""
        out.append(drop + _create_policy(f'"{table}"'))
    for field in model._meta.local_fields:
        if isinstance(field, WorkspaceForeignKey):
            out += _key_statements(model, field, facts)
    return out


def _key_statements(model: type[WorkspaceModel], field: WorkspaceForeignKey, facts: TableFacts) -> list[str]:
    table, column = model._meta.db_table, field.column
    target = field.related_model._meta.db_table
    out: list[str] = []
    index = f"{table}_{column}_here"[:63]
    leads = {tuple(i.fields[:2]) for i in model._meta.indexes if i.condition is None}
    leads |= {
        tuple(c.fields[:2])
        for c in model._meta.constraints
        if isinstance(c, models.UniqueConstraint) and not c.condition
    }
    if index not in facts.indexes and ("workspace_id", field.name) not in leads:
        out.append(f'create index "{index}" on "{table}" (workspace_id, {column})')
    constraint = f"{table}_{column}_same"[:63]
    if constraint not in facts.constraints:
        on_delete = ON_DELETE.get(field.remote_field.on_delete, "").format(column=column)
        out.append(
            f'alter table "{table}" add constraint "{constraint}" foreign key (workspace_id, {column}) '
            f'references "{target}" (workspace_id, id) {on_delete}'
        )
    return out
