"""What comes back by the clock: for which workspaces, and not twice at once."""

from __future__ import annotations

from typing import Any

from django.db import connection
from procrastinate.contrib.django import app

from peyvand.platform.workspaces.models import Workspace


def waiting(name: str) -> dict[int, str]:
    """The lock of the job of each workspace."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select (args->>'workspace_id')::int, lock from procrastinate_jobs where task_name = %s", [name]
        )
        return dict(cursor.fetchall())


def test_a_module_that_is_off_does_nothing_by_itself(committed: Any) -> None:
    Workspace.objects.filter(id=committed.rival.id).update(modules_off=["quotes"])
    app.tasks["quotes.expire.everywhere"](timestamp=0)
    assert waiting("quotes.expire") == {committed.arman.id: f"quotes.expire:{committed.arman.id}"}
    Workspace.objects.filter(id=committed.rival.id).update(modules_off=[])
    app.tasks["quotes.expire.everywhere"](timestamp=60)
    assert waiting("quotes.expire").keys() == {committed.arman.id, committed.rival.id}
