"""The embedded server, really started: roles, leakproof marks, crashes, sharing, and its refusals."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from peyvand.platform.database.bootstrap import EXTENSIONS, LEAKPROOF_FUNCTIONS
from peyvand.platform.database.embedded import Server, start
from peyvand.platform.database.programs import ServerNotStarted, is_postgres
from peyvand.platform.database.urls import socket_folder

QUICK = {"fsync": "off", "shared_buffers": "16MB"}
JOIN = """
import sys
from pathlib import Path
from peyvand.platform.database.embedded import start
with start(Path(sys.argv[1])):
    print("joined", flush=True)
    sys.stdin.read()
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with start(tmp_path_factory.mktemp("cluster") / "data", QUICK) as running:
        yield running


def _pid(server: Server) -> int:
    return int((server.cluster / "postmaster.pid").read_text().splitlines()[0])


def test_application_role_can_bypass_nothing(server: Server) -> None:
    with psycopg.connect(server.app_url) as connection:
        role = connection.execute(
            "select current_user, rolsuper, rolbypassrls, rolcreatedb, rolcreaterole"
            " from pg_roles where rolname = current_user"
        ).fetchone()
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("create table mine (id int)")

    assert role == ("peyvand_app", False, False, False, False)


def test_owner_role_owns_the_schema_and_is_no_superuser(server: Server) -> None:
    with psycopg.connect(server.owner_url) as connection:
        connection.execute("create table made (id int)")
        superuser = connection.execute("select current_setting('is_superuser')").fetchone()
        connection.rollback()

    assert superuser == ("off",)


@pytest.mark.parametrize("database", ["peyvand", "template1"])
def test_extensions_and_leakproof_marks_are_there(server: Server, database: str) -> None:
    with psycopg.connect(server.url("postgres", database)) as connection:
        extensions = {row[0] for row in connection.execute("select extname from pg_extension")}
        plain = connection.execute(
            "select array_agg(s) from unnest(%s::text[]) s"
            " where not coalesce((select proleakproof from pg_proc where oid = to_regprocedure(s)), false)",
            [list(LEAKPROOF_FUNCTIONS)],
        ).fetchone()

    assert extensions >= set(EXTENSIONS)
    assert plain == (None,)


def test_persian_trigrams_work(server: Server) -> None:
    with psycopg.connect(server.app_url) as connection:
        row = connection.execute(
            "select show_trgm('علی') <> '{}', similarity('علیرضا', 'علی رضا') > 0"
        ).fetchone()

    assert row == (True, True)


def test_nothing_listens_on_tcp_and_folders_are_private(server: Server) -> None:
    with psycopg.connect(server.app_url) as connection:
        listening = connection.execute("select current_setting('listen_addresses')").fetchone()

    assert listening == ("",)
    assert [folder.stat().st_mode & 0o777 for folder in (server.cluster, server.socket_dir)] == [0o700, 0o700]


def test_committed_rows_survive_a_killed_server(tmp_path: Path) -> None:
    with start(tmp_path / "data", {"shared_buffers": "16MB"}) as server:
        with psycopg.connect(server.owner_url, autocommit=True) as connection:
            connection.execute("create table kept (id int)")
            connection.execute("insert into kept select generate_series(1, 1000)")
        os.kill(_pid(server), signal.SIGKILL)
        running_after_kill = server.is_running

        server.start()

        with psycopg.connect(server.owner_url) as connection:
            rows = connection.execute("select count(*) from kept").fetchone()
    assert running_after_kill is False
    assert rows == (1000,)


def test_the_last_one_out_stops_the_server(tmp_path: Path) -> None:
    first = start(tmp_path / "data", QUICK)
    pid = _pid(first)
    other = subprocess.Popen(
        [sys.executable, "-c", JOIN, str(tmp_path / "data")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert other.stdout is not None
    joined = other.stdout.readline()

    first.stop()
    left_running = is_postgres(pid)
    other.communicate(timeout=60)

    assert (joined, left_running) == ("joined\n", True)
    assert not is_postgres(pid)


def test_a_killed_user_does_not_keep_the_server_alive(tmp_path: Path) -> None:
    other = subprocess.Popen(
        [sys.executable, "-c", JOIN, str(tmp_path / "data")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert other.stdout is not None
    other.stdout.readline()
    other.kill()
    other.communicate()

    with start(tmp_path / "data") as server:
        pid = _pid(server)
        alive = is_postgres(pid)

    assert alive
    assert not is_postgres(pid)


def test_lock_files_that_name_another_program_are_no_obstacle(tmp_path: Path) -> None:
    start(tmp_path / "data", QUICK).stop()
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as stranger:
        for lock in ("postgres/postmaster.pid", "socket/.s.PGSQL.5432.lock"):
            (tmp_path / "data" / lock).write_text(f"{stranger.pid}\n")

        with start(tmp_path / "data", QUICK) as server:
            running = server.is_running
        untouched = stranger.poll() is None
        stranger.communicate(b"\n")

    assert (running, untouched) == (True, True)


def test_a_broken_off_first_start_heals(tmp_path: Path) -> None:
    (tmp_path / "data" / "postgres.new" / "base").mkdir(parents=True)

    with start(tmp_path / "data", QUICK) as server:
        assert server.is_running


def test_a_long_path_falls_back_to_a_short_socket_folder(tmp_path: Path) -> None:
    data = tmp_path / ("long-" * 20) / "داده‌ها"

    with start(data, QUICK) as server, psycopg.connect(server.app_url) as connection:
        row = connection.execute("select 1").fetchone()
    folder = socket_folder(data)
    folder.rmdir()

    assert row == (1,)
    assert not folder.is_relative_to(data)


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ({"PG_VERSION": "18"}, "is not a complete PostgreSQL data folder"),
        ({"PG_VERSION": "9.6", "global/pg_control": ""}, "was made by PostgreSQL 9.6"),
        ({"PG_VERSION": "18", "global/pg_control": ""}, "did not start"),
    ],
)
def test_a_damaged_folder_is_told_in_one_sentence(
    tmp_path: Path, files: dict[str, str], sentence: str
) -> None:
    for name, text in files.items():
        file = tmp_path / "postgres" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    with pytest.raises(ServerNotStarted, match=sentence) as refusal:
        start(tmp_path, QUICK)

    assert "\n" not in str(refusal.value)


def test_a_data_folder_that_is_a_file_is_told_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("not a folder")

    with pytest.raises(ServerNotStarted, match="cannot be used"):
        start(tmp_path / "data", QUICK)
