"""What comes next after a task, a meeting or a call: proposed, made in one step, or said why nothing follows."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pytest
from django.db import transaction

from peyvand.kernel import clock
from peyvand.kernel.errors import Invalid
from peyvand.operational.activities.public import (
    CALL,
    MEETING,
    TASK,
    Meeting,
    Task,
    complete_task,
    hold_meeting,
)
from peyvand.operational.contacts.public import PERSON
from peyvand.operational.sales.models import PlaybookItem
from peyvand.operational.sales.public import DEAL, Deal
from peyvand.operational.scheduling.following import follow_call, follow_meeting, follow_task, working_days
from peyvand.platform.events.models import EventRow
from peyvand.platform.fields.types import Ref
from peyvand.platform.objects.records import create_record
from peyvand.platform.workspaces.scope import workspace_scope

# Sunday; Thursday has a short day, Friday none.
NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
ASKS = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def now():
    with clock.freeze(NOW):
        yield


@pytest.fixture
def scene(cast, acting):
    """A deal with its person, and a task, a meeting and a call about it."""
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        person = create_record(ctx, PERSON, {"name": "لیلا بهشتی"})
        deal = create_record(ctx, DEAL, {"name": "خرید پمپ", "person": person.id})
        about = {"about": f"deal:{deal.id}"}
        task = create_record(ctx, TASK, {"title": "ارسال کاتالوگ", **about})
        yield ctx, deal, person, task


def events(answer):
    return json.loads(answer["HX-Trigger"])


def test_one_way_for_all_three(cast, acting, scene):
    ctx, deal, person, task = scene
    meeting = create_record(
        ctx, MEETING, {"title": "بازدید", "starts_at": "2026-11-22 09:00", "about": f"deal:{deal.id}"}
    )
    call = create_record(ctx, CALL, {"person": person.id, "about": f"deal:{deal.id}"})
    complete_task(ctx, task)
    hold_meeting(ctx, meeting)
    at = datetime(2026, 11, 24, 6, 30, tzinfo=UTC)
    for follow, done in ((follow_task, task), (follow_meeting, meeting), (follow_call, call)):
        made = follow(ctx, done, kind="call", title="تماس دوباره", at=at)
        assert (made.about, made.person_id, made.kind, made.due_at) == (
            Ref("deal", deal.id, ""),
            person.id,
            "call",
            at,
        )
    planned = follow_call(ctx, call, kind="meeting", title="جلسهٔ قرارداد", at=at)
    assert isinstance(planned, Meeting)
    assert planned.status == "planned"
    for wrong in (
        {"kind": "meeting", "title": "x"},
        {"kind": "call"},
        {"kind": "nothing"},
        {"kind": "nothing", "reason": " "},
    ):
        with pytest.raises(Invalid), transaction.atomic():
            follow_task(ctx, task, **wrong)


def test_nothing_follows_and_the_timeline_says_why(scene):
    ctx, _deal, _, task = scene
    complete_task(ctx, task)
    assert follow_task(ctx, task, kind="nothing", reason="خودشان خبر می‌دهند") is None
    fact = EventRow.objects.get(wire="scheduling.nothing_follows.v1")
    assert fact.data["reason"] == "خودشان خبر می‌دهند"
    assert Task.objects.count() == 1


def test_working_days_pass_over_friday(cast, scene):
    found = working_days(cast.arman, cast.sara.id, (1, 4, 5))
    assert [at.date() for at in found.values()] == [
        date(2026, 11, 23),
        date(2026, 11, 26),
        date(2026, 11, 28),
    ]
    assert found[5].hour == 8


def test_it_is_asked_where_nothing_is_planned(cast, browse, scene):
    ctx, deal, _, task = scene
    other = create_record(ctx, TASK, {"title": "دیگری", "about": f"deal:{deal.id}"})
    client = browse(cast.sara)
    assert "offer" not in events(client.post(f"/w/arman/do/task/{task.id}/complete")), (
        "the other one is planned"
    )
    offered = events(client.post(f"/w/arman/do/task/{other.id}/complete"))["offer"]
    assert offered == {"url": f"/w/arman/next/task/{other.id}", "elsewhere": False}
    body = client.get(offered["url"], headers=ASKS).content.decode()
    assert "تماس با لیلا بهشتی" in body
    assert "پیگیری: دیگری" in body


def test_a_call_logged_by_form_or_composer_asks_too(cast, browse, scene):
    ctx, deal, person, task = scene
    complete_task(ctx, task)
    client = browse(cast.sara)
    sent = {"person": person.id, "result": "answered", "direction": "out", "notes": "گفت‌وگو شد"}
    composed = client.post(f"/w/arman/deals/{deal.id}/compose/calls", sent, headers=ASKS)
    assert events(composed)["offer"]["url"].startswith("/w/arman/next/call/")
    formed = client.post(
        f"/w/arman/calls/new?next=/w/arman/deals/{deal.id}/",
        {**sent, "about": f"deal:{deal.id}"},
        headers=ASKS,
    )
    assert events(formed)["offer"]["elsewhere"] is True


def test_in_one_step_from_the_dialog_and_the_playbook_first(cast, browse, scene):
    ctx, deal, _, task = scene
    stage = Deal.objects.get(id=deal.id).stage
    PlaybookItem.objects.filter(stage=stage).delete()
    PlaybookItem.objects.create(stage=stage, name="بودجه را بپرس", position=1, created_at=NOW, updated_at=NOW)
    complete_task(ctx, task)
    client = browse(cast.sara)
    url = f"/w/arman/next/task/{task.id}"
    body = client.get(url, headers=ASKS).content.decode()
    assert body.index('value="step0"') < body.index('value="call"')
    assert "بودجه را بپرس" in body
    refused = client.post(url, {"way": "call", "title-call": "", "at-call": ""}, headers=ASKS)
    assert refused.status_code == 422
    answer = client.post(
        url, {"way": "call", "title-call": "تماس با لیلا", "at-call": "2026-11-24T09:00"}, headers=ASKS
    )
    assert events(answer)["changed"]["object"] == "task"
    made = Task.objects.get(title="تماس با لیلا")
    assert (made.kind, made.about) == ("call", Ref("deal", deal.id, ""))
    nothing = client.post(url, {"way": "nothing", "because": "همه‌چیز انجام شد", "reason": ""}, headers=ASKS)
    assert nothing.status_code == 200
    assert EventRow.objects.filter(wire="scheduling.nothing_follows.v1").count() == 1
    assert browse(cast.viewer).get(url, headers=ASKS).status_code == 404
    assert client.get("/w/arman/next/note/1", headers=ASKS).status_code == 404
