"""A calendar from a file: new, changed, as it is, unreadable; calendars elsewhere whose times count as taken; hostile bodies."""

from __future__ import annotations

import random
import re
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from peyvand.kernel import clock
from peyvand.kernel.errors import Conflict, Invalid
from peyvand.operational.activities.public import MEETING, Meeting, Task
from peyvand.operational.calendars.importing import preview, things_in
from peyvand.operational.calendars.jobs import read_one
from peyvand.operational.calendars.models import BusyTime, CalendarImport, Subscription
from peyvand.operational.calendars.reading import gathered, parts
from peyvand.operational.calendars.subscriptions import (
    subscribe,
    taken_elsewhere,
    taken_in,
    unsubscribe,
)
from peyvand.operational.calendars.taking import take_back, undo, work_off
from peyvand.operational.scheduling.public import BOOKING_PAGE, Series, free_times
from peyvand.platform.audit.models import AuditEntry
from peyvand.platform.objects.records import create_record, update_record
from peyvand.platform.sealing import seal
from peyvand.platform.workspaces.scope import workspace_scope

from .conftest import event, ics, take_over, todo

NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def now():
    with clock.freeze(NOW):
        yield


FILE = ics(
    *event("one@x", "SUMMARY:One", "DTSTART:20261124T063000Z", "DTEND:20261124T073000Z"),
    *event("bad@x", "SUMMARY:Bad", "DTSTART:yesterday"),
    *event("weekly@x", "SUMMARY:Weekly", "DTSTART:20261125T063000Z", "DTEND:20261125T070000Z", "RRULE:FREQ=WEEKLY;COUNT=10",
           "EXDATE:20261202T063000Z"),
    *event("weekly@x", "RECURRENCE-ID:20261209T063000Z", "SUMMARY:Weekly, later", "DTSTART:20261209T083000Z"),
    *event("off@x", "SUMMARY:Called off", "DTSTART:20261126T063000Z", "STATUS:CANCELLED"),
    *event("ends@x", "SUMMARY:Ends early", "DTSTART:20261126T063000Z", "DTEND:20261125T063000Z"),
    *event("", "SUMMARY:Nameless", "DTSTART:20261126T063000Z"),
    *todo("do@x", "SUMMARY:Do it", "DUE:20261127T063000Z"),
).encode()  # fmt: skip


def test_a_file_is_looked_at_taken_over_and_changes_nothing_twice(cast, acting):
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        found = preview(ctx, FILE)
        assert [one.uid for one in found.new] == ["one@x", "weekly@x", "off@x", "do@x"]
        assert [(one.line, one.title) for one in found.unreadable] == [
            (11, "Bad"),
            (40, "Ends early"),
            (47, "Nameless"),
        ]
        assert not Meeting.objects.exists()
        take_over(ctx, FILE)
        rows = dict(Meeting.objects.values_list("title", "status"))
        assert rows == {
            "One": "planned",
            "Weekly": "planned",
            "Weekly, later": "planned",
            "Called off": "cancelled",
        }
        assert Task.objects.get().title == "Do it"
        coming = Series.objects.get().coming(date(2026, 11, 26), date(2026, 12, 20))
        assert coming == [date(2026, 12, 16)], "one day left out, one made for itself"
        again = preview(ctx, FILE)
        assert (again.new, again.changed, again.same) == ([], [], 4)
        take_over(ctx, FILE)
        assert Meeting.objects.count() == 4
        other = FILE.replace(b"SUMMARY:One", b"SUMMARY:Won").replace(
            b"DTEND:20261125T070000Z", b"DTEND:20261125T073000Z"
        )
        assert [one.uid for one in preview(ctx, other).changed] == ["one@x", "weekly@x"]
        take_over(ctx, other)
        assert Meeting.objects.filter(title="Won").count() == 1
        assert Series.objects.get().minutes == 60
        assert preview(acting(cast.babak), FILE).new, "what Sara took over is not Babak's"


def test_a_file_is_undone_but_for_what_someone_worked_on_since(cast, acting, monkeypatch):
    """In sets of two: the first file makes, the second changes; each is undone to what stood before it."""
    monkeypatch.setattr("peyvand.operational.calendars.taking._SET", 2)
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        first = take_over(ctx, FILE)
        assert (first.state, first.total, first.done, first.body) == ("done", 4, 4, "")
        assert first.counts == {"new": 4, "changed": 0, "same": 0, "refused": 3}
        later = FILE.replace(b"SUMMARY:One", b"SUMMARY:Won").replace(
            b"RRULE:FREQ=WEEKLY;COUNT=10", b"RRULE:FREQ=DAILY;COUNT=5"
        )
        second = take_over(ctx, later)
        assert (second.counts["changed"], second.counts["same"]) == (2, 2)
        assert Series.objects.get(ended_at=None).repeats.unit == "day"
        undo(ctx, second)
        take_back(cast.arman, second.id)
        second.refresh_from_db()
        assert (second.state, second.counts["restored"], second.told) == ("undone", 2, [])
        assert Meeting.objects.filter(title="One").exists()
        assert Series.objects.get(ended_at=None).repeats.unit == "week"
        with pytest.raises(Conflict), workspace_scope(cast.arman.id):
            undo(ctx, second)
        update_record(ctx, MEETING, Meeting.objects.get(title="Called off"), {"place": "Here"})
        with pytest.raises(Conflict), workspace_scope(cast.arman.id):
            undo(acting(cast.babak), first)
        undo(ctx, first)
        take_back(cast.arman, first.id)
        first.refresh_from_db()
        living = Meeting.objects.filter(deleted_at=None).values_list("title", flat=True)
        assert set(living) == {"One", "Called off"}, "one was changed and changed back, one changed since"
        assert not Task.objects.filter(deleted_at=None).exists()
        assert [one["title"] for one in first.told] == ["Called off", "One"]
        lines = AuditEntry.objects.filter(action__contains="calendar").values_list("detail", flat=True)
        assert len([one for one in lines if one.get("run")]) == 4, "one line for each work"


def test_what_is_no_calendar_or_too_much_is_refused(cast, acting):
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        for body in (
            b"",
            b"\xff\xfe",
            b"hello",
            b"x" * 2_000_001,
            b"BEGIN:VCALENDAR\n" + b"BEGIN:VEVENT\nEND:VEVENT\n" * 2001,
        ):
            with pytest.raises(Invalid):
                preview(ctx, body)
        broken = preview(ctx, b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nSUMMARY:Half\nDTSTART:20261124T063000Z")
        assert [one.title for one in broken.unreadable] == ["Half"]


def test_a_rule_that_cannot_be_kept_is_told_of_before_anything_is_written(cast, acting):
    rules = ("FREQ=SECONDLY;COUNT=9", "FREQ=DAILY;COUNT=-5", "FREQ=DAILY;INTERVAL=0")
    body = ics(*(
        line for n, rule in enumerate(rules) for line in event(f"{n}@x", "DTSTART:20261124T063000Z", f"RRULE:{rule}")
    ))  # fmt: skip
    with workspace_scope(cast.arman.id):
        found = preview(acting(cast.sara), body.encode())
    assert (len(found.new), len(found.unreadable)) == (0, 3)
    assert "islice" not in str(found.unreadable)


def test_a_time_zone_is_read_only_for_those_that_name_it(monkeypatch):
    zone = """BEGIN:VTIMEZONE\r\nTZID:{}\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\nTZOFFSETFROM:+0500\r
TZOFFSETTO:+0500\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"""
    zones = "".join(zone.format(name) for name in ("Here: and there", "Asia/Tehran", *range(50)))
    body = ics(
        *event("a", 'DTSTART;TZID="Here: and\r\n  there":20261124T100000'),
        *event("b", "DTSTART;TZID=Asia/Tehran:20261124T100000"),
    ).replace("BEGIN:VEVENT", f"{zones}BEGIN:VEVENT", 1)
    things, lost = things_in(body.encode(), UTC)
    assert lost == []
    assert [one.master.values["starts_at"].astimezone(UTC).hour for one in things] == [5, 6]
    monkeypatch.setattr("peyvand.operational.calendars.importing.MOST_ZONES", 200)
    assert len(things_in(body.encode(), UTC)[0]) == 2
    monkeypatch.setattr("peyvand.operational.calendars.importing.MOST_ZONES", 100)
    with pytest.raises(Invalid):
        things_in(body.encode(), UTC)


def test_the_page_shows_what_becomes_of_a_file_and_takes_it_over(cast, browse):
    client = browse(cast.sara)
    here = "/w/arman/settings/calendars/import"
    assert client.get(here).status_code == 200
    page = client.post(here, {"file": SimpleUploadedFile("mine.ics", FILE)}).content.decode()
    assert "Ends early" in page
    assert "پایان نمی‌تواند پیش از آغاز باشد" in page
    assert "mine.ics" in page
    body = page.partition('name="body" value="')[2].partition('"')[0]
    place = client.post(here, {"body": body, "name": "mine.ics"})["Location"]
    assert 'hx-get="' in client.get(place).content.decode(), "it waits, and tells how far it is"
    with workspace_scope(cast.arman.id):
        run = CalendarImport.objects.get()
    work_off(cast.arman, run.id)
    with workspace_scope(cast.arman.id):
        assert Meeting.objects.count() == 4
    assert client.get(f"{place}?part=progress")["HX-Refresh"] == "true"
    page = client.get(place).content.decode()
    assert "وارد شد" in page
    assert "پایان نمی‌تواند پیش از آغاز باشد" in page
    assert "mine.ics" in client.get(here).content.decode(), "it stands among the earlier ones"
    assert browse(cast.babak).get(place).status_code == 404
    assert client.post(f"{place}/undo").status_code == 302
    take_back(cast.arman, run.id)
    assert "برگردانده" in client.get(place).content.decode()
    with workspace_scope(cast.arman.id):
        assert not Meeting.objects.filter(deleted_at=None).exists()
    assert client.post(here, {"body": "%%%"}).status_code == 422
    assert client.post(here, {}).status_code == 422
    assert client.post(here, {"file": SimpleUploadedFile("x.png", b"\x89PNG")}).status_code == 422
    assert browse(cast.viewer).get(here).status_code in (403, 404)


def blocks(body, day):
    """What other calendars say of a day, by title with its box in minutes."""
    column = body.partition(f'data-day="{day}"')[2].partition("</li><li class=")[0]
    found = re.findall(
        r'<div class="plan-ev[^"]* elsewhere"(?: data-low="(\d+)" data-high="(\d+)")?.*?<span class="trunc[^"]*">([^<]*)<',
        column,
    )
    return [(title, *map(int, filter(None, box))) for *box, title in found]


def test_times_taken_elsewhere_are_drawn_and_told_to_their_owner_alone(cast, acting, browse):
    with workspace_scope(cast.arman.id):
        row = Subscription.objects.create(user_id=cast.sara.id, name="Home", address="", made_at=NOW)
        for title, start, end in (
            ("Dentist", "2026-11-24T09:00", "2026-11-24T10:30"),
            ("Fair", "2026-11-25T00:00", "2026-11-27T00:00"),
            ("Night train", "2026-11-27T22:00", "2026-11-28T06:00"),
        ):
            moments = [datetime.fromisoformat(at).replace(tzinfo=cast.arman.tz) for at in (start, end)]
            BusyTime.objects.create(subscription=row, title=title, starts_at=moments[0], ends_at=moments[1])
    home = "/w/arman/calendar?at=2026-11-24"
    week = browse(cast.sara).get(home).content.decode()
    assert blocks(week, "2026-11-24") == [("Dentist", 540, 630)]
    assert blocks(week, "2026-11-25") == blocks(week, "2026-11-26") == [("Fair",)], (
        "each of its days has its part"
    )
    assert blocks(week, "2026-11-27") == [("Night train", 1320, 1440)]
    month = browse(cast.sara).get(f"{home}&span=month").content.decode()
    for title in ("Dentist", "Fair", "Night train"):
        assert title in month
    theirs = browse(cast.babak).get(f"{home}&span=day&who={cast.sara.id}").content.decode()
    assert "Dentist" not in theirs
    assert [box for _, *box in blocks(theirs, "2026-11-24")] == [[540, 630]]
    assert "Dentist" not in browse(cast.sara).get(f"{home}&kind=task").content.decode()


def test_times_taken_elsewhere_cannot_be_booked(cast, acting, near, elsewhere, browse):
    elsewhere.says = ics(
        *event(
            "a",
            "SUMMARY:Dentist",
            "DTSTART:20261124T053000Z",
            "DTEND:20261124T083000Z",
            "RRULE:FREQ=DAILY;COUNT=2",
        ),
        *event(
            "b", "SUMMARY:Free", "DTSTART:20261124T090000Z", "DTEND:20261124T100000Z", "TRANSP:TRANSPARENT"
        ),
    )
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        page = create_record(
            ctx, BOOKING_PAGE, {"name": "Talk", "minutes": 30, "after": 0, "owner": cast.sara.id}
        )
        day = date(2026, 11, 24)
        before = free_times(ctx.tenant, page, day, day + timedelta(days=1))
        made = subscribe(ctx, name="Private", address=elsewhere.url)
        assert elsewhere.url not in Subscription.objects.get().address, (
            "sealed: who has it reads the calendar"
        )
    read_one(cast.arman, made.id)
    with workspace_scope(cast.arman.id):
        after = free_times(ctx.tenant, page, day, day + timedelta(days=1))
        gone = set(before) - set(after)
        assert gone
        assert all(
            datetime(2026, 11, 24, 5, 0, tzinfo=UTC) < at < datetime(2026, 11, 24, 8, 30, tzinfo=UTC)
            for at in gone
        )
        nine = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
        assert [at for at in before if at >= nine] == [at for at in after if at >= nine]
        assert len(taken_elsewhere([cast.sara.id], NOW, NOW + timedelta(days=9))[cast.sara.id]) == 2
        assert BusyTime.objects.filter(title="Dentist").count() == 2
    elsewhere.says = "no calendar"
    read_one(cast.arman, made.id)
    page_text = browse(cast.sara).get("/w/arman/settings/calendars").content.decode()
    assert "آنچه آنجاست تقویم نیست" in page_text
    with workspace_scope(cast.arman.id):
        assert BusyTime.objects.count() == 2, "what was known stays known"
        unsubscribe(acting(cast.sara), made.id)
        assert not BusyTime.objects.exists()


@pytest.mark.parametrize(
    "wrong",
    ["ftp://x.example/a.ics", "no address", "https://", "https://x.example/ a.ics", "file:///etc/passwd"],
)
def test_only_an_address_of_the_web_is_taken(cast, acting, wrong):
    with pytest.raises(Invalid), workspace_scope(cast.arman.id):
        subscribe(acting(cast.sara), name="x", address=wrong)


def test_a_calendar_is_read_only_from_where_anything_may_be_sent(cast, acting, elsewhere):
    with workspace_scope(cast.arman.id):
        made = subscribe(acting(cast.sara), name="Inside", address=elsewhere.url)
    read_one(cast.arman, made.id)
    assert elsewhere.asked == 0
    with workspace_scope(cast.arman.id):
        row = Subscription.objects.get(id=made.id)
        assert row.problem
        assert row.read_at is None


def test_an_address_that_can_no_more_be_unsealed_is_told_of(cast, acting, elsewhere, browse):
    with workspace_scope(cast.arman.id):
        made = subscribe(acting(cast.sara), name="Old", address=elsewhere.url)
        Subscription.objects.filter(id=made.id).update(address=seal("another key", elsewhere.url))
    read_one(cast.arman, made.id)
    with workspace_scope(cast.arman.id):
        assert Subscription.objects.get(id=made.id).tried_at == NOW
    page = browse(cast.sara).get("/w/arman/settings/calendars").content.decode()
    assert "نشانی‌اش دیگر خوانده نمی‌شود" in page


def test_moved_and_called_off_days_of_a_series_elsewhere():
    body = ics(
        *event("s", "DTSTART:20261123T080000Z", "DTEND:20261123T090000Z", "RRULE:FREQ=DAILY;COUNT=4", "EXDATE:20261124T080000Z"),
        *event("s", "RECURRENCE-ID:20261125T080000Z", "DTSTART:20261125T120000Z", "DTEND:20261125T130000Z"),
        *event("s", "RECURRENCE-ID:20261126T080000Z", "DTSTART:20261126T080000Z", "STATUS:CANCELLED"),
    )  # fmt: skip
    found = [f"{a:%d %H}" for a, _, _ in taken_in(body.encode(), clock.now().tzinfo)]
    assert sorted(found) == ["23 08", "25 12"]


def test_whatever_stands_in_a_body_it_is_read_or_refused():
    """Bodies cut, doubled and turned about at places that are the same in every run."""
    dice = random.Random(7)
    whole = FILE.decode()
    bits = [
        "RRULE:",
        "FREQ=",
        ";",
        ":",
        ",",
        "DTSTART",
        "\r\n ",
        "TZID=",
        "BEGIN:",
        "END:",
        "VALARM",
        "P1D",
        "-",
        "9" * 30,
        "\x01",
        "😀",
        "=",
        "BYDAY=XX",
        "UNTIL=1",
    ]
    for _ in range(400):
        text = whole
        for _ in range(dice.randint(1, 4)):
            at = dice.randrange(len(text))
            kind = dice.randrange(3)
            if kind == 0:
                text = text[:at] + dice.choice(bits) + text[at:]
            elif kind == 1:
                text = text[:at] + text[at + dice.randint(1, 20) :]
            else:
                text = text[:at] + text[at : at + 30] + text[at:]
        with suppress(Invalid):
            gathered(parts(text.encode()), UTC)
        with suppress(Invalid):
            taken_in(text.encode(), UTC)
