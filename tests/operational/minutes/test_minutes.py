"""Minutes: who came, what was decided, tasks that are made once however often the minutes are written."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from django.db import transaction

from peyvand.kernel import clock
from peyvand.kernel.errors import Invalid, NotAllowed, RuleViolation
from peyvand.operational.activities.public import MEETING, Meeting, Task, complete_task
from peyvand.operational.contacts.public import PERSON
from peyvand.operational.minutes.public import ActionItem, Attendance, Item, Minutes, minute_meeting
from peyvand.operational.sales.public import DEAL
from peyvand.platform.events.models import EventRow
from peyvand.platform.fields.types import Ref
from peyvand.platform.identity.actor import access_changed
from peyvand.platform.identity.models import Role, User
from peyvand.platform.objects.records import create_record, update_record
from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.testing.programs import program_of

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
ASKS = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def now():
    with clock.freeze(NOW):
        yield


@pytest.fixture
def scene(cast, acting):
    """A meeting about a deal with two people invited."""
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        people = [
            create_record(ctx, PERSON, {"name": name}) for name in ("لیلا بهشتی", "رضا کریمی", "نگار صالحی")
        ]
        deal = create_record(ctx, DEAL, {"name": "خرید پمپ", "person": people[0].id})
        meeting = create_record(ctx, MEETING, {
            "title": "بررسی پیشنهاد", "starts_at": "2026-11-22 10:00", "ends_at": "2026-11-22 11:00",
            "about": f"deal:{deal.id}", "participants": [p.id for p in people[:2]], "agenda": "قیمت",
        })  # fmt: skip
        yield ctx, Meeting.objects.get(id=meeting.id), deal, people


def named(person):
    return {"id": person.id, "name": ""}


def test_all_of_it_in_one_step(scene, cast):
    ctx, meeting, deal, people = scene
    made = minute_meeting(
        ctx, meeting, present=(named(people[0]), named(people[2])), outcome="خوب بود", decisions="تخفیف پنج درصد\n\n تحویل دی ",
        items=(Item("ارسال پیش‌فاکتور", owner=cast.babak.id, due_on=clock.today(cast.arman.tz)), Item("تماس با انبار")),
    )  # fmt: skip
    assert [(t.title, t.owner_id, t.about) for t in made] == [
        ("ارسال پیش‌فاکتور", cast.babak.id, Ref("deal", deal.id, "")), ("تماس با انبار", cast.sara.id, Ref("deal", deal.id, "")),
    ]  # fmt: skip
    assert made[0].due_at.astimezone(cast.arman.tz).hour == 17
    assert made[0].person_id == people[0].id
    assert Minutes.objects.get().decisions == ["تخفیف پنج درصد", "تحویل دی"]
    came = dict(Attendance.objects.values_list("person_id", "is_present"))
    assert came == {people[0].id: True, people[1].id: False, people[2].id: True}
    assert Meeting.objects.get(id=meeting.id).outcome == "خوب بود"
    fact = EventRow.objects.get(wire="minutes.written.v1")
    assert (fact.data["decisions"], fact.data["items"]) == (2, 2)


def test_written_again_no_task_is_made_twice(scene, cast):
    ctx, meeting, _, _ = scene
    first, second, third = minute_meeting(ctx, meeting, items=(Item("الف"), Item("ب"), Item("پ")))
    rows = {row.title: row for row in ActionItem.objects.all()}
    complete_task(ctx, Task.objects.get(id=third.id))
    again = (Item("الف تازه", id=rows["الف"].id, owner=cast.mina.id), Item("ب"), Item("ت"))
    made = minute_meeting(ctx, Meeting.objects.get(id=meeting.id), items=again)
    assert [t.title for t in made] == ["ت"], "by its id and by its words the others are known"
    changed = Task.objects.get(id=first.id)
    assert (changed.title, changed.owner_id) == ("الف تازه", cast.mina.id)
    assert Task.objects.get(id=second.id).status == "open"
    assert Task.objects.get(id=third.id).status == "done", "left out, but done is done"
    minute_meeting(ctx, Meeting.objects.get(id=meeting.id), items=again[1:])
    assert Task.objects.get(id=first.id).status == "cancelled"
    assert Task.objects.count() == 4
    assert list(ActionItem.objects.order_by("position").values_list("title", flat=True)) == ["ب", "ت"]


def test_refused_it_leaves_nothing(scene, cast):
    ctx, meeting, _, _ = scene
    with pytest.raises(Invalid) as refused, transaction.atomic():
        minute_meeting(ctx, meeting, items=(Item("الف"), Item("ب", owner=cast.cyrus.id)))
    assert refused.value.problems[0].field == "items.1.owner"
    with workspace_scope(cast.arman.id):
        update_record(ctx, MEETING, Meeting.objects.get(id=meeting.id), {"status": "cancelled"})
        with pytest.raises(RuleViolation), transaction.atomic():
            minute_meeting(ctx, Meeting.objects.get(id=meeting.id), outcome="x")
    assert Task.objects.count() == 0


def test_holding_asks_and_may_be_skipped(scene, cast, browse):
    _, meeting, _, _ = scene
    client = browse(cast.sara)
    page = f"/w/arman/meetings/{meeting.id}"
    held = client.post(f"{page}/do/hold", {"outcome": ""}, headers=ASKS)
    assert json.loads(held["HX-Trigger"])["offer"]["url"] == f"{page}/minutes"
    skipped = client.post(f"{page}/minutes", {"skip": "1"}, headers=ASKS)
    assert json.loads(skipped["HX-Trigger"])["offer"]["url"] == f"/w/arman/next/meeting/{meeting.id}"
    assert not Minutes.objects.exists()


def test_the_dialog_keeps_what_was_typed_and_sees_a_colleague(scene, cast, browse):
    _ctx, meeting, _, people = scene
    client = browse(cast.sara)
    url = f"/w/arman/meetings/{meeting.id}/minutes"
    body = client.get(url, headers=ASKS).content.decode()
    assert body.count('name="came"') == 2
    assert "قیمت" in body
    sent = {
        "seen": "", "came": people[0].id, "outcome": "متن", "decisions": "یک\nدو", "items-count": "1",
        "items-0-id": "", "items-0-title": "ارسال", "items-0-owner": cast.babak.id, "items-0-due_on": "1405/13/40",
    }  # fmt: skip
    refused = client.post(url, sent, headers=ASKS)
    assert refused.status_code == 422
    assert "ارسال" in refused.content.decode()
    assert Task.objects.count() == 0
    assert client.post(url, {**sent, "items-0-due_on": "2026-12-01"}, headers=ASKS).status_code == 200
    assert Task.objects.get().owner_id == cast.babak.id
    stale = client.post(url, {**sent, "items-0-due_on": "2026-12-01"}, headers=ASKS)
    assert stale.status_code == 422, "somebody wrote meanwhile"
    assert Task.objects.count() == 1


def test_on_the_pages_of_the_meeting_and_the_task_and_to_print(scene, cast, browse):
    ctx, meeting, _, people = scene
    [task] = minute_meeting(
        ctx, meeting, present=(named(people[0]),), decisions="تخفیف <b>", items=(Item("ارسال پیش‌فاکتور"),)
    )
    client = browse(cast.sara)
    page = client.get(f"/w/arman/meetings/{meeting.id}/?tab=").content.decode()
    assert "صورت‌جلسه" in page
    sheet = client.get(f"/w/arman/meetings/{meeting.id}/minutes/sheet").content.decode()
    for words in ("تخفیف &lt;b&gt;", "ارسال پیش‌فاکتور", "رضا کریمی", "قیمت"):
        assert words in sheet
    assert client.get(f"/w/arman/tasks/{task.id}/").status_code == 200
    assert browse(cast.cyrus).get(f"/w/rival/meetings/{meeting.id}/minutes/sheet").status_code == 404
    assert browse(cast.viewer).get(f"/w/arman/meetings/{meeting.id}/minutes").status_code == 404


def test_by_program(scene, cast, browse):
    _, _meeting, _, people = scene
    from peyvand.operational.minutes.actions import INPUTS
    from peyvand.platform.objects.inputs import clean_inputs

    ctx = scene[0]
    values = clean_inputs(
        ctx,
        INPUTS,
        {"present": [people[1].id], "items": [{"title": "الف", "due_on": "2026-12-01"}, {"title": ""}]},
    )
    assert values["items"] == (Item("الف", due_on=values["items"][0].due_on),)
    with pytest.raises(Invalid) as refused:
        clean_inputs(ctx, INPUTS, {"items": [{"title": "الف", "due_on": "soon"}]})
    assert refused.value.problems[0].field == "items.0.due_on"
    for wrong in ("x", {"title": "x"}, ["x"]):
        with pytest.raises(Invalid):
            clean_inputs(ctx, INPUTS, {"items": wrong})


@pytest.fixture
def babaks(scene, cast):
    """A meeting of Babak's with somebody whom only Sara sees, and its minutes."""
    ctx, _, _, people = scene
    meeting = create_record(ctx, MEETING, {
        "title": "Shared", "owner": cast.babak.id, "starts_at": "2026-11-22 10:00", "participants": [people[0].id],
    })  # fmt: skip
    minute_meeting(ctx, meeting, present=(named(people[0]),), outcome="SECRETOUT", decisions="SECRETDEC")
    return meeting, people[0]


def test_minutes_name_nobody_whom_their_reader_may_not_see(babaks, cast, browse):
    meeting, person = babaks
    client = browse(cast.babak)
    for path in ("", "minutes", "minutes/sheet", "edit"):
        answer = client.get(f"/w/arman/meetings/{meeting.id}/{path}")
        assert answer.status_code == 200, path
        assert person.name not in answer.content.decode(), path
    shown = program_of(cast.babak, cast.arman).get(f"meetings/{meeting.id}").json
    assert shown["participants"] == [{"id": person.id, "name": ""}]
    assert (
        person.name in browse(cast.sara).get(f"/w/arman/meetings/{meeting.id}/minutes/sheet").content.decode()
    )


@pytest.mark.parametrize("field", ["outcome", "participants"])
def test_whoever_does_not_see_all_of_them_neither_reads_nor_writes_minutes(
    babaks, cast, browse, acting, field
):
    meeting, _ = babaks
    role = Role.objects.create(
        key="blind", name="Blind", grants={"*": "all"}, fields={f"meeting.{field}": "hidden"}
    )
    User.objects.filter(id=cast.babak.id).update(role=role)
    access_changed(cast.arman.id)
    assert browse(cast.babak).get(f"/w/arman/meetings/{meeting.id}/minutes").status_code == 404
    with pytest.raises(NotAllowed), transaction.atomic():
        minute_meeting(acting(cast.babak), meeting, outcome="Mine")
    meeting.refresh_from_db()
    assert meeting.outcome == "SECRETOUT"


def test_as_a_page_of_its_own_it_leads_back_to_the_meeting(scene, cast, browse):
    meeting, client = scene[1], browse(cast.sara)
    path = f"/w/arman/meetings/{meeting.id}/minutes"
    assert f'hx-post="{path}"' not in client.get(path).content.decode()
    assert f'hx-post="{path}"' in client.get(path, headers=ASKS).content.decode()
    answer = client.post(path, {"seen": "", "outcome": "خوب", "items-count": "0"})
    assert (answer.status_code, answer["Location"].partition("?")[0]) == (
        302,
        f"/w/arman/meetings/{meeting.id}/",
    )
