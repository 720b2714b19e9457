"""The client library that others build on, against a real server: what both sides do, and what a kill leaves."""

from __future__ import annotations

import gc
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from warnings import catch_warnings, simplefilter

import pytest

from peyvand.testing.installation import Installation, Owner

# It takes the place of urllib3 where it is installed, and so cannot lie beside schemathesis: `pip install "caldav>=3.6"` first.
caldav = pytest.importorskip("caldav")
error = pytest.importorskip("caldav.lib.error")
pytestmark = pytest.mark.slow
_PASSWORD = """
import json
from peyvand.operational.calendars.passwords import make_password
from peyvand.platform.actions.context import Context
from peyvand.platform.identity.actor import user_actor
from peyvand.platform.identity.models import User
from peyvand.platform.workspaces.scope import workspace_scope
with workspace_scope({id}):
    user = User.objects.get(email={email!r})
    print(json.dumps(make_password(Context(user_actor({id}, user.id), "cli"), name="Library")))
"""
START = datetime(2031, 3, 4, 8, 0, tzinfo=UTC)


@pytest.fixture
def installed(tmp_path: Path) -> Iterator[Installation]:
    installed = Installation(tmp_path / "data", {})
    installed.open()
    try:
        yield installed
    finally:
        installed.close()


@pytest.fixture
def calendars(installed: Installation) -> Iterator[Callable[[Owner], dict[str, Any]]]:
    """``calendars(owner)``: theirs by name, as the library finds them; its connections end with the test."""
    with ExitStack() as ending:

        def find(owner: Owner) -> dict[str, Any]:
            code = _PASSWORD.format(id=owner.workspace_id, email=owner.email)
            client = caldav.DAVClient(
                f"http://127.0.0.1:{installed.port}/dav/",
                username=owner.email,
                password=installed.script(code),
            )
            ending.callback(client.close)
            found = client.principal().calendars()
            return {str(one.url).rstrip("/").rpartition("/")[2]: one for one in found}

        yield find
    # The connection that the kill broke is left to the garbage collector by the library.
    with catch_warnings():
        simplefilter("ignore", ResourceWarning)
        gc.collect()


def test_a_real_client_makes_finds_changes_and_deletes_and_hears_of_everything(
    installed: Installation, calendars: Callable[[Owner], dict[str, Any]]
) -> None:
    owner = installed.workspace("first")
    installed.serve()
    mine = calendars(owner)
    assert mine.keys() == {"meetings", "tasks"}
    meetings, tasks = mine["meetings"], mine["tasks"]

    made = meetings.save_event(
        dtstart=START, dtend=START + timedelta(hours=1), summary="Agreed", location="Hall"
    )
    listed = installed.ask("GET", "/api/v1/meetings", headers=owner.headers).json["items"]
    assert [(one["title"], one["place"]) for one in listed] == [("Agreed", "Hall")]
    token = meetings.objects_by_sync_token(load_objects=False).sync_token

    # Changed here, by a program of the API; the client hears of it and reads it.
    change = {"title": "Agreed anew"}
    assert (
        installed.ask("PATCH", f"/api/v1/meetings/{listed[0]['id']}", change, headers=owner.headers).status
        == 200
    )
    news = meetings.objects_by_sync_token(token, load_objects=True)
    assert ["SUMMARY:Agreed anew" in one.data for one in news] == [True]

    # A kill in between loses nothing of what was answered, and the token holds.
    installed.stop("server", signal.SIGKILL)
    installed.serve()
    later = meetings.save_event(dtstart=START + timedelta(days=1), summary="After the kill")
    told = [str(one.url) for one in meetings.objects_by_sync_token(news.sync_token, load_objects=False)]
    assert [url.rpartition("/")[2] for url in told] == [str(later.url).rpartition("/")[2]]

    # Both changed it: the client's older state does not win.
    before = meetings.event_by_url(made.url)
    assert (
        installed.ask(
            "PATCH", f"/api/v1/meetings/{listed[0]['id']}", {"title": "Ours"}, headers=owner.headers
        ).status
        == 200
    )
    answer = before.client.put(
        str(before.url), before.data, {"If-Match": '"an-older-state"', "Content-Type": "text/calendar"}
    )
    assert answer.status == 412
    assert "SUMMARY:Ours" in meetings.event_by_url(made.url).data

    found = meetings.search(start=START - timedelta(hours=1), end=START + timedelta(hours=2), event=True)
    assert len(found) == 1
    weekly = meetings.save_event(
        dtstart=START, dtend=START + timedelta(hours=1), summary="Weekly", rrule={"FREQ": "WEEKLY"}
    )
    in_weeks = meetings.search(
        start=START + timedelta(days=27), end=START + timedelta(days=29), event=True, expand=True
    )
    assert [str(one.icalendar_component["summary"]) for one in in_weeks] == ["Weekly"]
    weekly.delete()
    with pytest.raises(error.NotFoundError):
        meetings.event_by_url(weekly.url).load()

    todo = tasks.save_todo(summary="Send it", due=START)
    assert [str(one.icalendar_component["summary"]) for one in tasks.todos()] == ["Send it"]
    todo.complete()
    assert tasks.todos() == []
    assert installed.ask("GET", "/api/v1/tasks", headers=owner.headers).json["items"][0]["status"] == "done"

    other = calendars(installed.workspace("second"))
    assert other["meetings"].events() == []
    with pytest.raises((error.NotFoundError, error.AuthorizationError, error.PropfindError)):
        caldav.Calendar(other["meetings"].client, url=meetings.url).events()
