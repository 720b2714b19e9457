"""What the migrating role leaves to the application's role."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db.backends.base.base import BaseDatabaseWrapper

MIGRATION_LOCK = 7230196651  # any number that no one else takes as an advisory lock


@contextmanager
def migrating_alone(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Hold the lock that lets only one process migrate this database at a time."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_lock(%s)", [MIGRATION_LOCK])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_unlock(%s)", [MIGRATION_LOCK])


def grant_app(connection: BaseDatabaseWrapper, app_role: str) -> None:
    """Let the application's role read and write (not alter) every table made so far, and those made later."""
    with connection.cursor() as cursor:
        cursor.execute("select current_user")
        if cursor.fetchone() == (app_role,):
            return
        role = connection.ops.quote_name(app_role)
        cursor.execute(f"grant usage on schema public to {role}")
        for what, rights in (("tables", "select, insert, update, delete"), ("sequences", "usage, select")):
            cursor.execute(f"grant {rights} on all {what} in schema public to {role}")
            cursor.execute(f"alter default privileges in schema public grant {rights} on {what} to {role}")
