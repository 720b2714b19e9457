"""`peyvand doctor`: look at everything Peyvand relies on and say what is wrong."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from peyvand.config.cli.database import running_database
from peyvand.config.cli.failures import explain

if TYPE_CHECKING:
    from peyvand.platform.database.urls import Databases

FREE_BYTES = 1024**3
UNPROTECTED = """
    select name from unnest(%s::text[]) name left join pg_class c on c.oid = to_regclass(name)
    where not coalesce(c.relrowsecurity and c.relforcerowsecurity, false) order by 1
"""
Finding = tuple[bool, str]


@click.command()
def doctor() -> None:
    """Check database, role, row security, migrations, assets and disk; exit code 1 if anything is wrong."""
    sound = True
    for good, sentence in _findings():
        sound &= good
        click.echo(click.style("✓ " if good else "✗ ", fg="green" if good else "red") + sentence)
    if not sound:
        raise SystemExit(1)


def _findings() -> Iterator[Finding]:
    yield _disk()
    yield _assets()
    yield _languages()
    try:
        with running_database() as (databases, _):
            yield from _database(databases)
            yield from _tables(databases)
    except Exception as failure:
        sentence = explain(failure)
        if sentence is None:
            raise
        yield False, sentence


def _disk() -> Finding:
    from peyvand.platform.database.urls import data_folder

    folder = data_folder(os.environ)
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    free = shutil.disk_usage(existing).free
    return free >= FREE_BYTES, f"Disk: {free / 1024**3:.1f} GiB free for {folder}."


def _assets() -> Finding:
    from peyvand import web

    folder = Path(next(iter(web.__path__))) / "static" / "peyvand"
    manifest = folder / "manifest.json"
    if not manifest.is_file():
        return False, "Front end: not built; run `make setup`."
    entries = json.loads(manifest.read_text(encoding="utf-8"))
    missing = [entry["file"] for entry in entries.values() if not (folder / entry["file"]).is_file()]
    if missing:
        return False, f"Front end: {missing[0]} is missing; run `make setup`."
    return True, f"Front end: {len(entries)} built files."


def _languages() -> Finding:
    import peyvand

    found = Path(next(iter(peyvand.__path__))) / "locale"
    compiled = {path.parent.parent.name for path in found.glob("*/LC_MESSAGES/*.mo")}
    written = {path.parent.parent.name for path in found.glob("*/LC_MESSAGES/*.po")}
    if written - compiled:
        return False, f"Translations: {', '.join(sorted(written - compiled))} not compiled; run `make setup`."
    return "fa" in compiled, f"Translations: {', '.join(sorted(compiled)) or 'none'}."


def _database(databases: Databases) -> Iterator[Finding]:
    import psycopg

    from peyvand.platform.database.urls import check_role

    with closing(psycopg.connect(databases.app_url, connect_timeout=5)) as connection:
        server = connection.info.parameter_status("server_version")
        kind = "embedded" if databases.embedded else f"at {connection.info.host}"
        yield True, f"Database: PostgreSQL {server}, {kind}."
        warnings = check_role(connection)
        yield True, f"Role: {connection.info.user} cannot bypass row security."
        for warning in warnings:
            yield False, warning
        yield _indexable(connection)


def _indexable(connection: Any) -> Finding:
    from peyvand.platform.database.bootstrap import LEAKPROOF_FUNCTIONS

    row = connection.execute(
        "select count(*) filter (where proleakproof), count(*) from unnest(%s::text[]) signature"
        " join pg_proc on pg_proc.oid = to_regprocedure(signature)",
        [list(LEAKPROOF_FUNCTIONS)],
    ).fetchone()
    marked, present = row
    note = "" if marked == present else "; search and text filters are slower without them"
    return True, f"Indexes under row security: {marked} of {present} operators are marked leakproof{note}."


def _tables(databases: Databases) -> Iterator[Finding]:
    os.environ.update(DATABASE_URL=databases.owner_url, DATABASE_OWNER_URL=databases.owner_url)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "peyvand.config.settings")
    import django
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    django.setup()
    from peyvand.platform.workspaces.security import workspace_tables

    executor = MigrationExecutor(connection)
    pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
    with connection.cursor() as cursor:
        cursor.execute(UNPROTECTED, [[model._meta.db_table for model in workspace_tables()]])
        open_tables = [row[0] for row in cursor.fetchall()]
    connection.close()
    if pending:
        yield False, f"Migrations: {len(pending)} not applied; run `peyvand migrate`."
    else:
        yield True, "Migrations: all applied."
    if open_tables:
        yield False, f"Row security: not forced on {', '.join(open_tables)}; run `peyvand migrate`."
    else:
        yield True, "Row security: forced on every table that belongs to workspaces."
