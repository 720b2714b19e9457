"""When a next step is due: in the workspace's own week, less its holidays."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from peyvand.kernel import clock
from peyvand.operational.availability.public import HOLIDAY, WORKING_HOURS
from peyvand.operational.sales.steps import working_moment
from peyvand.platform.objects.records import create_record
from peyvand.platform.workspaces.scope import workspace_scope

# A Tuesday, in Tehran the first of Dey 1405... of the week that ends on Friday.
TUESDAY = datetime(2026, 11, 24, 8, tzinfo=UTC)


@pytest.fixture
def due(cast: Any) -> Any:
    """``due("d2")``: month, day and hour of a preset on that Tuesday."""

    def when(preset: str) -> tuple[int, int, int]:
        moment = working_moment(cast.arman, preset).astimezone(cast.arman.tz)
        return moment.month, moment.day, moment.hour

    with workspace_scope(cast.arman.id), clock.freeze(TUESDAY):
        yield when


def test_thursday_is_worked_in_the_morning_and_friday_is_not(due: Any) -> None:
    assert [due(preset) for preset in ("d1", "d2", "d5")] == [(11, 25, 9), (11, 26, 9), (11, 30, 9)]


def test_the_workspaces_own_week_and_holidays_count(due: Any, acting: Any, cast: Any) -> None:
    ctx = acting(cast.sara)
    week = dict.fromkeys(("saturday", "sunday", "monday", "tuesday", "wednesday"), "14:00-20:00")
    create_record(ctx, WORKING_HOURS, {"name": "Evenings", **week})
    create_record(ctx, HOLIDAY, {"name": "Move", "day": "2026-11-25"})
    assert due("d1") == (11, 28, 14)


def test_where_nobody_ever_works_days_count_as_they_come(due: Any, acting: Any, cast: Any) -> None:
    create_record(acting(cast.sara), WORKING_HOURS, {"name": "Never"})
    assert due("d2") == (11, 26, 9)
