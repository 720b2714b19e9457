"""Migrations that are whole or not there, and the first one of an empty database in an eighth of the time.

After every step Django makes the classes of all models anew that the step's model is linked with, which here are all of them:
everything belongs to a workspace and somebody. Where no row is there yet nobody follows those links, so only the class of the
step's own model is made anew; before code that asks for rows runs (`RunPython`), Django makes all of them anew by itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

from django.core.management.commands import migrate
from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.migration import Migration
from django.db.migrations.recorder import MigrationRecorder
from django.db.migrations.state import ProjectState

# The method of Django's that says which classes a change of one model makes stale; private, as Django 5.2
# has it. A Django without it migrates in its own way.
NAME = "_find_reload_model"


@contextmanager
def quick_if_empty(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Migrate quickly inside, if nothing was ever migrated here; a database in use is migrated in Django's own way."""
    usual = getattr(ProjectState, NAME, None)
    if usual is None or MigrationRecorder(connection).has_table():
        yield
        return

    def stale(state: Any, app: str, model: str, delay: bool = False) -> set[tuple[str, str]]:
        is_new = model not in state.apps.all_models[app]
        if delay or is_new:
            state.is_delayed = True
            return {(app, model)}
        found: set[tuple[str, str]] = usual(state, app, model, delay)
        return found

    setattr(ProjectState, NAME, stale)
    try:
        yield
    finally:
        setattr(ProjectState, NAME, usual)


class Whole(MigrationExecutor):
    """Writes down that a migration is done in the transaction that did it; Django often does so after it. Killed between the
    two, every later migration would find tables that it means to make."""

    def apply_migration(
        self, state: ProjectState, migration: Migration, fake: bool = False, fake_initial: bool = False
    ) -> ProjectState:
        with transaction.atomic(self.connection.alias) if migration.atomic else nullcontext():
            return super().apply_migration(state, migration, fake, fake_initial)


@contextmanager
def whole_migrations() -> Iterator[None]:
    """Django's command applies each migration wholly or not at all, inside."""
    setattr(migrate, "MigrationExecutor", Whole)  # noqa: B010 the name is imported there, not declared
    try:
        yield
    finally:
        setattr(migrate, "MigrationExecutor", MigrationExecutor)  # noqa: B010 as above
