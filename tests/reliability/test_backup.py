from __future__ import annotations

import tarfile
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connections

from peyvand.operational.contacts.objects import COMPANY, PERSON
from peyvand.platform.actions.context import Context
from peyvand.platform.database import DatabaseUnusable
from peyvand.platform.database.backup import read_backup, write_backup
from peyvand.platform.identity.actor import user_actor
from peyvand.platform.objects.records import create_record, create_records
from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.testing.committed import empty_database


def every_row(server: Any) -> dict[str, list[str]]:
    """Every row of every table as text, past row security; the one column that a restore resets is left out."""
    with psycopg.connect(server.superuser_url) as connection:
        tables = [
            r[0]
            for r in connection.execute(
                "select tablename from pg_tables where schemaname = 'public' order by 1"
            )
        ]
        return {
            table: sorted(
                r[0] for r in connection.execute(f"select (to_jsonb(t) - 'tx')::text from \"{table}\" t")
            )  # type: ignore[arg-type]
            for table in tables
        }


def test_a_backup_gives_everything_back_row_by_row(committed: Any, server: Any, tmp_path: Path) -> None:
    with workspace_scope(committed.arman.id):
        ctx = Context(user_actor(committed.arman.id, committed.sara.id), "web")
        company = create_record(
            ctx, COMPANY, {"name": "بهداشتی آوند طب", "phones": "021-88776655", "tags": ["عمده"]}
        )
        create_records(ctx, PERSON, [{"name": f"Person {n}", "company": company.id} for n in range(30)])
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "letter").write_bytes(b"\x00kept")
    (tmp_path / "secret.key").write_text("the key")
    before = every_row(server)
    write_backup(server.superuser_url, tmp_path, tmp_path / "backup.tar")
    connections.close_all()
    empty_database()
    assert every_row(server)["person"] == []

    elsewhere = tmp_path / "elsewhere"
    (elsewhere / "warehouse" / "1").mkdir(parents=True)
    read_backup(server.superuser_url, elsewhere, tmp_path / "backup.tar")

    after = every_row(server)
    # That restoring touched rows is noted for a warehouse as well, which is made anew anyway.
    assert set(before.pop("warehouse_change")) <= set(after["warehouse_change"])
    assert not (elsewhere / "warehouse").exists()
    assert {t: rows for t, rows in before.items() if rows != after[t]} == {}
    assert len(after["person"]) == 30
    assert (elsewhere / "files" / "letter").read_bytes() == b"\x00kept"
    assert (elsewhere / "secret.key").read_text() == "the key"
    assert (tmp_path / "backup.tar").stat().st_mode & 0o077 == 0
    with workspace_scope(committed.rival.id):
        assert PERSON.model.objects.count() == 0  # row security came back too
    with psycopg.connect(server.app_url) as connection:
        assert connection.execute("select count(*) from person").fetchone() == (0,)


def test_a_file_that_is_no_backup_changes_nothing(committed: Any, server: Any, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.tar"
    with tarfile.open(wrong, "w"):
        pass
    before = every_row(server)
    with pytest.raises(DatabaseUnusable, match="is not a backup"):
        read_backup(server.superuser_url, tmp_path, wrong)
    assert every_row(server) == before
