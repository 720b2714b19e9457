"""An empty database is migrated quickly, and comes out as if it had been migrated in Django's own way."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import psycopg
import pytest
from django.core.management.commands import migrate
from django.db import connection as here
from django.db import connections
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.state import ProjectState, StateApps

from peyvand.platform.database.bootstrap import OWNER_ROLE
from peyvand.platform.database.first import NAME, Whole, quick_if_empty, whole_migrations
from peyvand.platform.workspaces.security import prepare

# A slice with all that migrations do: tables, columns added and changed, indexes, constraints, statements of its own.
WANTED = [("contacts", "0002_own_fields"), ("sales", "0002_own_fields")]
SHAPE = """
    select table_name, ordinal_position, column_name, column_default, is_nullable, data_type, generation_expression, ''
    from information_schema.columns where table_schema = 'public'
    union all select tablename, 0, indexname, '', '', '', '', indexdef from pg_indexes where schemaname = 'public'
    union all select conrelid::regclass::text, 0, conname, '', '', '', '', pg_get_constraintdef(oid)
    from pg_constraint where connamespace = 'public'::regnamespace
    order by 1, 2, 3, 8
"""


@pytest.fixture
def empty(superuser: psycopg.Connection[Any], django_db_blocker: Any) -> Iterator[Any]:
    """Django's connection to a database in which nothing is, as its owner."""
    superuser.execute("drop database if exists first with (force)")
    superuser.execute(f"create database first owner {OWNER_ROLE}")
    connection = here.copy("default")
    connection.settings_dict = {**here.settings_dict, "NAME": "first", "USER": OWNER_ROLE}
    with django_db_blocker.unblock():
        yield connection
        connection.close()
    superuser.execute("drop database first with (force)")


def made(connection: Any, *, quickly: bool) -> tuple[list[Any], int]:
    """What the database is like after migrating, and how many classes of models were made for it."""
    count, usual = 0, StateApps.render_multiple

    def counted(apps: Any, states: list[Any]) -> None:
        nonlocal count
        count += len(states)
        usual(apps, states)

    prepare(connection)
    with ExitStack() as stack, pytest.MonkeyPatch.context() as patch:
        patch.setattr(StateApps, "render_multiple", counted)
        if quickly:
            stack.enter_context(quick_if_empty(connection))
        MigrationExecutor(connection).migrate(WANTED)
    with connection.cursor() as cursor:
        cursor.execute(SHAPE)
        return cursor.fetchall(), count


def test_it_comes_out_the_same(empty: Any, superuser: psycopg.Connection[Any]) -> None:
    quick, few = made(empty, quickly=True)
    assert len(quick) > 300
    # A database that was migrated before is left to Django.
    usually = vars(ProjectState)[NAME]
    with quick_if_empty(empty):
        assert vars(ProjectState)[NAME] is usually
    empty.close()
    superuser.execute("drop database first with (force)")
    superuser.execute(f"create database first owner {OWNER_ROLE}")
    usual, many = made(empty, quickly=False)
    assert quick == usual
    assert few < many / 3


def test_what_is_made_and_that_it_was_made_is_one_thing(empty: Any) -> None:
    """Killed before it was written down that a migration is done, nothing of it is there."""
    prepare(empty)
    with whole_migrations(), pytest.MonkeyPatch.context() as patch:
        executor: Any = migrate.MigrationExecutor(empty)
        assert isinstance(executor, Whole)
        record = executor.record_migration

        def dying(migration: Any) -> None:
            if migration.app_label == "contacts":
                raise KeyboardInterrupt
            record(migration)

        patch.setattr(executor, "record_migration", dying)
        patch.setattr(connections._connections, "default", empty)
        with pytest.raises(KeyboardInterrupt):
            executor.migrate(WANTED)
    with empty.cursor() as cursor:
        cursor.execute("select to_regclass('workspace') is not null, to_regclass('person') is null")
        assert cursor.fetchone() == (True, True)
        cursor.execute("select count(*) from django_migrations where app = 'contacts'")
        assert cursor.fetchone() == (0,)
