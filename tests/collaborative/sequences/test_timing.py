"""Working days and hours by the clock on the wall, also where clocks are changed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from peyvand.administration.members.public import create_workspace
from peyvand.collaborative.sequences.timing import WorkingClock
from peyvand.operational.availability.public import WORKING_HOURS
from peyvand.platform.actions.context import job_context
from peyvand.platform.objects.records import create_records
from peyvand.platform.workspaces.scope import workspace_scope


@pytest.mark.parametrize(
    ("at", "days", "hours", "then"),
    [
        # Friday ten o'clock; on Sunday clocks go back: Monday ten o'clock is an hour more away.
        ("2026-10-23T08:00", 1, 0, "2026-10-26T09:00"),
        ("2026-10-23T08:00", 0, 0, "2026-10-23T08:00"),
        # Friday evening: the next working day at that time is over, so the one behind it.
        ("2026-10-23T18:00", 1, 0, "2026-10-27T08:00"),
        ("2026-10-23T13:00", 0, 4, "2026-10-26T10:00"),
        # In spring they go forward.
        ("2026-03-27T09:00", 1, 2, "2026-03-30T10:00"),
        ("2026-03-27T09:00", 5, 0, "2026-04-03T08:00"),
    ],
)
def test_working_days_keep_the_time_of_the_day(db: None, at: str, days: int, hours: int, then: str) -> None:
    berlin = create_workspace("berlin", "Berlin", language="en", timezone="Europe/Berlin")
    with workspace_scope(berlin.id):
        found = WorkingClock(berlin).after(None, datetime.fromisoformat(at).replace(tzinfo=UTC), days, hours)
    assert found == datetime.fromisoformat(then).replace(tzinfo=UTC)


def test_where_nobody_ever_works_there_is_no_time(cast: Any) -> None:
    with workspace_scope(cast.arman.id):
        create_records(job_context(cast.arman), WORKING_HOURS, [{"name": "Never", "user": cast.sara.id}])
        clock = WorkingClock(cast.arman)
        assert clock.open_at(cast.sara.id, datetime(2026, 11, 22, tzinfo=UTC)) is None
        assert clock.after(cast.sara.id, datetime(2026, 11, 22, tzinfo=UTC), 2, 0) is None
