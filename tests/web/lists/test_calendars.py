"""Calendars and timelines: what stands in which day of whose calendar, carried to another day and back, at a bounded cost."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.web.lists.filling import make, value

from peyvand.operational.sales.models import Deal
from peyvand.platform.workspaces.scope import workspace_scope

HOME = "/w/arman/deals/calendar"


def deals(user: Any, *raws: dict[str, Any]) -> list[int]:
    return make(user, "deal", *({"name": f"Deal {n}", **raw} for n, raw in enumerate(raws)))


def day_in(body: str, iso: str) -> str:
    found = re.search(rf'<li class="plan-day[^"]*" data-day="{iso}">(.*?)</li>', body, re.DOTALL)
    assert found, iso
    return found[1]


def cards(html: str) -> list[int]:
    return [int(id) for id in re.findall(r'data-card="(\d+)"', html)]


def test_a_month_is_a_month_of_the_readers_calendar(cast: Any, browse: Any) -> None:
    """Azar 1405 goes from 22 November to 21 December 2026; its weeks begin on Saturday."""
    first, last, outside = deals(
        cast.sara, {"expected_on": "2026-11-22"}, {"expected_on": "2026-12-21"}, {"expected_on": "2027-02-01"}
    )
    body = browse(cast.sara).get(f"{HOME}?at=2026-12-01").content.decode()
    assert "آذر ۱۴۰۵" in body
    days = re.findall(r'data-day="([\d-]+)"', body)
    assert days[0] == "2026-11-21", "the Saturday before"
    assert len(days) % 7 == 0
    assert cards(day_in(body, "2026-11-22")) == [first]
    assert cards(day_in(body, "2026-12-21")) == [last]
    assert outside not in cards(body)


def test_an_instant_stands_in_its_day_on_the_clocks_of_the_workspace(cast: Any, browse: Any) -> None:
    [late] = make(cast.sara, "task", {"title": "Night call", "due_at": "2026-12-01T22:30:00Z"})
    body = browse(cast.sara).get("/w/arman/tasks/calendar?at=2026-12-01&on=due_at").content.decode()
    assert cards(day_in(body, "2026-12-02")) == [late], "two o'clock in Tehran is the next day"
    assert "۰۲:۰۰" in day_in(body, "2026-12-02")


def test_a_record_is_carried_to_another_day_and_back(cast: Any, browse: Any) -> None:
    [id] = deals(cast.sara, {"expected_on": "2026-12-01"})
    client = browse(cast.sara)
    moved = client.post(f"{HOME}/move", {"card": id, "day": "2026-12-05", "from": "2026-12-01"})
    assert moved.status_code == 204
    assert value(cast.sara, "deal", id, "expected_on") == date(2026, 12, 5)
    undo = json.loads(moved["HX-Trigger"])["toast"]["undo"]
    assert client.post(undo).status_code == 204
    assert value(cast.sara, "deal", id, "expected_on") == date(2026, 12, 1)
    late = client.post(f"{HOME}/move", {"card": id, "day": "2026-12-09", "from": "2026-12-05"})
    assert late.status_code == 409, "a colleague was faster"
    assert value(cast.sara, "deal", id, "expected_on") == date(2026, 12, 1)


def test_a_meeting_keeps_its_time_and_its_length(cast: Any, browse: Any) -> None:
    [id] = make(
        cast.sara,
        "meeting",
        {"title": "Review", "starts_at": "2026-12-01T10:00:00Z", "ends_at": "2026-12-01T11:30:00Z"},
    )
    url = "/w/arman/meetings/calendar/move"
    moved = browse(cast.sara).post(url, {"card": id, "day": "2026-12-03", "from": "2026-12-01"})
    assert moved.status_code == 204, moved["HX-Trigger"]
    assert value(cast.sara, "meeting", id, "starts_at") == datetime(2026, 12, 3, 10, tzinfo=UTC)
    assert value(cast.sara, "meeting", id, "ends_at") == datetime(2026, 12, 3, 11, 30, tzinfo=UTC)


def test_who_may_not_change_a_record_cannot_carry_it(cast: Any, browse: Any) -> None:
    [id] = deals(cast.sara, {"expected_on": "2026-12-01"})
    client = browse(cast.viewer)
    assert "data-move-url" not in client.get(f"{HOME}?at=2026-12-01").content.decode()
    refused = client.post(f"{HOME}/move", {"card": id, "day": "2026-12-05", "from": "2026-12-01"})
    assert refused.status_code == 403
    assert value(cast.sara, "deal", id, "expected_on") == date(2026, 12, 1)
    stranger = browse(cast.cyrus).post(
        "/w/rival/deals/calendar/move", {"card": id, "day": "2026-12-05", "from": "2026-12-01"}
    )
    assert stranger.status_code == 404


def test_a_full_day_says_how_many_more_and_leads_to_them(cast: Any, browse: Any) -> None:
    deals(cast.sara, *({"expected_on": "2026-12-01"} for _ in range(9)))
    client = browse(cast.sara)
    day = day_in(client.get(f"{HOME}?at=2026-12-01").content.decode(), "2026-12-01")
    assert len(cards(day)) == 4
    more = re.search(r'class="plan-more" href="([^"]+)"', day)
    assert more
    rows = client.get(more[1].replace("&amp;", "&")).content.decode()
    assert rows.count('<tr data-id="') == 9
    assert "۵ " in day


def test_what_it_costs_does_not_grow_with_the_records(cast: Any, browse: Any) -> None:
    client = browse(cast.sara)

    def cost(url: str) -> int:
        client.get(url)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(url).status_code == 200
        return len(queries)

    urls = [f"{HOME}?at=2026-12-01", "/w/arman/deals/timeline?at=2026-12-01&lane=owner"]
    deals(cast.sara, {"expected_on": "2026-12-01"})
    few = [cost(url) for url in urls]
    deals(cast.sara, *({"expected_on": f"2026-12-{n:02}"} for n in range(1, 20)))
    assert [cost(url) for url in urls] == few
    assert max(few) <= 16


def test_bars_last_from_start_to_end_in_lanes(cast: Any, browse: Any) -> None:
    make(
        cast.sara,
        "deal",
        {"name": "Through", "engaged_on": "2026-10-01", "expected_on": "2027-03-01", "source": "website"},
        {"name": "Within", "engaged_on": "2026-11-25", "expected_on": "2026-12-01", "source": "referral"},
        {"name": "Before", "engaged_on": "2026-01-01", "expected_on": "2026-02-01", "source": "referral"},
        {"name": "Moment", "engaged_on": "2026-12-10"},
    )
    url = "/w/arman/deals/timeline?at=2026-12-01&on=engaged_on&until=expected_on&lane=source"
    body = browse(cast.sara).get(url).content.decode()
    assert "Before" not in body
    through = re.search(r'<i class="v-(\d+)"></i><a class="gantt-bar v-(\d+)[^>]*><span>Through', body)
    assert through
    assert (through[1], through[2]) == ("0", "100")
    assert body.index("Within") > body.index("Through"), "lanes stand in the order of the choices"
    assert body.index("Moment") > body.index("Within"), "without a value last"


def test_an_ended_deal_is_drawn_to_the_day_it_ended(cast: Any, browse: Any) -> None:
    lasts = {"engaged_on": "2026-11-25", "expected_on": "2027-03-01"}
    make(cast.sara, "deal", {"name": "Over", **lasts}, {"name": "Open", **lasts})
    with workspace_scope(cast.arman.id):
        Deal.objects.filter(name="Over").update(status="won", closed_on=date(2026, 12, 6))
    client = browse(cast.sara)

    def width(url: str, name: str) -> int:
        found = re.search(rf'class="gantt-bar v-(\d+)[^>]*><span>{name}', client.get(url).content.decode())
        return int(found[1]) if found else 0

    here, later = (f"/w/arman/deals/timeline?on=engaged_on&at={day}" for day in ("2026-12-01", "2027-02-01"))
    assert 0 < width(here, "Over") < 50 < width(here, "Open")
    assert width(later, "Open") > 0
    assert width(later, "Over") == 0, "it is over by then"
    assert width(f"{here}&until=expected_on", "Over") == width(here, "Open"), (
        "the plan, where it is asked for"
    )


@pytest.mark.parametrize(
    "words", ["at=nonsense", "at=0001-01-01", "at=9999-12-31", "on=name", "span=decade", "lane=tags"]
)
@pytest.mark.parametrize("screen", ["calendar", "timeline"])
def test_addresses_that_make_no_sense_show_this_month(
    cast: Any, browse: Any, screen: str, words: str
) -> None:
    assert browse(cast.sara).get(f"/w/arman/deals/{screen}?{words}").status_code == 200


def test_every_object_can_be_looked_at_by_its_dates(cast: Any, browse: Any) -> None:
    from peyvand.platform.objects.spec import all_objects

    client = browse(cast.sara)
    with workspace_scope(cast.arman.id):
        specs = all_objects()
    for spec in specs:
        for screen in ("calendar", "timeline"):
            assert client.get(f"/w/arman/{spec.plural}/{screen}").status_code == 200, (spec.key, screen)


def test_a_timeline_of_nothing_at_all_offers_the_first_record(cast: Any, browse: Any) -> None:
    client = browse(cast.sara)
    at, new = "/w/arman/deals/timeline?part=bars", 'href="/w/arman/deals/new"'
    assert new in client.get(at).content.decode()
    deals(cast.sara, {"expected_on": "2031-02-01"})
    other = client.get(f"{at}&at=2026-01-01").content.decode()
    assert "gantt-bar" not in other
    assert new not in other
