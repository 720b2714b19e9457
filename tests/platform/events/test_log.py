from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest

from peyvand.operational.contacts.objects import PERSON
from peyvand.platform.actions.action import perform
from peyvand.platform.actions.context import Context, job_context
from peyvand.platform.events.facts import RecordCreated
from peyvand.platform.events.log import follow
from peyvand.platform.events.models import EventRow, TimelineEntry
from peyvand.platform.identity.actor import user_actor
from peyvand.platform.objects.records import create_record
from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.testing.installation import eventually

INSERT = """
insert into event (id, workspace_id, wire, object, object_id, actor_kind, depth, at, recorded_at, data)
values (nextval(pg_get_serial_sequence('event', 'id')), %s, 'objects.record_created.v1', 'person', 1, 'system', 0, now(), now(), '{}')
returning id
"""


def test_a_follower_misses_no_event_of_a_transaction_that_commits_late(server: Any, committed: Any) -> None:
    cast = committed
    with psycopg.connect(server.app_url) as slow, psycopg.connect(server.app_url) as quick:
        with workspace_scope(cast.arman.id):
            start = max((e.id for e in follow(0)), default=0)

        for connection in (slow, quick):
            connection.execute("select set_config('peyvand.workspace', %s, true)", [str(cast.arman.id)])
        (early,) = slow.execute(INSERT, [cast.arman.id]).fetchone()  # takes the lower id, commits last
        (late,) = quick.execute(INSERT, [cast.arman.id]).fetchone()
        quick.commit()

        with workspace_scope(cast.arman.id):
            assert [e.id for e in follow(start)] == []  # the later one must wait for the earlier
        slow.commit()
        with workspace_scope(cast.arman.id):
            assert eventually(lambda: [e.id for e in follow(start)] == [early, late])


def test_a_rolled_back_change_leaves_no_event_and_no_job(server: Any, committed: Any) -> None:
    cast = committed
    with pytest.raises(RuntimeError), workspace_scope(cast.arman.id):
        create_record(Context(user_actor(cast.arman.id, cast.sara.id), "web"), PERSON, {"name": "Neda"})
        raise RuntimeError
    with workspace_scope(cast.arman.id):
        assert PERSON.model.objects.count() == 0
        assert [e for e in follow(0) if e.object == "person"] == []


def test_facts_of_a_set_keep_the_moments_at_which_they_happened(cast: Any) -> None:
    earlier = datetime(2020, 3, 21, tzinfo=UTC)
    facts = [
        RecordCreated(
            object="person",
            object_id=n,
            subjects=(("person", n), ("company", n)),
            at=earlier if n % 2 else None,
        )
        for n in range(9001, 9005)
    ]
    with workspace_scope(cast.arman.id):
        ctx = job_context(cast.arman)
        perform(ctx, "person.create", (), lambda: ctx.record(*facts))
        events = list(
            EventRow.objects.filter(object_id__gt=9000)
            .order_by("id")
            .values_list("object_id", "at", "recorded_at")
        )
        lines = sorted(
            TimelineEntry.objects.filter(object_id__gt=9000).values_list("object_id", "object", "at")
        )
    assert [id for id, _, _ in events] == [9001, 9002, 9003, 9004]
    assert [at for _, at, _ in events] == [earlier, events[0][2], earlier, events[0][2]]
    assert lines == [(id, kind, at) for id, at, _ in events for kind in ("company", "person")]
