"""A job works in the workspace that it was deferred in, and in no other."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import connection

from peyvand.platform.jobs.scoped import defer, defer_many
from peyvand.platform.workspaces.scope import NoWorkspace, workspace_scope


def waiting() -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute("select args from procrastinate_jobs order by id")
        return [json.loads(row[0]) if isinstance(row[0], str) else row[0] for row in cursor.fetchall()]


def test_a_job_carries_the_open_workspace(cast: Any) -> None:
    before = len(waiting())
    with workspace_scope(cast.arman.id):
        defer("events.react", reaction_name="x", event_ids=[1])
    with workspace_scope(cast.rival.id):
        defer_many("events.react", [{"reaction_name": "x", "event_ids": [2]}])
    assert [args["workspace_id"] for args in waiting()[before:]] == [cast.arman.id, cast.rival.id]


def test_no_job_without_a_workspace(db: None) -> None:
    with pytest.raises(NoWorkspace):
        defer("events.react", reaction_name="x", event_ids=[1])


def test_a_reaction_sees_only_events_of_its_workspace(cast: Any, acting: Any) -> None:
    from peyvand.operational.contacts.objects import COMPANY
    from peyvand.platform.events.models import EventRow
    from peyvand.platform.objects.records import create_record

    with workspace_scope(cast.arman.id):
        create_record(acting(cast.sara), COMPANY, {"name": "Avand"})
        event_id = EventRow.objects.latest("id").id
    with workspace_scope(cast.rival.id):
        assert list(EventRow.objects.filter(id=event_id)) == []
