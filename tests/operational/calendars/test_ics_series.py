"""What comes again: by rules that both can say, by single days otherwise, with days that differ."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from icalendar import vRecur

from peyvand.kernel import clock
from peyvand.kernel.recurrence import LAST, Rule, days
from peyvand.operational.activities.public import MEETING, TASK, Meeting, Task
from peyvand.operational.calendars import rules
from peyvand.operational.scheduling.public import Series, repeat_meeting, repeat_task
from peyvand.platform.audit.models import AuditEntry
from peyvand.platform.objects.records import create_record, update_record
from peyvand.platform.workspaces.scope import workspace_scope

from .conftest import event, ics, take_over, todo

NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
TEHRAN = ZoneInfo("Asia/Tehran")


@pytest.fixture(autouse=True)
def now():
    with clock.freeze(NOW):
        yield


def made(cast, acting, **rule):
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        raw = {"title": "Round", "starts_at": "2026-11-24 10:00", "ends_at": "2026-11-24 11:00"}
        meeting = create_record(ctx, MEETING, raw)
        repeat_meeting(ctx, meeting, **rule)
        return meeting


def series(cast):
    with workspace_scope(cast.arman.id):
        return Series.objects.get()


@st.composite
def rules_and_days(draw):
    unit = draw(st.sampled_from(["day", "week", "month", "year"]))
    first = draw(st.dates(date(2020, 1, 1), date(2030, 12, 31)))
    words = {"unit": unit, "every": draw(st.integers(1, 4)), "clamp": draw(st.booleans())}
    if unit == "week":
        words["weekdays"] = tuple(sorted(draw(st.sets(st.integers(0, 6)))))
        words["calendar"] = draw(st.sampled_from(["gregorian", "jalali"]))
    elif unit in ("month", "year"):
        if draw(st.booleans()):
            words |= {
                "nth": draw(st.sampled_from([1, 2, 3, 4, LAST])),
                "weekdays": (draw(st.integers(0, 6)),),
            }
        else:
            words["day"] = draw(st.sampled_from([None, LAST, *range(1, 32)]))
    end = draw(st.sampled_from(["none", "count", "until"]))
    if end == "count":
        words["count"] = draw(st.integers(1, 20))
    if end == "until":
        words["until"] = first + timedelta(days=draw(st.integers(0, 2000)))
    return Rule(**words), first


@given(rules_and_days(), st.integers(0, 5))
def test_a_rule_that_both_can_say_means_the_same_there_and_back(pair, skip):
    rule, first = pair
    whole = list(islice(days(rule, first), 60))
    assume(len(whole) > skip)
    on = whole[skip]
    words = rules.said(rule, first, on, TEHRAN)
    assert words is not None
    read = vRecur.from_ical(vRecur(words).to_ical().decode())
    back = rules.understood(read, on, TEHRAN)
    assert back is not None, words
    assert list(islice(days(back, on), 15)) == list(islice((d for d in days(rule, first) if d >= on), 15)), (
        words
    )


def test_months_of_the_jalali_calendar_are_said_day_by_day():
    first = date(2025, 3, 20)  # the 30th of Esfand 1403
    for unit in ("month", "year"):
        assert rules.said(Rule(unit, calendar="jalali", day=30), first, first, TEHRAN) is None


@pytest.mark.parametrize(
    "text",
    [
        "FREQ=HOURLY",
        "FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=1",
        "FREQ=DAILY;BYDAY=MO",
        "FREQ=YEARLY;BYDAY=1MO",
        "FREQ=MONTHLY;BYMONTHDAY=1,15",
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SU;WKST=SU",
        "FREQ=YEARLY;BYWEEKNO=20",
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=MONTHLY;BYMONTHDAY=-2",
    ],
)
def test_a_rule_for_which_we_have_no_words_is_not_taken_for_another(text):
    assert rules.understood(vRecur.from_ical(text), date(2026, 11, 24), TEHRAN) is None


def test_a_series_of_ours_is_one_event_with_a_rule_and_a_device_changes_it(cast, acting, device):
    meeting = made(cast, acting, unit="week", count=5)
    sara = device(cast.sara)
    [name] = sara.names()
    body = sara.text(f"meetings/{name}")
    assert "RRULE:FREQ=WEEKLY;COUNT=5;BYDAY=TU;WKST=SA" in body
    assert "DTSTART;TZID=Asia/Tehran:20261124T100000" in body
    # All of them an hour later, with another name.
    later = body.replace("T110000", "T120000").replace("T100000", "T110000")
    assert (
        sara.send("PUT", f"meetings/{name}", later.replace("SUMMARY:Round", "SUMMARY:Circle")).status_code
        == 204
    )
    now = series(cast)
    assert (now.at.hour, now.minutes, now.pattern["title"], now.repeats.count) == (11, 60, "Circle", 5)
    # Another rule, then none.
    body = sara.text(f"meetings/{name}")
    weekly = "RRULE:FREQ=WEEKLY;COUNT=5;BYDAY=TU;WKST=SA"
    monthly = "RRULE:FREQ=MONTHLY;BYDAY=-1TU;UNTIL=20270531T203000Z"
    sara.send("PUT", f"meetings/{name}", body.replace(weekly, monthly))
    rule = series(cast).repeats
    assert (rule.unit, rule.nth, rule.weekdays, rule.until) == ("month", LAST, (1,), date(2027, 6, 1))
    body = sara.text(f"meetings/{name}")
    assert "RRULE:FREQ=MONTHLY;UNTIL=20270601T202959Z;BYDAY=-1TU" in body
    ended = "\r\n".join(line for line in body.split("\r\n") if not line.startswith("RRULE"))
    sara.send("PUT", f"meetings/{name}", ended)
    assert series(cast).ended_at == NOW
    assert "RRULE" not in sara.text(f"meetings/{name}")
    with workspace_scope(cast.arman.id):
        assert Meeting.objects.get(id=meeting.id).deleted_at is None


def test_a_day_left_out_and_a_day_that_differs(cast, acting, device):
    made(cast, acting, unit="week")
    sara = device(cast.sara)
    [name] = sara.names()
    body = sara.text(f"meetings/{name}")
    uid = next(line for line in body.split("\r\n") if line.startswith("UID:"))
    at = "RECURRENCE-ID;TZID=Asia/Tehran:20261208T100000"
    other = event("x", at, "SUMMARY:Moved", "DTSTART:20261209T093000Z", "DTEND:20261209T103000Z")
    exception = "\r\n".join(other).replace("UID:x", uid)
    left_out = "EXDATE;TZID=Asia/Tehran:20261201T100000"
    changed = body.replace("END:VEVENT", f"{left_out}\r\nEND:VEVENT\r\n{exception}", 1)
    assert sara.send("PUT", f"meetings/{name}", changed).status_code == 204
    now = series(cast)
    assert now.left_out == ["2026-12-01", "2026-12-08"]
    assert now.coming(date(2026, 11, 25), date(2026, 12, 20)) == [date(2026, 12, 15)]
    body = sara.text(f"meetings/{name}")
    assert "EXDATE;TZID=Asia/Tehran:20261201T100000,20261208T100000" in body
    with workspace_scope(cast.arman.id):
        assert dict(Meeting.objects.values_list("title", "starts_at"))["Moved"] == datetime(
            2026, 12, 9, 9, 30, tzinfo=UTC
        )
    assert len(sara.names()) == 2
    assert sara.send("PUT", f"meetings/{name}", changed).status_code == 204
    assert len(sara.names()) == 2, "sent twice, it is made once"


def test_the_first_day_deleted_on_a_device_lets_the_next_take_its_place(cast, acting, device):
    meeting = made(cast, acting, unit="week")
    sara = device(cast.sara)
    [name] = sara.names()
    body = sara.text(f"meetings/{name}").replace(
        "END:VEVENT", "EXDATE;TZID=Asia/Tehran:20261124T100000\r\nEND:VEVENT"
    )
    assert sara.send("PUT", f"meetings/{name}", body).status_code == 204
    with workspace_scope(cast.arman.id):
        assert Meeting.objects.get(id=meeting.id).deleted_at is not None
    [other] = sara.names()
    assert other != name
    assert "DTSTART;TZID=Asia/Tehran:20261201T100000" in sara.text(f"meetings/{other}")
    assert sara.send("DELETE", f"meetings/{other}").status_code == 204
    assert series(cast).ended_at == NOW, "the whole of it was deleted there"
    assert sara.names() == {}


def test_the_thirtieth_of_esfand_goes_out_as_days(cast, acting, device):
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        task = create_record(ctx, TASK, {"title": "Close the books", "due_at": "2026-11-21 09:00"})
        repeat_task(ctx, task, unit="month", day=30, calendar="jalali")
    body = device(cast.sara).text(f"tasks/task-{task.id}.ics")
    assert "RRULE" not in body
    listed = next(line for line in body.split("\r\n") if line.startswith("RDATE;TZID=Asia/Tehran:"))
    found = [datetime.strptime(one, "%Y%m%dT%H%M%S") for one in listed.partition(":")[2].split(",")]
    assert [f"{one:%m-%d}" for one in found[:5]] == ["12-21", "01-20", "02-19", "03-20", "04-19"], (
        "in Esfand the 29th"
    )
    assert {one.hour for one in found} == {9}
    sara = device(cast.sara)
    assert (
        sara.send(
            "PUT", f"tasks/task-{task.id}.ics", body.replace("Close the books", "Close them")
        ).status_code
        == 204
    )
    assert series(cast).pattern["title"] == "Close them"
    assert series(cast).repeats == Rule("month", calendar="jalali", day=30)


def test_a_device_makes_series_and_what_we_cannot_say_becomes_single_days(cast, device):
    sara = device(cast.sara)
    at = ("DTSTART;TZID=Asia/Tehran:20261124T100000", "DTEND;TZID=Asia/Tehran:20261124T103000")
    assert (
        sara.put(
            "meetings/w.ics", *event("w", "SUMMARY:W", *at, "RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=TU;COUNT=3")
        ).status_code
        == 201
    )
    assert series(cast).repeats == Rule("week", every=2, weekdays=(1,), count=3)
    odd = event(
        "o",
        "SUMMARY:Odd",
        *at,
        "RRULE:FREQ=MONTHLY;BYMONTHDAY=1,15;COUNT=4",
        "EXDATE;TZID=Asia/Tehran:20261215T100000",
    )
    assert sara.put("meetings/o.ics", *odd).status_code == 201
    with workspace_scope(cast.arman.id):
        rows = Meeting.objects.filter(title="Odd").order_by("starts_at").values_list("starts_at", "ends_at")
        assert [f"{a.astimezone(TEHRAN):%m-%d %H:%M}" for a, _ in rows] == [
            "11-24 10:00",
            "12-01 10:00",
            "01-01 10:00",
            "01-15 10:00",
        ]
        assert {b - a for a, b in rows} == {timedelta(minutes=30)}
    assert "RRULE" not in sara.text("meetings/o.ics")
    assert (
        sara.put(
            "tasks/t.ics",
            *todo("t", "SUMMARY:T", "DTSTART:20261124T063000Z", "DUE:20261124T063000Z", "RRULE:FREQ=DAILY"),
        ).status_code
        == 201
    )
    with workspace_scope(cast.arman.id):
        assert Task.objects.get().title == "T"
        assert Series.objects.filter(kind="task").count() == 1
    assert "RRULE:FREQ=DAILY" in sara.text("tasks/t.ics")


def test_one_of_a_series_that_was_given_away_is_an_event_of_its_own(cast, acting, device):
    meeting = made(cast, acting, unit="week")
    with workspace_scope(cast.arman.id):
        update_record(acting(cast.sara), MEETING, meeting, {"owner": cast.babak.id})
    babak = device(cast.babak)
    [name] = babak.names()
    body = babak.text(f"meetings/{name}")
    assert "RRULE" not in body
    assert (
        babak.send("PUT", f"meetings/{name}", body.replace("SUMMARY:Round", "SUMMARY:Circle")).status_code
        == 204
    )
    assert series(cast).pattern["title"] == "Round"
    assert babak.send("DELETE", f"meetings/{name}").status_code == 204
    assert series(cast).ended_at is None


def test_many_days_left_out_are_one_change_and_more_than_anybody_names_are_refused(cast, device):
    """Each day was a change of its own: a file of 54 KB held the calendar for minutes."""
    sara = device(cast.sara)
    days = [date(2027, 1, 1) + timedelta(days=n) for n in range(501)]

    def daily(some):
        left_out = "EXDATE:" + ",".join(f"{day:%Y%m%d}T080000Z" for day in some)
        return event("d", "DTSTART:20261123T080000Z", "DTEND:20261123T090000Z", "RRULE:FREQ=DAILY", left_out)

    refused = sara.put("meetings/d.ics", *daily(days))
    assert refused.status_code == 403
    assert "501" in refused.content.decode() or "۵۰۱" in refused.content.decode()
    assert sara.put("meetings/d.ics", *daily(days[:500])).status_code == 201
    assert len(series(cast).left_out) == 500
    with workspace_scope(cast.arman.id):
        assert AuditEntry.objects.filter(action="meeting.leave_out").count() == 1


def test_a_file_tells_what_names_too_many_days_and_takes_the_rest(cast, acting):
    days = [date(2027, 1, 1) + timedelta(days=n) for n in range(501)]
    left_out = "EXDATE:" + ",".join(f"{day:%Y%m%d}T080000Z" for day in days)
    body = ics(
        *event("many", "DTSTART:20261123T080000Z", "RRULE:FREQ=DAILY", left_out),
        *event("few", "DTSTART:20261123T100000Z", "DTEND:20261123T110000Z"),
    )
    with workspace_scope(cast.arman.id):
        found = take_over(acting(cast.sara), body.encode())
        assert len(found.told) == 1
        assert Meeting.objects.count() == 1
