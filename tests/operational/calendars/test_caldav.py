"""Devices keep step with tasks and meetings: finding, reading, writing, conflicts, what changed, and what is refused."""

from __future__ import annotations

from base64 import b64encode
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from peyvand.kernel import clock
from peyvand.operational.activities.public import MEETING, TASK, Meeting, Task
from peyvand.operational.calendars.jobs import sweep_calendars
from peyvand.operational.calendars.models import CalendarPassword, Entry
from peyvand.operational.calendars.passwords import revoke_password
from peyvand.operational.contacts.public import PERSON
from peyvand.operational.scheduling.public import repeat_meeting
from peyvand.platform.audit.models import AuditEntry
from peyvand.platform.identity.actor import access_changed
from peyvand.platform.identity.models import User
from peyvand.platform.objects.records import create_record, delete_records, update_record
from peyvand.platform.workspaces.scope import workspace_scope

from .conftest import C, D, Device, event, todo, tree

NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
AT = "DTSTART:20261124T063000Z"


@pytest.fixture(autouse=True)
def now():
    with clock.freeze(NOW):
        yield


@pytest.fixture
def meeting(cast, acting):
    with workspace_scope(cast.arman.id):
        raw = {
            "title": "Tender",
            "starts_at": "2026-11-24 10:00",
            "ends_at": "2026-11-24 11:30",
            "place": "Hall 2",
        }
        return create_record(acting(cast.sara), MEETING, raw)


def test_a_device_finds_the_calendars_from_the_bare_address(cast, device):
    assert Client().generic("PROPFIND", "/.well-known/caldav").headers["Location"] == "/dav/"
    refused = Client().generic("PROPFIND", "/dav/")
    assert refused.status_code == 401
    assert refused.headers["WWW-Authenticate"].startswith("Basic ")
    assert "calendar-access" in Client().generic("OPTIONS", "/dav/").headers["DAV"]
    sara = device(cast.sara)
    asked = '<propfind xmlns="DAV:"><prop><current-user-principal/></prop></propfind>'
    found = tree(sara.send("PROPFIND", "/dav/", asked, depth="0"))
    assert found.findtext(f".//{D}current-user-principal/{D}href") == sara.home
    asked = (
        f'<propfind xmlns="DAV:" xmlns:C="{C[1:-1]}"><prop><C:calendar-home-set/><nothing/></prop></propfind>'
    )
    found = tree(sara.send("PROPFIND", sara.home, asked, depth="0"))
    assert found.findtext(f".//{C}calendar-home-set/{D}href") == sara.home
    assert [s.text for s in found.iter(f"{D}status")] == ["HTTP/1.1 200 OK", "HTTP/1.1 404 Not Found"]
    found = tree(sara.send("PROPFIND", sara.home, "", depth="1"))
    kinds = {
        one.findtext(f"{D}href"): [c.get("name") for c in one.iter(f"{C}comp")]
        for one in found.findall(f"{D}response")
        if one.find(f".//{D}resourcetype/{C}calendar") is not None
    }
    assert kinds == {f"{sara.home}meetings/": ["VEVENT"], f"{sara.home}tasks/": ["VTODO"]}
    names = tree(sara.send("PROPFIND", "meetings/", '<propfind xmlns="DAV:"><propname/></propfind>'))
    assert names.find(f".//{D}sync-token") is not None


def test_a_meeting_of_ours_is_read_and_changed_on_a_device(cast, device, meeting):
    sara = device(cast.sara)
    [(name, tag)] = sara.names().items()
    body = sara.text(f"meetings/{name}")
    for line in ("SUMMARY:Tender", "DTSTART:20261124T063000Z", "DTEND:20261124T080000Z", "LOCATION:Hall 2"):
        assert line in body
    changed = body.replace("SUMMARY:Tender", "SUMMARY:Tender round").replace("T063000Z", "T070000Z")
    answer = sara.send("PUT", f"meetings/{name}", changed, if_match=tag)
    assert answer.status_code == 204
    assert "ETag" not in answer.headers, "it is kept in our words and read again"
    with workspace_scope(cast.arman.id):
        kept = Meeting.objects.get(id=meeting.id)
        assert (kept.title, kept.starts_at) == ("Tender round", datetime(2026, 11, 24, 7, 0, tzinfo=UTC))
        line = AuditEntry.objects.filter(object="meeting", object_id=meeting.id).order_by("-id").first()
        assert (line.action, line.via, line.actor_id) == ("meeting.update", "calendar", cast.sara.id)
    assert sara.names()[name] != tag
    assert sara.send("PUT", f"meetings/{name}", changed, if_match=tag).status_code == 412
    assert sara.send("DELETE", f"meetings/{name}", if_match=tag).status_code == 412
    assert sara.send("DELETE", f"meetings/{name}", if_match=sara.names()[name]).status_code == 204
    assert sara.send("GET", f"meetings/{name}").status_code == 404
    with workspace_scope(cast.arman.id):
        assert Meeting.objects.get(id=meeting.id).deleted_at is not None, (
            "in the bin, from which it can come back"
        )


def test_what_a_device_makes_is_a_record_and_what_we_do_not_know_comes_back(cast, device):
    sara = device(cast.sara)
    lines = event(
        "abc@phone", "SUMMARY:Visit\\, Tabriz", AT, "DURATION:PT45M", "LOCATION:Bazaar", "DESCRIPTION:Bring\\nthe papers",
        "X-APPLE-TRAVEL-DURATION:PT15M", "CATEGORIES:Work,Trips", "STATUS:TENTATIVE",
        "BEGIN:VALARM", "ACTION:DISPLAY", "DESCRIPTION:x", "TRIGGER:-PT25M", "END:VALARM",
        "BEGIN:VALARM", "ACTION:DISPLAY", "TRIGGER:-PT15M", "END:VALARM",
    )  # fmt: skip
    assert sara.put("meetings/abc.ics", *lines, if_none_match="*").status_code == 201
    assert sara.put("meetings/abc.ics", *lines, if_none_match="*").status_code == 412
    with workspace_scope(cast.arman.id):
        made = Meeting.objects.get()
        assert (made.title, made.place, made.agenda) == ("Visit, Tabriz", "Bazaar", "Bring\nthe papers")
        assert made.ends_at - made.starts_at == timedelta(minutes=45)
        assert list(made.reminders) == ["m15"]
        assert (made.owner_id, made.created_by_id, made.status) == (cast.sara.id, cast.sara.id, "planned")
    body = sara.text("meetings/abc.ics")
    for line in (
        "UID:abc@phone",
        "X-APPLE-TRAVEL-DURATION:PT15M",
        "CATEGORIES:Work,Trips",
        "STATUS:TENTATIVE",
        "TRIGGER:-PT25M",
        "TRIGGER:-PT15M",
    ):
        assert line in body, line
    version = made.version
    assert sara.send("PUT", "meetings/abc.ics", body).status_code == 204
    with workspace_scope(cast.arman.id):
        assert Meeting.objects.get().version == version, "what says nothing new changes nothing"
    other = sara.put("meetings/other.ics", *lines)
    assert other.status_code == 403
    assert b"no-uid-conflict" in other.content


def test_tasks_are_to_dos_with_their_state_due_date_and_priority(cast, acting, device):
    babak = device(cast.babak)
    assert (
        babak.put(
            "tasks/1.ics", *todo("1@p", "SUMMARY:Call", "DUE;VALUE=DATE:20261125", "PRIORITY:1")
        ).status_code
        == 201
    )
    with workspace_scope(cast.arman.id):
        task = Task.objects.get()
        assert (task.priority, task.status, task.owner_id) == ("high", "open", cast.babak.id)
        assert task.due_at == datetime(2026, 11, 24, 20, 30, tzinfo=UTC), "the midnight of Tehran"
    body = babak.text("tasks/1.ics")
    assert "DUE;VALUE=DATE:20261125" in body
    assert "PRIORITY:1" in body
    assert "STATUS:NEEDS-ACTION" in body
    done = body.replace(
        "STATUS:NEEDS-ACTION", "STATUS:COMPLETED\r\nCOMPLETED:20261122T050000Z\r\nPERCENT-COMPLETE:100"
    )
    assert babak.send("PUT", "tasks/1.ics", done).status_code == 204
    with workspace_scope(cast.arman.id):
        assert (Task.objects.get().status, Task.objects.get().done_at) == ("done", NOW)
        update_record(acting(cast.babak), TASK, Task.objects.get(), {"status": "open"})
    assert "STATUS:NEEDS-ACTION" in babak.text("tasks/1.ics")
    asked = (f'<C:calendar-query xmlns="DAV:" xmlns:C="{C[1:-1]}"><prop><getetag/></prop><C:filter><C:comp-filter name="VCALENDAR">'
             '<C:comp-filter name="VTODO"><C:prop-filter name="COMPLETED"><C:is-not-defined/></C:prop-filter></C:comp-filter>'
             "</C:comp-filter></C:filter></C:calendar-query>")  # fmt: skip
    assert len(tree(babak.send("REPORT", "tasks/", asked))) == 1
    with workspace_scope(cast.arman.id):
        update_record(acting(cast.babak), TASK, Task.objects.get(), {"status": "done"})
    assert len(tree(babak.send("REPORT", "tasks/", asked))) == 0


def test_whole_days_and_other_clocks_are_kept(cast, device):
    sara = device(cast.sara)
    sara.put(
        "meetings/fair.ics",
        *event("f", "SUMMARY:Fair", "DTSTART;VALUE=DATE:20261125", "DTEND;VALUE=DATE:20261128"),
    )
    sara.put(
        "meetings/berlin.ics", "BEGIN:VTIMEZONE", "TZID:Mein Berlin", "BEGIN:STANDARD", "DTSTART:19701025T030000",
        "TZOFFSETFROM:+0200", "TZOFFSETTO:+0100", "END:STANDARD", "END:VTIMEZONE",
        *event("b", "SUMMARY:Berlin", "DTSTART;TZID=Mein Berlin:20261125T100000", "DTEND;TZID=Mein Berlin:20261125T110000"),
    )  # fmt: skip
    sara.put("meetings/float.ics", *event("c", "SUMMARY:Floating", "DTSTART:20261125T100000"))
    with workspace_scope(cast.arman.id):
        starts = dict(Meeting.objects.values_list("title", "starts_at"))
        assert Meeting.objects.get(title="Floating").ends_at is None
    assert starts == {
        "Fair": datetime(2026, 11, 24, 20, 30, tzinfo=UTC),
        "Berlin": datetime(2026, 11, 25, 9, 0, tzinfo=UTC),
        "Floating": datetime(2026, 11, 25, 6, 30, tzinfo=UTC),
    }
    assert "DTSTART;VALUE=DATE:20261125" in (body := sara.text("meetings/fair.ics"))
    assert "DTEND;VALUE=DATE:20261128" in body


def test_those_invited_are_people_if_we_know_them_and_stay_otherwise(cast, acting, device):
    with workspace_scope(cast.arman.id):
        ali = create_record(
            acting(cast.sara), PERSON, {"family_name": "Karimi", "emails": ["ali@client.example"]}
        )
    sara = device(cast.sara)
    lines = (
        "SUMMARY:Talk",
        AT,
        "ATTENDEE;CN=Ali:mailto:Ali@client.example",
        'ATTENDEE;CN="Who, else";PARTSTAT=ACCEPTED:mailto:who@else.example',
    )
    sara.put("meetings/t.ics", *event("t", *lines))
    with workspace_scope(cast.arman.id):
        field = MEETING.field("participants")
        id = Meeting.objects.get().id
        assert [one["id"] for one in field.load([id])[id]] == [ali.id]
    body = sara.text("meetings/t.ics")
    assert body.count("ATTENDEE") == 2
    assert "mailto:who@else.example" in body
    assert "PARTSTAT=ACCEPTED" in body
    without = "\r\n".join(line for line in body.split("\r\n") if "ali@client.example" not in line)
    assert sara.send("PUT", "meetings/t.ics", without).status_code == 204
    with workspace_scope(cast.arman.id):
        assert field.load([id]) == {}
    body = sara.text("meetings/t.ics")
    assert "ali@client" not in body
    assert "mailto:who@else.example" in body


def test_what_changed_is_told_since_a_token_and_nothing_twice(cast, acting, device, meeting):
    sara = device(cast.sara)
    first, gone, token = sara.changed()
    assert (first, gone) == ([f"meeting-{meeting.id}.ics"], [])
    assert sara.changed(token) == ([], [], token)
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        second = create_record(ctx, MEETING, {"title": "Second", "starts_at": "2026-11-26 10:00"})
        third = create_record(ctx, MEETING, {"title": "Third", "starts_at": "2026-11-27 10:00"})
    assert sorted(sara.changed(token)[0]) == sorted(f"meeting-{m.id}.ics" for m in (second, third))
    # One at a time, for those that ask for few.
    some, _, middle = sara.changed(token, more="<limit><nresults>1</nresults></limit>")
    assert len(some) == 1
    rest, _, last = sara.changed(middle)
    assert {*some, *rest} == {f"meeting-{m.id}.ics" for m in (second, third)}
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        delete_records(ctx, MEETING, [second])
        update_record(ctx, MEETING, third, {"owner": cast.mina.id})
    there, gone, end = sara.changed(last)
    assert (there, sorted(gone)) == ([], sorted(f"meeting-{m.id}.ics" for m in (second, third)))
    assert [f"meeting-{third.id}.ics"] == device(cast.mina).changed()[0]
    for wrong in ("x", end + "9", end.replace("meeting", "task"), end[:-1] + "²"):
        answer = sara.send(
            "REPORT",
            "meetings/",
            f'<sync-collection xmlns="DAV:"><sync-token>{wrong}</sync-token><prop/></sync-collection>',
        )
        assert answer.status_code == 403
        assert b"valid-sync-token" in answer.content


def test_a_query_finds_what_lies_between_two_moments(cast, acting, device, meeting):
    with workspace_scope(cast.arman.id):
        weekly = create_record(
            acting(cast.sara),
            MEETING,
            {"title": "Weekly", "starts_at": "2026-11-23 09:00", "ends_at": "2026-11-23 10:00"},
        )
        repeat_meeting(acting(cast.sara), weekly, unit="week")
    sara = device(cast.sara)

    def found(start, end, data="<C:calendar-data/>"):
        asked = (f'<C:calendar-query xmlns="DAV:" xmlns:C="{C[1:-1]}"><prop><getetag/>{data}</prop><C:filter>'
                 f'<C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT"><C:time-range start="{start}" end="{end}"/>'
                 "</C:comp-filter></C:comp-filter></C:filter></C:calendar-query>")  # fmt: skip
        return [
            one.text.replace("\r\n ", "")
            for one in tree(sara.send("REPORT", "meetings/", asked)).iter(f"{C}calendar-data")
        ]

    assert ["Tender" in one for one in found("20261124T070000Z", "20261124T073000Z")] == [True]
    [later] = found("20261214T000000Z", "20261215T000000Z")
    assert "SUMMARY:Weekly" in later
    assert "RRULE:FREQ=WEEKLY" in later
    assert "BEGIN:VTIMEZONE" in later
    expand = '<C:calendar-data><C:expand start="20261201T000000Z" end="20261215T000000Z"/></C:calendar-data>'
    [single] = found("20261214T000000Z", "20261215T000000Z", expand)
    assert "RRULE" not in single
    assert single.count("BEGIN:VEVENT") == 3
    assert "RECURRENCE-ID:20261207T053000Z" in single
    assert found("20270101T000000Z", "20270101T010000Z") == []


def test_two_people_see_their_own_and_nobody_reaches_another(cast, device, meeting):
    babak, sara = device(cast.babak), device(cast.sara)
    assert babak.names() == {}
    for path in (
        f"{sara.home}meetings/meeting-{meeting.id}.ics",
        f"{sara.home}meetings/",
        sara.home,
        "/dav/rival/1/",
    ):
        for method in ("GET", "PROPFIND", "PUT", "DELETE", "REPORT"):
            assert babak.send(method, path).status_code == 404, (method, path)
    assert sara.names().keys() == {f"meeting-{meeting.id}.ics"}


def test_what_the_role_forbids_is_refused_and_changes_nothing(cast, acting, device):
    from peyvand.platform.identity.models import Role

    babak = device(cast.babak)
    babak.put("meetings/mine.ics", *event("m", "SUMMARY:Mine", AT))
    with workspace_scope(cast.arman.id):
        role = Role.objects.get(id=cast.babak.role_id)
        role.is_builtin, role.grants = False, {
            "meeting.view": "own", "meeting.make_calendar_password": "all", "task.view": "own",
        }  # fmt: skip
        role.save()
        access_changed(cast.arman.id)
        before = list(Meeting.objects.values())
    body = babak.text("meetings/mine.ics").replace("SUMMARY:Mine", "SUMMARY:Changed")
    assert babak.send("PUT", "meetings/mine.ics", body).status_code == 403
    assert babak.send("DELETE", "meetings/mine.ics").status_code == 403
    assert babak.put("meetings/new.ics", *event("n", "SUMMARY:New", AT)).status_code == 403
    with workspace_scope(cast.arman.id):
        assert list(Meeting.objects.values()) == before
        assert not Entry.objects.filter(uid="n").exists()


def test_a_password_is_for_the_calendar_alone_and_ends(cast, acting, device, browse):
    sara = device(cast.sara)
    token = {"HTTP_AUTHORIZATION": f"Bearer {sara.password}"}
    assert Client().get("/api/v1/meetings", **token).status_code == 401
    assert sara.send("PROPFIND", "meetings/").status_code == 207
    with workspace_scope(cast.arman.id):
        row = CalendarPassword.objects.get()
        assert row.last_used_at == NOW
        assert sara.password.replace("-", "")[1:] not in str(row.__dict__)
    for name, password in (
        ("babak@arman.example", sara.password), (sara.name, sara.password[:-1] + "x"), (sara.name, "correct horse 1"),
        (sara.name, f"{cast.rival.id}{sara.password[len(str(cast.arman.id)):]}"), ("", ""),
    ):  # fmt: skip
        word = b64encode(f"{name}:{password}".encode()).decode()
        assert Client().generic("PROPFIND", sara.home, HTTP_AUTHORIZATION=f"Basic {word}").status_code == 401
    with workspace_scope(cast.arman.id):
        revoke_password(acting(cast.sara), row.id)
    assert sara.send("PROPFIND", "meetings/").status_code == 401
    babak = device(cast.babak)
    with workspace_scope(cast.arman.id):
        User.objects.filter(id=cast.babak.id).update(is_active=False)
        access_changed(cast.arman.id)
    assert babak.send("PROPFIND", "meetings/").status_code == 401


def test_bodies_that_are_wrong_or_hostile_are_refused(cast, device, meeting):
    sara = device(cast.sara)
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><propfind xmlns="DAV:"><prop>&b;</prop></propfind>'
    for body in (bomb, "<propfind", "\x00\x01", '<!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>'):
        for method in ("PROPFIND", "REPORT", "PROPPATCH"):
            assert 400 <= sara.send(method, "meetings/", body).status_code < 500, (method, body)
    assert sara.send("PROPFIND", "meetings/", depth="infinity").status_code == 403
    assert sara.send("REPORT", "meetings/", '<x xmlns="DAV:"/>').status_code == 403
    assert sara.send("MKCALENDAR", "new/").status_code == 404
    assert sara.send("COPY", "meetings/x.ics").status_code == 404
    for lines in (
        event("u"), event("u", "DTSTART:nonsense"), event("u", AT, "DTEND:20251124T063000Z"), todo("u", "SUMMARY:No event"),
        ("X-NOTHING:1",), (*event("u", AT), *event("v", AT)), event("", AT),
        event("u", AT, "RRULE:FREQ=SECONDLY"), event("u", "DTSTART:99991231T235959Z", "DURATION:P900D"),
    ):  # fmt: skip
        assert sara.put("meetings/w.ics", *lines).status_code == 403, lines
    assert sara.send("PUT", "meetings/w.ics", "no calendar").status_code == 403
    big = sara.put("meetings/w.ics", *event("u", AT, "DESCRIPTION:" + "x" * 600_000))
    assert big.status_code == 403
    assert b"max-resource-size" in big.content
    with workspace_scope(cast.arman.id):
        assert Meeting.objects.count() == 1
    answer = sara.send(
        "PROPPATCH",
        "meetings/",
        '<propertyupdate xmlns="DAV:"><set><prop><displayname>x</displayname></prop></set></propertyupdate>',
    )
    assert tree(answer).findtext(f".//{D}status") == "HTTP/1.1 403 Forbidden"


def test_a_first_look_at_many_events_asks_no_more_than_at_few(
    cast, acting, device, django_assert_num_queries
):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    sara = device(cast.sara)

    def queries(n):
        with workspace_scope(cast.arman.id):
            ctx = acting(cast.sara)
            for i in range(n):
                create_record(ctx, MEETING, {"title": f"M{i}", "starts_at": NOW + timedelta(hours=i)})
        hrefs = "".join(f"<href>{sara.home}meetings/{name}</href>" for name in sara.names())
        asked = f'<C:calendar-multiget xmlns="DAV:" xmlns:C="{C[1:-1]}"><prop><getetag/><C:calendar-data/></prop>{hrefs}</C:calendar-multiget>'
        counts = []
        for method, body, depth in (("PROPFIND", "", "1"), ("REPORT", asked, "0")):
            with CaptureQueriesContext(
                connection,
            ) as seen:
                sara.send(method, "meetings/", body, depth=depth)
            counts.append(len(seen))
        return counts

    sara.names()
    assert queries(3) == queries(60)


def test_a_moved_calendar_is_read_by_a_link_with_other_signs(cast, device, meeting):
    sara = device(cast.sara)
    path = f"{sara.home}meetings/meeting%2D{meeting.id}.ics"
    asked = (f'<C:calendar-multiget xmlns="DAV:" xmlns:C="{C[1:-1]}"><prop><getetag/></prop><href>http://testserver{path}</href>'
             f"<href>{sara.home}meetings/none.ics</href></C:calendar-multiget>")  # fmt: skip
    found = tree(sara.send("REPORT", "meetings/", asked))
    assert [one.findtext(f".//{D}status") for one in found] == ["HTTP/1.1 200 OK", "HTTP/1.1 404 Not Found"]


def test_a_device_is_let_in_and_shut_out_in_the_settings(cast, browse):
    client, here = browse(cast.babak), "/w/arman/settings/calendars"
    assert "هنوز دستگاهی نیست" in client.get(here).content.decode()
    assert client.get(f"{here}/passwords/new").status_code == 200
    shown = client.post(f"{here}/passwords/new", {"name": "iPhone"}).content.decode()
    password = shown.partition('id="secret">')[2].partition("<")[0]
    phone = Device(cast.babak, "arman", "babak@arman.example", password)
    assert phone.names() == {}
    page = client.get(here).content.decode()
    assert "iPhone" in page
    assert password not in page
    with workspace_scope(cast.arman.id):
        id = CalendarPassword.objects.get().id
    assert browse(cast.sara).post(f"{here}/passwords/{id}/end").status_code == 404
    client.post(f"{here}/passwords/{id}/end")
    assert phone.send("PROPFIND", "meetings/").status_code == 401
    assert browse(cast.viewer).get(here).status_code in (403, 404)


def test_one_thing_is_asked_for_without_reading_the_rest(cast, acting, device, meeting):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    sara = device(cast.sara)
    name = f"meeting-{meeting.id}.ics"
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        other = create_record(ctx, MEETING, {"title": "Other", "starts_at": "2026-11-26 10:00"})
    sara.names()
    token = sara.changed()[2]
    with CaptureQueriesContext(connection) as seen:
        sara.text(f"meetings/{name}")
    read = [q["sql"] for q in seen.captured_queries if 'FROM "calendar_entry"' in (q["sql"] or "")]
    assert read
    assert all(name in sql for sql in read), "its own row alone"
    # What differs by now is noted all the same, in the same order.
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        update_record(ctx, MEETING, meeting, {"title": "Renamed"})
        delete_records(ctx, MEETING, [other])
    assert "SUMMARY:Renamed" in sara.text(f"meetings/{name}")
    assert sara.send("GET", f"meetings/meeting-{other.id}.ics").status_code == 404
    assert sara.changed(token)[:2] == ([name], [f"meeting-{other.id}.ics"])
    assert sara.send("PUT", "meetings/x%00y.ics", "").status_code == 404


def test_what_left_a_calendar_long_ago_is_forgotten_and_old_tokens_end(cast, acting, device, meeting):
    sara = device(cast.sara)
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        first, second = (
            create_record(ctx, MEETING, {"title": title, "starts_at": "2026-11-26 10:00"})
            for title in ("First", "Second")
        )
    token = sara.changed()[2]
    with workspace_scope(cast.arman.id):
        delete_records(acting(cast.sara), MEETING, [first])
        sara.names()
        delete_records(acting(cast.sara), MEETING, [second])
    gone = [f"meeting-{m.id}.ics" for m in (first, second)]
    assert sara.changed(token)[1] == gone
    with clock.freeze(NOW + timedelta(days=180)):
        with workspace_scope(cast.arman.id):
            sweep_calendars(cast.arman)
        assert sara.changed(token)[1] == gone, "who comes back in time hears of both"
    with clock.freeze(NOW + timedelta(days=190)):
        at = sara.changed()[2]
        with workspace_scope(cast.arman.id):
            sweep_calendars(cast.arman)
            assert (
                list(Entry.objects.filter(gone_at__isnull=False).values_list("name", flat=True)) == gone[1:]
            )
        assert sara.changed(at) == ([], [], at), "no position is given twice"
        asked = f'<sync-collection xmlns="DAV:"><sync-token>{token}</sync-token><prop/></sync-collection>'
        assert sara.send("REPORT", "meetings/", asked).status_code == 403
