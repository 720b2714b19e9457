"""The hours of days: what is carried and stretched, what a colleague did meanwhile, series, columns of people, quick making."""

from __future__ import annotations

import html
import json
import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from peyvand.kernel import clock
from peyvand.operational.activities.public import MEETING, TASK, Meeting, Task
from peyvand.operational.availability.public import ABSENCE, HOLIDAY
from peyvand.operational.contacts.public import PERSON
from peyvand.operational.scheduling.actions import repeat_meeting
from peyvand.operational.scheduling.models import Occurrence, Series
from peyvand.operational.scheduling.proposing import propose
from peyvand.platform.objects.records import create_record, create_records, update_record
from peyvand.platform.workspaces.scope import workspace_scope

# A Sunday; the week of a Persian reader goes from 21 to 27 November.
NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
HOME = "/w/arman/calendar"


@pytest.fixture(autouse=True)
def now():
    with clock.freeze(NOW):
        yield


@pytest.fixture
def make(cast, acting):
    """``make(user, spec, **raw)``: a record of that user's."""

    def record(user, spec, **raw):
        with workspace_scope(cast.arman.id):
            return create_record(acting(user), spec, raw)

    return record


@pytest.fixture
def meeting(make, cast):
    return make(cast.sara, MEETING, title="Tender", starts_at="2026-11-24 10:00", ends_at="2026-11-24 11:00")


def carried(record, at, until="", was="2026-11-24T10:00/2026-11-24T11:00", **more):
    return {
        "card": f"meeting:{record.id}",
        "at": f"2026-11-{at}",
        "until": f"2026-11-{until}" if until else "",
        "was": was,
        **more,
    }


def fresh(cast, record):
    with workspace_scope(cast.arman.id):
        found = type(record).objects.get(id=record.id)
    tz = cast.arman.tz
    return f"{found.starts_at.astimezone(tz):%d %H:%M}", f"{found.ends_at.astimezone(tz):%d %H:%M}"


def column(body, iso, person=0):
    who = f' data-person="{person}"' if person else ""
    found = re.search(
        rf'<li class="(hours-col[^"]*)" data-day="{iso}"{who} (.*?)(?=<li class="hours-col|</ol></div>)',
        body,
        re.DOTALL,
    )
    assert found, (iso, person)
    return found[1], found[2]


def test_carried_and_stretched_and_taken_back(cast, browse, meeting):
    client = browse(cast.sara)
    answer = client.post(f"{HOME}/move", carried(meeting, "25T14:30", "25T16:00"))
    assert answer.status_code == 204
    assert fresh(cast, meeting) == ("25 14:30", "25 16:00")
    assert client.post(json.loads(answer["HX-Trigger"])["toast"]["undo"]).status_code == 204
    assert fresh(cast, meeting) == ("24 10:00", "24 11:00")


def test_a_task_keeps_no_end_and_goes_to_its_hour(cast, browse, make):
    task = make(cast.sara, TASK, title="Send", due_at="2026-11-24 09:30")
    words = {"card": f"task:{task.id}", "at": "2026-11-23T08:15", "until": "", "was": "2026-11-24T09:30/"}
    assert browse(cast.sara).post(f"{HOME}/move", words).status_code == 204
    with workspace_scope(cast.arman.id):
        assert f"{Task.objects.get(id=task.id).due_at.astimezone(cast.arman.tz):%d %H:%M}" == "23 08:15"


def test_what_a_colleague_moved_meanwhile_stays_and_is_told(cast, browse, meeting, acting):
    with workspace_scope(cast.arman.id):
        update_record(
            acting(cast.sara), MEETING, Meeting.objects.get(id=meeting.id), {"starts_at": "2026-11-24 10:30"}
        )
    answer = browse(cast.sara).post(f"{HOME}/move", carried(meeting, "25T14:30", "25T16:00"))
    assert answer.status_code == 409
    assert "۱۰:۳۰" in json.loads(answer["HX-Trigger"])["toast"]["text"]
    assert json.loads(answer["HX-Trigger"])["changed"] == {"object": "meeting", "ids": [meeting.id]}
    assert fresh(cast, meeting)[0] == "24 10:30"


def test_wrong_and_forbidden_moves_change_nothing(cast, browse, meeting):
    client = browse(cast.sara)
    assert client.post(f"{HOME}/move", carried(meeting, "25T14:30", "25T13:00")).status_code == 422, (
        "ends before it begins"
    )
    for wrong in ({"at": "soon"}, {"which": "all"}, {"card": "deal:1"}, {"until": "late"}):
        assert (
            client.post(f"{HOME}/move", carried(meeting, "25T14:30", "25T15:00") | wrong).status_code == 404
        )
    assert (
        browse(cast.viewer).post(f"{HOME}/move", carried(meeting, "25T14:30", "25T15:00")).status_code == 403
    )
    assert browse(cast.babak).post(f"{HOME}/move", carried(meeting, "25T14:30", "25T15:00")).status_code in (
        403,
        404,
    )
    assert fresh(cast, meeting) == ("24 10:00", "24 11:00")


def test_a_full_day_of_one_hides_nobody_elses(cast, browse, make, monkeypatch):
    monkeypatch.setattr("peyvand.operational.scheduling.planning.MOST", 2)
    for n in range(3):
        make(cast.sara, TASK, title=f"Early {n}", due_at=f"2026-11-24 08:0{n}")
    make(cast.mina, TASK, title="Late", due_at="2026-11-24 16:00")
    client = browse(cast.sara)
    body = client.get(f"{HOME}?at=2026-11-24&span=day&who={cast.sara.id},{cast.mina.id}").content.decode()
    assert "Late" in column(body, "2026-11-24", cast.mina.id)[1]
    alone = column(client.get(f"{HOME}?at=2026-11-24&span=day").content.decode(), "2026-11-24")[1]
    assert ("Early 2" in alone, "۱ مورد دیگر" in alone) == (False, True)


@pytest.mark.parametrize("at", ["9999-12-31T23:00", "0001-01-01T00:00"])
def test_the_end_of_all_time_is_no_place_to_go(cast, browse, meeting, at):
    client = browse(cast.sara)
    sent = carried(meeting, "25T14:30") | {"at": at}
    assert client.post(f"{HOME}/move", sent).status_code == 404
    day = {"card": f"meeting:{meeting.id}", "day": at[:10], "from": "2026-11-24"}
    assert client.post(f"{HOME}/move", day).status_code == 404
    assert client.get(f"{HOME}/new?at={at}&until={at}").status_code == 200
    assert propose(cast.arman, [cast.sara.id], timedelta(hours=1), datetime(9999, 12, 31, tzinfo=UTC)) == []


def test_into_a_colleagues_column(cast, browse, meeting):
    client = browse(cast.sara)

    def owner():
        with workspace_scope(cast.arman.id):
            return Meeting.objects.get(id=meeting.id).owner_id

    answer = client.post(f"{HOME}/move", carried(meeting, "24T10:00", "24T11:00", owner=cast.mina.id))
    assert (answer.status_code, owner()) == (204, cast.mina.id)
    assert client.post(json.loads(answer["HX-Trigger"])["toast"]["undo"]).status_code == 204
    assert owner() == cast.sara.id


def test_of_a_series_one_or_all_that_follow(cast, browse, meeting, acting):
    with workspace_scope(cast.arman.id):
        repeat_meeting(acting(cast.sara), Meeting.objects.get(id=meeting.id), unit="week", weekdays=["1"])
    client = browse(cast.sara)
    asked = client.post(f"{HOME}/move", carried(meeting, "25T14:30", "25T16:00"))
    assert asked.status_code == 422
    assert 'name="which" value="following"' in asked.content.decode()
    assert fresh(cast, meeting)[0] == "24 10:00"
    assert (
        client.post(f"{HOME}/move", carried(meeting, "24T14:30", "24T16:00", which="one")).status_code == 204
    )
    with workspace_scope(cast.arman.id):
        assert f"{Series.objects.get().at:%H:%M}" == "10:00", "the rule stays"
    was = "2026-11-24T14:30/2026-11-24T16:00"
    answer = client.post(f"{HOME}/move", carried(meeting, "26T09:00", "26T10:00", was, which="following"))
    assert answer.status_code == 204
    assert "undo" not in json.loads(answer["HX-Trigger"])["toast"]
    with workspace_scope(cast.arman.id):
        series = Series.objects.get()
        assert (series.rule["weekdays"], f"{series.at:%H:%M}", series.minutes) == ([3], "09:00", 60)
        assert Occurrence.objects.get().on == date(2026, 11, 26)
        assert series.coming(date(2026, 11, 26), date(2026, 12, 5)) == [date(2026, 12, 3)]


def test_a_rule_of_months_is_not_guessed_at(cast, browse, meeting, acting):
    with workspace_scope(cast.arman.id):
        repeat_meeting(
            acting(cast.sara), Meeting.objects.get(id=meeting.id), unit="month", day=3, calendar="jalali"
        )
    client = browse(cast.sara)
    assert (
        client.post(f"{HOME}/move", carried(meeting, "25T10:00", "25T11:00", which="following")).status_code
        == 422
    )
    assert fresh(cast, meeting)[0] == "24 10:00", "nothing of it is kept"
    assert (
        client.post(f"{HOME}/move", carried(meeting, "24T12:00", "24T13:00", which="following")).status_code
        == 204
    )
    with workspace_scope(cast.arman.id):
        assert f"{Series.objects.get().at:%H:%M}" == "12:00"


def test_people_side_by_side_on_a_day(cast, browse, make, meeting):
    make(cast.mina, MEETING, title="Review", starts_at="2026-11-24 10:30", ends_at="2026-11-24 11:30")
    body = (
        browse(cast.sara)
        .get(f"{HOME}?at=2026-11-24&span=day&who={cast.sara.id},{cast.mina.id}")
        .content.decode()
    )
    assert "Tender" in column(body, "2026-11-24", cast.sara.id)[1]
    assert "Review" not in column(body, "2026-11-24", cast.sara.id)[1]
    assert "Review" in column(body, "2026-11-24", cast.mina.id)[1]


def test_overlaps_stand_beside_each_other_and_days_say_why_nobody_works(cast, browse, make, meeting, acting):
    make(cast.sara, MEETING, title="Other", starts_at="2026-11-24 10:30", ends_at="2026-11-24 11:30")
    make(cast.sara, MEETING, title="Fair", starts_at="2026-11-25 00:00", ends_at="2026-11-26 00:00")
    make(cast.sara, MEETING, title="Night", starts_at="2026-11-22 22:00", ends_at="2026-11-23 02:00")
    with workspace_scope(cast.arman.id):
        boss = acting(cast.sara)
        create_record(boss, HOLIDAY, {"name": "تعطیل شرکت", "day": "2026-11-23"})
        own = create_record(
            boss,
            ABSENCE,
            {"owner": cast.sara.id, "starts_on": "2026-11-24", "ends_on": "2026-11-24", "hours": "13-17"},
        )
        assert own.state == "approved"
    body = browse(cast.sara).get(f"{HOME}?at=2026-11-22").content.decode()
    _, tuesday = column(body, "2026-11-24")
    lanes = re.findall(
        r'hour-ev[^>]*data-low="(\d+)" data-high="(\d+)" data-lane="(\d)" data-lanes="(\d)"', tuesday
    )
    assert lanes == [("600", "660", "0", "2"), ("630", "690", "1", "2")]
    assert "غایب: " in tuesday
    works = re.findall(r'hours-work" data-low="(\d+)" data-high="(\d+)"', tuesday)
    assert works == [("480", "780")]
    monday = column(body, "2026-11-23")
    assert "تعطیل شرکت" in monday[1]
    assert "rest" in monday[0]
    assert re.search(r'data-low="0" data-high="120"', monday[1]), "what began yesterday"
    whole = column(body, "2026-11-25")[1]
    assert "hours-whole" in whole
    assert "Fair" in whole.partition("hours-line")[0]


def test_only_meetings_or_only_tasks(cast, browse, make, meeting):
    make(cast.sara, TASK, title="Send the offer", due_at="2026-11-24 09:30")
    for kind, seen, unseen in (("task", "Send the offer", "Tender"), ("meeting", "Tender", "Send the offer")):
        for span in ("week", "month"):
            body = browse(cast.sara).get(f"{HOME}?at=2026-11-22&kind={kind}&span={span}").content.decode()
            assert seen in body
            assert unseen not in body


@pytest.mark.parametrize("span", ["day", "week"])
def test_hours_cost_the_same_however_much_there_is(cast, browse, make, acting, meeting, span):
    client = browse(cast.sara)
    address = f"{HOME}?at=2026-11-24&span={span}&who={cast.sara.id},{cast.mina.id}&part=days"

    def cost():
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            client.get(address)
        return len(queries)

    make(cast.sara, TASK, title="First", due_at="2026-11-24 09:30")
    few = cost()
    with workspace_scope(cast.arman.id):
        rows = [
            {"title": f"M{n}", "starts_at": NOW + timedelta(days=n % 5, minutes=n), "owner": cast.sara.id}
            for n in range(40)
        ]
        create_records(acting(cast.sara), MEETING, rows)
    assert cost() == few


def test_made_where_one_points(cast, browse):
    client = browse(cast.sara)
    form = client.get(
        f"{HOME}/new?at=2026-11-25T14:00&until=2026-11-25T14:45", headers={"HX-Request": "true"}
    ).content.decode()
    assert 'value="2026-11-25T14:00"' in form
    sent = {
        "title": "Visit",
        "kind": "meeting",
        "starts_at": "2026-11-25T14:00",
        "ends_at": "2026-11-25T14:45",
        "owner": cast.sara.id,
    }
    assert client.post(f"{HOME}/new", sent, headers={"HX-Request": "true"}).status_code == 200
    assert (
        client.post(f"{HOME}/new", {**sent, "kind": "call"}, headers={"HX-Request": "true"}).status_code
        == 200
    )
    with workspace_scope(cast.arman.id):
        made = Meeting.objects.get()
        assert (made.ends_at - made.starts_at, made.owner_id) == (timedelta(minutes=45), cast.sara.id)
        task = Task.objects.get()
        assert (task.kind, task.due_at) == ("call", made.starts_at)
    refused = client.post(f"{HOME}/new", {**sent, "title": ""}, headers={"HX-Request": "true"})
    assert refused.status_code == 422
    assert 'aria-invalid="true"' in refused.content.decode()
    assert browse(cast.viewer).get(f"{HOME}/new").status_code == 404


def test_times_at_which_all_are_free(cast, browse, make, meeting):
    with workspace_scope(cast.arman.id):
        found = propose(
            cast.arman, [cast.sara.id], timedelta(hours=1), datetime(2026, 11, 24, 6, 30, tzinfo=UTC)
        )
        # Sara's meeting is until 11:00; the next days begin at eight, Thursday has work until one.
        assert [f"{at.astimezone(cast.arman.tz):%d %H:%M}" for at in found] == [
            "24 11:00",
            "25 08:00",
            "26 08:00",
        ]
        assert propose(cast.arman, [], timedelta(hours=1), NOW) == []
    guest = make(cast.sara, PERSON, name="مینا", emails=[{"value": "MINA@arman.example"}])
    make(cast.mina, MEETING, title="Busy", starts_at="2026-11-24 11:00", ends_at="2026-11-24 12:30")
    sent = {
        "starts_at": "2026-11-24T10:00",
        "ends_at": "2026-11-24T11:00",
        "participants": guest.id,
        "owner": cast.sara.id,
    }
    body = browse(cast.sara).post(f"{HOME}/times", sent).content.decode()
    assert re.findall(r'name="slot" value="([^"]+)/', body)[0] == "2026-11-24T12:30"
    [later] = re.findall(r'"after": "([^"]+)"', html.unescape(body))
    more = browse(cast.sara).post(f"{HOME}/times", {**sent, "after": later}).content.decode()
    first = [re.findall(r'name="slot" value="([^"]+)/', page) for page in (body, more)]
    assert len(first[1]) == 3
    assert min(first[1]) > max(first[0]), "later ones than those that were shown"
    strange = browse(cast.sara).post(f"{HOME}/times", {**sent, "after": "9999-12-31T23:59:00+00:00"})
    assert strange.status_code == 200
    shown = browse(cast.sara).get(f"{HOME}/times?meeting={meeting.id}").content.decode()
    assert 'name="at" value="2026-11-24T10:00"' in shown, "its own time does not stand in its way"
    chosen = {"title": "Plan", "kind": "meeting", "slot": "2026-11-24T12:30/2026-11-24T13:30", **sent}
    assert browse(cast.sara).post(f"{HOME}/new", chosen, headers={"HX-Request": "true"}).status_code == 200
    with workspace_scope(cast.arman.id):
        assert Meeting.objects.get(title="Plan").starts_at.astimezone(cast.arman.tz).hour == 12
