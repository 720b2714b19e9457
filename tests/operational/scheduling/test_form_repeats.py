"""The forms of new tasks and meetings ask how often they come again."""

from __future__ import annotations

import pytest

from peyvand.operational.activities.public import Meeting, Task
from peyvand.operational.scheduling.models import Occurrence
from peyvand.platform.workspaces.scope import workspace_scope

AT = "2026-12-01T10:00"


@pytest.fixture
def sara(browse, cast):
    with workspace_scope(cast.arman.id):
        yield browse(cast.sara)


def test_a_new_task_comes_again_as_its_form_says(sara):
    assert 'name="repeat"' in sara.get("/w/arman/tasks/new").content.decode()
    form = {
        "title": "گزارش هفته",
        "kind": "todo",
        "due_at": AT,
        "repeat": "fortnight",
        "repeat_until": "2027-03-01",
    }
    assert sara.post("/w/arman/tasks/new", form).status_code == 302
    [known] = Occurrence.objects.filter(object="task", object_id=Task.objects.get(title="گزارش هفته").id)
    assert (known.series.repeats.unit, known.series.repeats.every) == ("week", 2)
    assert known.series.repeats.until.isoformat() == "2027-03-01"


def test_a_meeting_of_the_calendars_dialog_comes_again(sara):
    assert 'name="repeat"' in sara.get("/w/arman/calendar/new").content.decode()
    form = {
        "title": "جلسهٔ ماه", "kind": "meeting", "starts_at": AT, "ends_at": "2026-12-01T11:00", "repeat": "month_end",
    }  # fmt: skip
    assert sara.post("/w/arman/calendar/new", form).status_code == 302
    [known] = Occurrence.objects.filter(object="meeting", object_id=Meeting.objects.get(title="جلسهٔ ماه").id)
    assert (known.series.repeats.unit, known.series.repeats.day) == ("month", -1)


def test_a_task_without_a_time_cannot_come_again_and_is_not_made(sara):
    refused = sara.post("/w/arman/tasks/new", {"title": "بی‌زمان", "kind": "todo", "repeat": "week"})
    assert refused.status_code == 422
    assert 'value="week" selected' in refused.content.decode()
    assert not Task.objects.filter(title="بی‌زمان").exists()


def test_what_is_made_without_a_rule_comes_once(sara):
    assert (
        sara.post(
            "/w/arman/tasks/new", {"title": "یک بار", "kind": "todo", "due_at": AT, "repeat": ""}
        ).status_code
        == 302
    )
    assert not Occurrence.objects.filter(
        object="task", object_id=Task.objects.get(title="یک بار").id
    ).exists()
