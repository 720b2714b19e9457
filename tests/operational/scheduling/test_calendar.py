"""The calendar: whose tasks and meetings stand in which day, what falls together, what is carried, what will come."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from peyvand.kernel import clock
from peyvand.operational.activities.public import MEETING, TASK, Meeting, Task
from peyvand.operational.scheduling.actions import repeat_meeting
from peyvand.platform.objects.records import create_record, create_records
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


def meeting(make, user, title, start, end, **raw):
    return make(user, MEETING, title=title, starts_at=f"2026-11-{start}", ends_at=f"2026-11-{end}", **raw)


def day_in(body, iso):
    """The classes and the inside of a day's column."""
    found = re.search(
        rf'<li class="(hours-col[^"]*)" data-day="{iso}"(.*?)(?=<li class="hours-col|</ol></div>)',
        body,
        re.DOTALL,
    )
    assert found, iso
    return found[1], found[2]


def page(browse, user, query=""):
    return browse(user).get(f"{HOME}?at=2026-11-22{query}").content.decode()


def test_a_week_from_saturday_with_tasks_and_meetings_of_mine(cast, browse, make):
    own = meeting(make, cast.sara, "Tender round", "24 10:00", "24 11:00")
    task = make(cast.sara, TASK, title="Send the offer", due_at="2026-11-24 09:30")
    meeting(make, cast.mina, "Somebody else's", "24 10:00", "24 11:00")
    gone = meeting(make, cast.sara, "Called off", "24 12:00", "24 13:00", status="cancelled")
    body = page(browse, cast.sara)
    assert re.findall(r'data-day="([\d-]+)"', body)[0] == "2026-11-21"
    _, day = day_in(body, "2026-11-24")
    assert re.findall(r'data-card="([\w:]+)"', day) == [f"task:{task.id}", f"meeting:{own.id}"]
    assert "۰۹:۳۰" in day
    assert f"meeting:{gone.id}" not in body
    assert "rest" in day_in(body, "2026-11-27")[0], "Friday"
    assert "rest" not in day_in(body, "2026-11-24")[0]


@pytest.mark.parametrize(("span", "count"), [("day", 1), ("week", 7), ("month", 35)])
def test_day_week_and_month(cast, browse, span, count):
    assert page(browse, cast.sara, f"&span={span}").count("data-day=") == count


def test_people_and_teams_and_what_one_may_not_see(cast, browse, make):
    minas = meeting(make, cast.mina, "Review", "24 10:00", "24 11:00")
    babaks = meeting(make, cast.babak, "Visit", "24 12:00", "24 13:00")
    both = page(browse, cast.sara, f"&who={cast.mina.id},{cast.babak.id}")
    team = page(browse, cast.sara, f"&team={cast.mina.team_id}")
    for body in (both, team):
        assert f'data-card="meeting:{minas.id}"' in body
        assert f'data-card="meeting:{babaks.id}"' in body
    one = page(browse, cast.sara, f"&who={cast.mina.id}")
    assert f'data-card="meeting:{babaks.id}"' not in one
    stranger = browse(cast.cyrus).get(f"/w/rival/calendar?at=2026-11-22&who={cast.mina.id}").content.decode()
    assert "Review" not in stranger


def test_what_falls_together_is_marked(cast, browse, make):
    meeting(make, cast.sara, "Alpha", "24 10:00", "24 11:00")
    meeting(make, cast.sara, "Beta", "24 10:30", "24 11:30")
    meeting(make, cast.sara, "Gamma", "24 11:30", "24 12:00")
    _, day = day_in(page(browse, cast.sara), "2026-11-24")
    assert day.count('title="هم‌زمان با: Beta"') == 1
    assert day.count('title="هم‌زمان با: Alpha"') == 1
    assert "هم‌زمان با: Gamma" not in day


def test_carried_to_another_day_and_back(cast, browse, make):
    own = meeting(make, cast.sara, "Tender round", "24 10:00", "24 11:15")
    client = browse(cast.sara)
    words = {"card": f"meeting:{own.id}", "day": "2026-11-26", "from": "2026-11-24"}
    answer = client.post(f"{HOME}/move", words)
    assert answer.status_code == 204
    with workspace_scope(cast.arman.id):
        moved = Meeting.objects.get(id=own.id)
        assert (moved.starts_at.day, moved.ends_at - moved.starts_at) == (26, own.ends_at - own.starts_at)
    assert client.post(f"{HOME}/move", words).status_code == 409, "it is not there any more"
    undo = json.loads(answer["HX-Trigger"])["toast"]["undo"]
    assert client.post(undo).status_code == 204
    with workspace_scope(cast.arman.id):
        assert Meeting.objects.get(id=own.id).starts_at == own.starts_at
    for wrong in ({**words, "card": "deal:1"}, {**words, "card": "task:x"}, {**words, "day": "soon"}):
        assert client.post(f"{HOME}/move", wrong).status_code == 404
    assert (
        browse(cast.viewer)
        .post(f"{HOME}/move", {**words, "day": "2026-11-25", "from": "2026-11-24"})
        .status_code
        == 403
    )


def test_what_will_come_is_shown_before_it_is_made(cast, browse, make, acting):
    own = meeting(make, cast.sara, "Weekly round", "23 10:00", "23 11:00")
    with workspace_scope(cast.arman.id):
        repeat_meeting(acting(cast.sara), own, unit="day", every=2)
    _, day = day_in(page(browse, cast.sara), "2026-11-25")
    assert "coming" in day
    assert "Weekly round" in day
    assert "data-card" not in day
    with workspace_scope(cast.arman.id):
        assert Meeting.objects.count() == 1


def test_nonsense_in_the_address_shows_the_week(cast, browse):
    for query in (
        "?at=x&span=eon&who=a,b,99999999999999999999&team=-1",
        "?at=9999-12-31",
        "?who=" + "1," * 600,
    ):
        answer = browse(cast.sara).get(HOME + query)
        assert answer.status_code == 200
        assert answer.content.decode().count("data-day=") == 7


def test_it_costs_the_same_however_much_there_is(cast, browse, make, acting):
    client = browse(cast.sara)
    address = f"{HOME}?at=2026-11-22&span=month&who={cast.sara.id},{cast.mina.id}&part=days"

    def cost():
        client.get(address)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            client.get(address)
        return len(queries)

    meeting(make, cast.sara, "First", "24 10:00", "24 11:00")
    make(cast.sara, TASK, title="First", due_at="2026-11-24 09:30")
    few = cost()
    with workspace_scope(cast.arman.id):
        rows = [{"title": f"Task {n}", "due_at": NOW, "owner": cast.mina.id} for n in range(60)]
        create_records(acting(cast.sara), TASK, rows)
        assert Task.objects.count() == 61
    assert cost() == few
