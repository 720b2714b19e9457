"""What tells the warehouse of changes: triggers, one for each statement, derived from the declarations after every migration.

A statement that writes 5,000 rows leaves one row of ids, in its own transaction: what is rolled back was never told, what
commits late is told late. Idempotent; run as the role that owns the tables.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from typing import Final

from django.db.backends.base.base import BaseDatabaseWrapper

from peyvand.analytical.warehouse.sources import WATCHES, Watch

PREFIX: Final = "warehouse_told_"
_REFERENCING: Final = {
    "insert": "new table as new_rows",
    "update": "old table as old_rows new table as new_rows",
    "delete": "old table as old_rows",
}


def watch(connection: BaseDatabaseWrapper) -> list[str]:
    """Bring the triggers to what the declarations say; return the tables whose triggers were made anew or taken away."""
    watched: dict[str, list[Watch]] = defaultdict(list)
    for one in WATCHES:
        watched[one.table].append(one)
    with connection.cursor() as cursor:
        cursor.execute(
            "select substr(proname, %s), obj_description(oid, 'pg_proc') from pg_proc "
            "where starts_with(proname, %s) and pronamespace = 'public'::regnamespace",
            [len(PREFIX) + 1, PREFIX],
        )
        present = dict(cursor.fetchall())
        changed = []
        for table in sorted(present.keys() | watched.keys()):
            wanted = _statements(table, watched[table]) if table in watched else []
            digest = hashlib.sha256("".join(wanted).encode()).hexdigest()
            if present.get(table) == digest:
                continue
            changed.append(table)
            # With it go its triggers.
            cursor.execute(f'drop function if exists "{PREFIX}{table}" cascade')
            for statement in wanted:
                cursor.execute(statement)
            if wanted:
                cursor.execute(f"comment on function \"{PREFIX}{table}\" is '{digest}'")
    return changed


def _statements(table: str, watches: list[Watch]) -> list[str]:
    name = f'"{PREFIX}{table}"'
    branches = "".join(
        f"if tg_op = '{event.upper()}' then {_written(watches, event)} end if; " for event in _REFERENCING
    )
    function = f"create function {name}() returns trigger language plpgsql as $$ begin {branches} return null; end $$"
    return [
        function,
        *(
            f'create trigger {PREFIX}{event} after {event} on "{table}" referencing {tables} '
            f"for each statement execute function {name}()"
            for event, tables in _REFERENCING.items()
            if event != "insert" or any(w.inserts for w in watches)
        ),
    ]


def _written(watches: list[Watch], event: str) -> str:
    rows = {"insert": ("new_rows",), "delete": ("old_rows",), "update": ("old_rows", "new_rows")}[event]
    return " ".join(
        _insertion(w, ("new_rows",) if w.column == "id" and event == "update" else rows)
        for w in watches
        if w.inserts or event != "insert"
    ) or "null;"  # fmt: skip


def _insertion(watch: Watch, rows: tuple[str, ...]) -> str:
    unit = f'"{watch.kind}"' if watch.kind else f"'{watch.unit}'"
    listed = ", ".join(f"'{name.strip()}'" for name in watch.unit.split(","))
    where = f" and {unit} in ({listed})" if watch.kind else ""
    each = " union all ".join(
        f'select workspace_id, {unit} as unit, "{watch.column}" as id from {table} where "{watch.column}" is not null{where}'
        for table in rows
    )
    return (
        "insert into warehouse_change (workspace_id, unit, ids) "
        f"select workspace_id, unit, array_agg(distinct id) from ({each}) x group by workspace_id, unit;"
    )
