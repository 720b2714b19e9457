"""Where the database is: read from the environment, checked, and told to Django."""

from __future__ import annotations

import getpass
import hashlib
import os
import pwd
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
from psycopg.conninfo import conninfo_to_dict

from peyvand.platform.database import DatabaseUnusable
from peyvand.platform.database.bootstrap import APP_ROLE, DATABASE, OWNER_ROLE, trigrams_work

FORM = "postgresql://USER:PASSWORD@HOST:PORT/NAME"
OLDEST_SERVER = 150000  # PostgreSQL 15, as libpq counts versions
EMBEDDED_PORT = 5432  # names the socket file only: the embedded server has no TCP
SOCKET_PATH_BYTES = 103 if sys.platform == "darwin" else 107


class AddressInvalid(DatabaseUnusable):
    """`DATABASE_URL` or `DATABASE_OWNER_URL` is not an address of a PostgreSQL database."""


class RoleUnsafe(DatabaseUnusable):
    """The role the application connects as could bypass row security."""


class ServerUnsuitable(DatabaseUnusable):
    """The server is reachable, but too old or not in UTF-8."""


@dataclass(frozen=True, slots=True)
class Databases:
    """What the application connects as (`app_url`) and what migrates (`owner_url`)."""

    app_url: str
    owner_url: str
    embedded: bool


def resolve(environ: Mapping[str, str]) -> Databases:
    """The databases this environment names: `DATABASE_URL`, else the embedded server (need not be running).

    `DATABASE_OWNER_URL` names the role that migrates; without it the application's own does.
    Raises AddressInvalid.
    """
    app_url = environ.get("DATABASE_URL", "").strip()
    owner_url = environ.get("DATABASE_OWNER_URL", "").strip()
    if app_url:
        _check_form("DATABASE_URL", app_url)
        if owner_url:
            _check_form("DATABASE_OWNER_URL", owner_url)
        return Databases(app_url, owner_url or app_url, embedded=False)
    if owner_url:
        raise AddressInvalid("DATABASE_OWNER_URL is set but DATABASE_URL is not; set both or neither.")
    folder = data_folder(environ)
    return Databases(embedded_url(folder, APP_ROLE), embedded_url(folder, OWNER_ROLE), embedded=True)


def django_settings(
    databases: Databases, statement_seconds: int = 0, *, prepare: bool = False
) -> dict[str, dict[str, Any]]:
    """Django's DATABASES for the application's role.

    ``statement_seconds``: how long one statement may take (0: as long as it likes). Waiting for a lock ends sooner, and
    a transaction that someone forgot open is ended later, so that nobody holds up everybody.

    ``prepare``: a prepared statement keeps its first plan. Left to itself PostgreSQL plans anew for the values of every
    execution where that looks cheaper, and under row security the planning costs more than it saves.
    """
    parts: dict[str, Any] = conninfo_to_dict(databases.app_url)
    given = {"plan_cache_mode": "force_generic_plan"} if prepare else {}
    if statement_seconds:
        given |= {
            "statement_timeout": f"{statement_seconds}s",
            "lock_timeout": f"{max(1, statement_seconds * 2 // 3)}s",
            "idle_in_transaction_session_timeout": f"{statement_seconds * 4}s",
            # What stops after a screenful is walked far beyond it by several at once, and the others' pages wait meanwhile.
            "max_parallel_workers_per_gather": "0",
        }
    told = [parts.pop("options", ""), *(f"-c {name}={value}" for name, value in given.items())]
    if any(told):
        parts["options"] = " ".join(filter(None, told))
    return {
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": parts.pop("dbname"),
            "USER": parts.pop("user", ""),
            "PASSWORD": parts.pop("password", ""),
            "HOST": parts.pop("host", ""),
            "PORT": str(parts.pop("port", "")),
            "CONN_MAX_AGE": 600,
            "CONN_HEALTH_CHECKS": True,
            "OPTIONS": {"connect_timeout": 5, "application_name": "peyvand", **parts},
        }
    }


def role_of(address: str) -> str:
    """The role that an address logs in as (libpq falls back to the user of this process)."""
    return str(conninfo_to_dict(address).get("user") or getpass.getuser())


def check_role(connection: psycopg.Connection[Any]) -> list[str]:
    """Refuse a connection that could bypass row security, or a server we cannot work on; returns warnings.

    Both the role that logged in and the one in force count: a session may always go back to the first.
    Raises RoleUnsafe or ServerUnsuitable with one sentence.
    """
    if connection.info.server_version < OLDEST_SERVER:
        found = connection.info.server_version // 10000
        raise ServerUnsuitable(f"Peyvand needs PostgreSQL 15 or newer, but this server is {found}.")
    encoding = _value(connection, "select current_setting('server_encoding')")
    if encoding != "UTF8":
        raise ServerUnsuitable(f"The database must be encoded in UTF8, but it is in {encoding}.")
    for role in _values(connection, "select distinct r from (values (session_user), (current_user)) v(r)"):
        _refuse_bypass(connection, role)
    warnings = []
    if _value(connection, "select to_regproc('show_trgm') is null"):
        warnings.append("The extension pg_trgm is missing; search stays slow until it is created.")
    elif not trigrams_work(connection):
        warnings.append("This database's character type is not UTF-8, so search cannot see Persian letters.")
    if _value(connection, "select count(*) from pg_tables where tableowner = current_user") != 0:
        warnings.append(
            "The application's role owns its tables and could switch row security off;"
            " give DATABASE_URL a role of its own and migrate by DATABASE_OWNER_URL."
        )
    return warnings


def data_folder(environ: Mapping[str, str]) -> Path:
    """The folder for everything Peyvand keeps: `PEYVAND_DATA`, or the usual place of this system."""
    if chosen := environ.get("PEYVAND_DATA"):
        return Path(chosen).expanduser().absolute()
    home = Path(environ.get("HOME") or pwd.getpwuid(os.geteuid()).pw_dir)
    if sys.platform == "darwin":
        return home / "Library" / "Application Support" / "peyvand"
    return Path(environ.get("XDG_DATA_HOME") or home / ".local" / "share") / "peyvand"


def socket_folder(data: Path) -> Path:
    """The embedded server's socket folder: in the data folder, or a short private one if that is too long."""
    inside = data / "socket"
    if len(os.fsencode(inside / f".s.PGSQL.{EMBEDDED_PORT}")) <= SOCKET_PATH_BYTES and "," not in str(inside):
        return inside
    digest = hashlib.sha256(os.fsencode(data)).hexdigest()[:12]
    return Path("/tmp") / f"peyvand-{os.geteuid()}-{digest}"  # noqa: S108 the launcher checks owner and mode


def embedded_url(data: Path, role: str, database: str = DATABASE) -> str:
    """The address of the embedded server for a role; known without starting it."""
    host = quote(str(socket_folder(data)), safe="")
    return f"postgresql://{role}@/{database}?host={host}&port={EMBEDDED_PORT}"


def _check_form(name: str, address: str) -> None:
    if not address.startswith(("postgresql://", "postgres://")):
        raise AddressInvalid(f"{name} must name a PostgreSQL database, as in {FORM}.")
    try:
        parts = conninfo_to_dict(address)
    except psycopg.ProgrammingError as failure:
        raise AddressInvalid(
            f"{name} cannot be read ({str(failure).strip()}); write it as {FORM}."
        ) from failure
    if not parts.get("dbname"):
        raise AddressInvalid(f"{name} names no database; write it as {FORM}.")
    port = str(parts.get("port") or "5432")
    if not (port.isdecimal() and 0 < int(port) < 65536):
        raise AddressInvalid(f"{name} has no valid port; write it as {FORM}.")


def _refuse_bypass(connection: psycopg.Connection[Any], role: str) -> None:
    reason = _value(
        connection,
        "select case when rolsuper then 'is a superuser' when rolbypassrls then 'has BYPASSRLS' end"
        " from pg_roles where rolname = %s",
        role,
    )
    if reason is None:
        powerful = _value(
            connection,
            "select min(rolname::text) from pg_roles"
            " where (rolsuper or rolbypassrls) and pg_has_role(%s, oid, 'MEMBER')",
            role,
        )
        reason = powerful and f"is a member of {powerful}"
    if reason:
        raise RoleUnsafe(
            f"The database role {role} {reason} and could bypass row security;"
            " let DATABASE_URL name an ordinary role (NOSUPERUSER, NOBYPASSRLS)."
        )


def _value(connection: psycopg.Connection[Any], query: str, *parameters: object) -> Any:
    values = _values(connection, query, *parameters)
    return values[0] if values else None


def _values(connection: psycopg.Connection[Any], query: str, *parameters: object) -> list[Any]:
    return [row[0] for row in connection.execute(query, parameters or None)]
