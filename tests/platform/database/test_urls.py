"""Addresses from the environment, and the refusal of roles that could bypass row security."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from peyvand.platform.database.embedded import Server, start
from peyvand.platform.database.urls import (
    AddressInvalid,
    Databases,
    RoleUnsafe,
    check_role,
    data_folder,
    django_settings,
    embedded_url,
    resolve,
    role_of,
)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    quick = {"fsync": "off", "shared_buffers": "16MB"}
    with start(tmp_path_factory.mktemp("cluster") / "data", quick) as running:
        with psycopg.connect(running.superuser_url) as connection:
            connection.execute("create role passer login bypassrls")
            connection.execute("create role friend login noinherit")
            connection.execute("grant passer to friend")
            connection.execute("grant connect on database peyvand to passer, friend")
        yield running


def test_without_an_address_the_embedded_server_is_meant(tmp_path: Path) -> None:
    found = resolve({"PEYVAND_DATA": str(tmp_path)})

    assert found == Databases(
        embedded_url(tmp_path, "peyvand_app"), embedded_url(tmp_path, "peyvand_owner"), embedded=True
    )


def test_an_address_is_taken_as_it_is_and_migrates_as_itself() -> None:
    address = "postgresql://app:secret@db.example:5433/crm?sslmode=require"

    found = resolve({"DATABASE_URL": address})

    assert found == Databases(address, address, embedded=False)
    assert django_settings(found)["default"] == {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "crm",
        "USER": "app",
        "PASSWORD": "secret",
        "HOST": "db.example",
        "PORT": "5433",
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"connect_timeout": 5, "application_name": "peyvand", "sslmode": "require"},
    }


def test_the_owner_may_be_another_role() -> None:
    found = resolve({"DATABASE_URL": "postgres://app@h/crm", "DATABASE_OWNER_URL": "postgres://owner@h/crm"})

    assert (role_of(found.app_url), role_of(found.owner_url)) == ("app", "owner")


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("mysql://a:hidden@h/d", "must name a PostgreSQL database"),
        ("crm", "must name a PostgreSQL database"),
        ("postgresql://a:hidden@h", "names no database"),
        ("postgresql://a:hidden@h:99999/d", "no valid port"),
        ("postgresql://a:hidden@h:x/d", "no valid port"),
        ("postgresql://a:hidden@h/d?colour=blue", "cannot be read"),
        ("postgresql://a:hid[den@h:1/d?x", "cannot be read"),
    ],
)
def test_a_wrong_address_is_told_in_one_sentence_without_its_password(address: str, sentence: str) -> None:
    with pytest.raises(AddressInvalid, match=sentence) as refusal:
        resolve({"DATABASE_URL": address})

    assert "hid" not in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_an_owner_without_an_application_is_refused() -> None:
    with pytest.raises(AddressInvalid, match="set both or neither"):
        resolve({"DATABASE_OWNER_URL": "postgresql://owner@h/d"})


def test_the_data_folder_follows_the_environment(tmp_path: Path) -> None:
    assert data_folder({"PEYVAND_DATA": str(tmp_path)}) == tmp_path
    assert data_folder({"HOME": str(tmp_path)}).is_relative_to(tmp_path)


def test_the_application_role_is_accepted_without_warnings(server: Server) -> None:
    with psycopg.connect(server.app_url) as connection:
        assert check_role(connection) == []


def test_a_role_that_owns_tables_is_warned_about(server: Server) -> None:
    with psycopg.connect(server.owner_url) as connection:
        connection.execute("create table owned (id int)")
        warnings = check_role(connection)
        connection.rollback()

    assert len(warnings) == 1
    assert "owns its tables" in warnings[0]


@pytest.mark.parametrize(
    ("role", "reason"),
    [("postgres", "is a superuser"), ("passer", "has BYPASSRLS"), ("friend", "is a member of passer")],
)
def test_a_role_that_could_bypass_is_refused(server: Server, role: str, reason: str) -> None:
    with psycopg.connect(server.url(role)) as connection, pytest.raises(RoleUnsafe, match=reason):
        check_role(connection)


def test_stepping_down_from_a_superuser_is_refused(server: Server) -> None:
    stepped_down = f"{server.superuser_url}&options=-c%20role%3Dpeyvand_app"

    with (
        psycopg.connect(stepped_down) as connection,
        pytest.raises(RoleUnsafe, match="postgres is a superuser"),
    ):
        check_role(connection)


def test_a_statement_may_be_given_a_time_beside_options_of_the_address() -> None:
    found = resolve({"DATABASE_URL": "postgresql://app@db.example/crm?options=-c%20geqo%3Doff"})

    options = django_settings(found, 15)["default"]["OPTIONS"]["options"]

    assert options == (
        "-c geqo=off -c statement_timeout=15s -c lock_timeout=10s -c idle_in_transaction_session_timeout=60s "
        "-c max_parallel_workers_per_gather=0"
    )
