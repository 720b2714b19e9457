"""Which code brought this database's tables up to date: a start that finds its own stamp need not migrate again."""

from __future__ import annotations

import hashlib
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg

import peyvand

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

# Besides our own, whose migrations run.
_OTHERS = ("django", "procrastinate")
# A comment goes wherever its table goes: no table for one value, and a restored copy brings the stamp of its time.
_TABLE = "django_migrations"


def stamp_of(app_role: str) -> str:
    """Digest of all that migrating depends on: our code, the packages with tables, the role that is given rights."""
    digest = hashlib.sha256(repr((app_role, [version(name) for name in _OTHERS])).encode())
    root = Path(peyvand.__file__).parent
    for path in sorted(root.rglob("*.py")):
        digest.update(str(path.relative_to(root)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def bears_stamp(connection: psycopg.Connection[Any], stamp: str) -> bool:
    """Whether exactly this code has migrated the database last."""
    row = connection.execute("select obj_description(to_regclass(%s), 'pg_class')", [_TABLE]).fetchone()
    return row is not None and row[0] == stamp


def set_stamp(connection: BaseDatabaseWrapper, stamp: str) -> None:
    """Say that all is done; to be called last, by the role that owns the tables."""
    with connection.cursor() as cursor:
        cursor.execute(f"comment on table {_TABLE} is %s", [stamp])
