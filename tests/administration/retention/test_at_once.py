"""A hold that is being put while a night is under way keeps also what its record names."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import connection

from peyvand.administration.retention.actions import hold_record, save_rule, switch_on
from peyvand.administration.retention.rules import mark_of
from peyvand.administration.retention.running import begin_run, go_on
from peyvand.kernel import clock
from peyvand.platform.actions.context import Context
from peyvand.platform.identity.actor import user_actor
from peyvand.platform.objects.records import create_record
from peyvand.platform.objects.spec import object_named
from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.testing.committed import behind

PERSON, NOTE = object_named("person"), object_named("note")


def test_whom_a_note_that_is_being_put_on_hold_names_is_not_removed_for_good(committed: Any) -> None:
    arman = committed.arman

    def context() -> Context:
        return Context(user_actor(arman.id, committed.sara.id), "web")

    with workspace_scope(arman.id):
        ctx = context()
        person = create_record(ctx, PERSON, {"name": "ندا"})
        note = create_record(ctx, NOTE, {"text": "دادخواست", "about": f"person:{person.id}"})
        _age(PERSON, person.id)
        said = {"name": "قاعده", "object": "person", "since": "created_at", "months": 12, "deed": "delete"}
        rule = save_rule(ctx, said)
        switch_on(ctx, rule.id, mark_of(rule))
        rule.refresh_from_db()

    def night() -> tuple[int, int]:
        run = begin_run(arman, rule)
        assert run is not None
        while go_on(arman, run):
            pass
        return run.done, run.left

    done = behind(arman, lambda: hold_record(context(), "note", note.id, "دادگاه"), night)
    assert done == (0, 1)
    with workspace_scope(arman.id):
        assert PERSON.rows.get(id=person.id).deleted_at is None


def _age(spec: Any, id: int) -> None:
    """As if it had been made five years ago."""
    table, at = spec.model._meta.db_table, clock.now() - timedelta(days=5 * 365)
    with connection.cursor() as cursor:
        cursor.execute(f"update {table} set created_at = %s, updated_at = %s where id = %s", [at, at, id])
