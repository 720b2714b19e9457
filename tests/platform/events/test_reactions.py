"""Reactions run by the real worker: once for each event, tried again, and kept when they die."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from django.db import connection

from peyvand.operational.contacts.objects import PERSON
from peyvand.platform.actions.context import Context
from peyvand.platform.events import reactions
from peyvand.platform.events.facts import Event, RecordCreated
from peyvand.platform.events.models import ReactionRun
from peyvand.platform.events.reactions import MAX_DEPTH, Cause, dispatch, reaction
from peyvand.platform.identity.actor import user_actor
from peyvand.platform.jobs.models import DeadLetter
from peyvand.platform.objects.records import create_records
from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.testing.queue import drain

seen: list[tuple[str, int]] = []
failing: list[int] = []


@pytest.fixture(autouse=True)
def witness() -> Iterator[None]:
    """A reaction to every created person, for this module alone."""

    @reaction(RecordCreated, objects=("person",))
    def witness_when_created(cause: Cause, facts: Sequence[Event]) -> None:
        if failing:
            raise RuntimeError("told to fail")
        seen.extend((f.object, f.object_id) for f in facts if f.object == "person")

    seen.clear()
    failing.clear()
    yield
    name = next(n for n in reactions._functions if n.endswith("witness_when_created"))
    del reactions._functions[name]
    reactions._by_wire[RecordCreated.wire].remove(name)


def make_people(committed: Any, count: int) -> list[int]:
    with workspace_scope(committed.arman.id):
        ctx = Context(user_actor(committed.arman.id, committed.sara.id), "web")
        return [p.id for p in create_records(ctx, PERSON, [{"name": f"Person {n}"} for n in range(count)])]


def test_every_event_is_answered_once_however_often_its_job_runs(committed: Any) -> None:
    ids = make_people(committed, 3)
    drain()
    assert seen == [("person", id) for id in ids]

    with workspace_scope(committed.arman.id):
        event_ids = list(ReactionRun.objects.values_list("event_id", flat=True))
        name = ReactionRun.objects.values_list("reaction", flat=True).first()
        reactions.react(committed.arman, reaction_name=name, event_ids=event_ids)
    assert len(seen) == 3


def test_reactions_to_an_event_run_in_one_order_whoever_registered_first(committed: Any) -> None:
    ran: list[str] = []

    def register(name: str, *, always: bool) -> None:
        def react(cause: Cause, facts: Sequence[Event]) -> None:
            ran.append(name)

        react.__name__ = name
        reaction(RecordCreated, objects=("person",), always=always)(react)

    for name, always in (("order_b", False), ("order_z", True), ("order_a", False), ("order_y", True)):
        register(name, always=always)
    try:
        make_people(committed, 1)
        drain()
    finally:
        for name in [n for n in reactions._functions if ".order_" in n]:
            del reactions._functions[name], reactions._objects[name]
            reactions._always.discard(name)
            reactions._by_wire[RecordCreated.wire].remove(name)
    assert ran == ["order_y", "order_z", "order_a", "order_b"]


def test_many_events_become_few_jobs(committed: Any) -> None:
    make_people(committed, 1200)
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*) from procrastinate_jobs where args->>'reaction_name' like '%witness_when_created'"
        )
        assert cursor.fetchone()[0] == 3


def test_a_reaction_that_fails_is_tried_again_later_and_leaves_nothing_behind(committed: Any) -> None:
    make_people(committed, 1)
    failing.append(1)
    drain()
    with connection.cursor() as cursor:
        cursor.execute(
            "select attempts from procrastinate_jobs where task_name = 'events.react' and status = 'todo'"
        )
        # On a slow machine its time came once more while the queue was worked off.
        [(attempts,)] = cursor.fetchall()
        assert attempts >= 1
    with workspace_scope(committed.arman.id):
        assert not ReactionRun.objects.filter(reaction__endswith="witness_when_created").exists()

    failing.clear()
    with connection.cursor() as cursor:
        cursor.execute("update procrastinate_jobs set scheduled_at = now()")
    drain()
    assert len(seen) == 1


def test_the_last_failure_becomes_a_dead_letter_with_its_reason(committed: Any) -> None:
    make_people(committed, 1)
    failing.append(1)
    for _ in range(8):
        drain()
        with connection.cursor() as cursor:
            cursor.execute("update procrastinate_jobs set scheduled_at = now() where status = 'todo'")
    with workspace_scope(committed.arman.id):
        letter = DeadLetter.objects.get()
        assert letter.task == "events.react"
        assert "told to fail" in letter.error
        assert letter.args["event_ids"]


def test_a_chain_of_causes_ends(committed: Any) -> None:
    def queued() -> int:
        with connection.cursor() as cursor:
            cursor.execute("select count(*) from procrastinate_jobs")
            return int(cursor.fetchone()[0])

    with workspace_scope(committed.arman.id):
        before = queued()
        dispatch([RecordCreated(object="person", object_id=1)], [1], MAX_DEPTH)
        assert queued() == before
        dispatch([RecordCreated(object="person", object_id=1)], [1], MAX_DEPTH - 1)
        assert queued() > before
