"""A calendar elsewhere: the secret address, what stands in it, and that it ends when it is taken back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from icalendar import Calendar

from peyvand.kernel import clock
from peyvand.operational.activities.public import MEETING, TASK
from peyvand.operational.scheduling.actions import repeat_meeting
from peyvand.operational.scheduling.models import CalendarFeed
from peyvand.platform.identity.actor import access_changed
from peyvand.platform.identity.models import User
from peyvand.platform.objects.records import create_record
from peyvand.platform.workspaces.scope import workspace_scope

NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def now():
    with clock.freeze(NOW):
        yield


def path_of(cast, user):
    with workspace_scope(cast.arman.id):
        return f"/feed/{cast.arman.id}-{CalendarFeed.objects.get(user=user).secret}.ics"


def events(body):
    return {str(e["summary"]): e for e in Calendar.from_ical(body).walk("VEVENT")}


def test_a_feed_is_made_read_renewed_and_taken_back(cast, acting, browse):
    hostile = "Round; with, commas\\ and\nBEGIN:VEVENT"
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        raw = {
            "title": "Tender round",
            "starts_at": "2026-11-24 10:00",
            "ends_at": "2026-11-24 11:30",
            "place": "Hall 2",
        }
        weekly = create_record(ctx, MEETING, raw)
        repeat_meeting(ctx, weekly, unit="week", count=3)
        create_record(ctx, MEETING, {**raw, "title": hostile})
        create_record(ctx, TASK, {"title": "Send the offer", "due_at": "2026-11-25 09:00"})
        create_record(acting(cast.mina), MEETING, {**raw, "title": "Somebody else's"})
    client = browse(cast.sara)
    home = "/w/arman/calendar/feed"
    assert "هنوز نشانی‌ای ساخته نشده است" in client.get(home).content.decode()
    client.post(home, {"do": "make"})
    path = path_of(cast, cast.sara)
    assert path in client.get(home).content.decode()

    answer = Client().get(path)
    assert answer.headers["Content-Type"].startswith("text/calendar")
    found = list(Calendar.from_ical(answer.content).walk("VEVENT"))
    rounds = sorted(e["dtstart"].dt for e in found if e["summary"] == "Tender round")
    first = datetime(2026, 11, 24, 6, 30, tzinfo=UTC)
    assert rounds == [first + timedelta(days=7 * n) for n in range(3)], "what comes again, day by day"
    assert len({str(e["uid"]) for e in found}) == len(found) == 5
    named = events(answer.content)
    assert named["Tender round"]["location"] == "Hall 2"
    assert not any("Somebody" in title for title in named)
    assert any("Round; with, commas" in title for title in named)
    task = next(e for title, e in named.items() if "Send the offer" in title)
    assert task["transp"] == "TRANSPARENT"

    client.post(home, {"do": "make"})
    assert Client().get(path).status_code == 404
    path = path_of(cast, cast.sara)
    client.post(home, {"do": "drop"})
    assert Client().get(path).status_code == 404


def test_who_left_has_no_feed_and_guesses_lead_nowhere(cast, browse):
    browse(cast.babak).post("/w/arman/calendar/feed", {"do": "make"})
    path = path_of(cast, cast.babak)
    assert Client().get(path).status_code == 200
    with workspace_scope(cast.arman.id):
        User.objects.filter(id=cast.babak.id).update(is_active=False)
        access_changed(cast.arman.id)
    assert Client().get(path).status_code == 404
    for wrong in (
        "x",
        "1-x",
        f"{cast.rival.id}-{path.partition('-')[2].removesuffix('.ics')}",
        f"9{path[6:-4]}",
    ):
        assert Client().get(f"/feed/{wrong}.ics").status_code == 404
    assert browse(cast.viewer).get("/w/arman/calendar/feed").status_code == 404


def test_a_meeting_as_a_file(cast, acting, browse):
    with workspace_scope(cast.arman.id):
        raw = {"title": "جلسهٔ مناقصه", "starts_at": "2026-11-24 10:00", "status": "cancelled"}
        meeting = create_record(acting(cast.sara), MEETING, raw)
    [event] = Calendar.from_ical(
        browse(cast.sara).get(f"/w/arman/meetings/{meeting.id}/meeting.ics").content
    ).walk("VEVENT")
    assert (str(event["summary"]), event["status"]) == ("جلسهٔ مناقصه", "CANCELLED")
    assert event["dtend"].dt - event["dtstart"].dt == timedelta(minutes=30)
    assert browse(cast.cyrus).get(f"/w/rival/meetings/{meeting.id}/meeting.ics").status_code == 404
