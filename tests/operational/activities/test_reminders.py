"""Reminders: when they come, that they follow what they remind of, and that they come once."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import OperationalError, connection, connections, transaction
from django.test.utils import CaptureQueriesContext
from procrastinate.contrib.django.models import ProcrastinateJob as Ready

from peyvand.kernel import clock
from peyvand.kernel.errors import Invalid, NotFound, RuleViolation
from peyvand.kernel.recurrence import Rule
from peyvand.operational.activities import jobs
from peyvand.operational.activities.models import Reminder
from peyvand.operational.activities.public import MEETING, TASK, Meeting, Task, complete_task
from peyvand.operational.activities.reminders import put_off, remind_of_task, unremind_of_task
from peyvand.operational.activities.reminding import before, renew_usual, tell_due, tell_late
from peyvand.operational.contacts.public import PERSON
from peyvand.operational.scheduling import series
from peyvand.platform.actions.context import Context, job_context
from peyvand.platform.audit.models import AuditEntry
from peyvand.platform.events.models import EventRow
from peyvand.platform.identity.actor import user_actor
from peyvand.platform.notifications.models import Notification
from peyvand.platform.notifications.preferences import Wishes, keep
from peyvand.platform.notifications.reading import newest
from peyvand.platform.objects.records import (
    create_record,
    create_records,
    delete_records,
    update_record,
    update_records,
)
from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.testing.telling import tell_all

# A Sunday, nine in the morning of Tehran.
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=ZoneInfo("Asia/Tehran"))
DUE = NOW + timedelta(hours=5)


@pytest.fixture
def ctx(cast: Any, acting: Any) -> Iterator[Context]:
    with clock.freeze(NOW), workspace_scope(cast.arman.id):
        yield acting(cast.babak)


def moments(record: Any) -> list[timedelta]:
    """How long before DUE the record's reminders come, the earliest first."""
    rows = Reminder.objects.filter(object=record._meta.model_name, object_id=record.id).order_by("due_at")
    return [DUE - due for due in rows.values_list("due_at", flat=True)]


def told(ctx: Context, at: datetime) -> list[str]:
    """The titles of what is reminded of at a moment."""
    last = EventRow.objects.order_by("-id").values_list("id", flat=True).first() or 0
    with clock.freeze(at):
        tell_due(ctx.tenant)
    rows = EventRow.objects.filter(id__gt=last, wire="activities.reminder_due.v1").order_by("id")
    return [row.data["title"] for row in rows]


def test_by_default_they_come_as_their_owner_usually_wants_it(ctx: Context, cast: Any) -> None:
    keep(cast.babak.id, Wishes(reminders=(10, 60)))
    task = create_record(ctx, TASK, {"title": "Call", "due_at": DUE.isoformat(), "reminders": "usual"})
    assert moments(task) == [timedelta(hours=1), timedelta(minutes=10)]
    [unsaid] = create_records(ctx, TASK, [{"title": "Made by a rule", "due_at": DUE, "owner": cast.mina.id}])
    assert (unsaid.reminders, moments(unsaid)) == (["usual"], [timedelta(minutes=15)])
    assert set(Reminder.objects.filter(object_id=unsaid.id).values_list("user_id", flat=True)) == {
        cast.mina.id
    }


def test_who_wants_it_earlier_is_reminded_earlier_of_what_lies_ahead(
    ctx: Context, cast: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr("peyvand.operational.activities.reminding.SET", 2)
    tasks = create_records(ctx, TASK, [{"title": f"Call {n}", "due_at": DUE} for n in range(3)])
    own = create_record(ctx, TASK, {"title": "Own", "due_at": DUE.isoformat(), "reminders": ["m5"]})
    other = create_records(ctx, TASK, [{"title": "Hers", "due_at": DUE, "owner": cast.mina.id}])[0]
    keep(cast.babak.id, Wishes(reminders=(60,)))
    assert Ready.objects.filter(task_name=jobs.RENEW, args__user_id=cast.babak.id).count() == 1
    renew_usual(ctx.tenant, cast.babak.id)
    assert [moments(task) for task in tasks] == [[timedelta(hours=1)]] * 3
    assert (moments(own), moments(other)) == ([timedelta(minutes=5)], [timedelta(minutes=15)])


def test_any_number_and_each_once(ctx: Context) -> None:
    task = create_record(
        ctx, TASK, {"title": "Call", "due_at": DUE.isoformat(), "reminders": ["at", "m5", "h2"]}
    )
    assert moments(task) == [timedelta(hours=2), timedelta(minutes=5), timedelta(0)]
    assert told(ctx, DUE - timedelta(hours=2)) == ["Call"]
    assert told(ctx, DUE - timedelta(hours=2)) == []
    assert told(ctx, DUE) == ["Call", "Call"]


def test_what_was_entered_afterwards_reminds_of_nothing(ctx: Context) -> None:
    task = create_record(
        ctx, TASK, {"title": "Past", "due_at": (NOW - timedelta(days=1)).isoformat(), "reminders": ["at"]}
    )
    assert moments(task) == []


def test_another_time_moves_them_and_another_owner_takes_them_over(ctx: Context, cast: Any) -> None:
    task = create_record(ctx, TASK, {"title": "Call", "due_at": DUE.isoformat(), "reminders": ["m30"]})
    told(ctx, DUE - timedelta(minutes=30))
    task = update_record(ctx, TASK, task, {"due_at": (DUE + timedelta(hours=3)).isoformat()})
    assert moments(task) == [timedelta(minutes=30) - timedelta(hours=3)]
    assert told(ctx, DUE + timedelta(hours=2, minutes=29)) == []
    update_record(ctx, TASK, task, {"owner": cast.mina.id})
    assert list(Reminder.objects.values_list("user_id", flat=True)) == [cast.mina.id]
    assert told(ctx, DUE + timedelta(hours=2, minutes=30)) == ["Call"]


def test_a_task_without_a_time_has_none_any_more(ctx: Context) -> None:
    task = create_record(ctx, TASK, {"title": "Call", "due_at": DUE.isoformat()})
    task = update_record(ctx, TASK, task, {"due_at": None})
    assert moments(task) == []


@pytest.mark.parametrize("end", ["done", "cancelled", "bin"])
def test_what_is_over_is_passed_over_in_silence(ctx: Context, end: str) -> None:
    task = create_record(ctx, TASK, {"title": "Over", "due_at": DUE.isoformat(), "reminders": ["at"]})
    if end == "bin":
        delete_records(ctx, TASK, [task])
    elif end == "done":
        complete_task(ctx, task)
    else:
        update_record(ctx, TASK, task, {"status": "cancelled"})
    assert told(ctx, DUE) == []


def test_a_meeting_reminds_of_its_beginning(ctx: Context) -> None:
    meeting = create_record(
        ctx, MEETING, {"title": "Demo", "starts_at": DUE.isoformat(), "reminders": ["d1", "m15"]}
    )
    # A day before is over already.
    assert moments(meeting) == [timedelta(minutes=15)]
    assert told(ctx, DUE - timedelta(minutes=15)) == ["Demo"]
    update_record(ctx, MEETING, meeting, {"status": "cancelled"})
    assert told(ctx, DUE) == []


def test_one_can_be_reminded_of_what_a_colleague_does(cast: Any, acting: Any) -> None:
    with clock.freeze(NOW), workspace_scope(cast.arman.id):
        ctx, mina = acting(cast.babak), acting(cast.mina)
        task = create_record(ctx, TASK, {"title": "Offer", "due_at": DUE.isoformat(), "reminders": []})
        remind_of_task(mina, task, before="h1")
        remind_of_task(mina, task, at=NOW + timedelta(hours=1))
        with pytest.raises(Invalid), transaction.atomic():
            remind_of_task(mina, task, at=NOW - timedelta(minutes=1))
        with pytest.raises(Invalid), transaction.atomic():
            remind_of_task(mina, task)
        update_record(ctx, TASK, task, {"due_at": (DUE + timedelta(hours=1)).isoformat()})
        assert moments(task) == [timedelta(hours=4), timedelta(0)]
        unremind_of_task(mina, task)
        assert moments(task) == []
        complete_task(ctx, Task.objects.get(id=task.id))
        with pytest.raises(RuleViolation), transaction.atomic():
            remind_of_task(mina, Task.objects.get(id=task.id), at=DUE)


def test_a_day_before_is_the_same_hour_though_the_clocks_change() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    at = datetime(2026, 3, 29, 10, 0, tzinfo=berlin)
    assert before(at, 1440, berlin).astimezone(berlin) == datetime(2026, 3, 28, 10, 0, tzinfo=berlin)
    assert at.astimezone(UTC) - before(at, 1440, berlin) == timedelta(hours=23)
    assert at.astimezone(UTC) - before(at, 120, berlin) == timedelta(hours=2)


def test_what_comes_again_takes_its_reminders_along(ctx: Context) -> None:
    task = create_record(ctx, TASK, {"title": "Weekly", "due_at": DUE.isoformat(), "reminders": ["m30"]})
    begun = series.begin(ctx, TASK, task, Rule("week"))
    with clock.freeze(DUE + timedelta(minutes=1)):
        series.carry_on(job_context(ctx.tenant), [begun.id])
        following = Task.objects.exclude(id=task.id).get()
        assert moments(following) == [timedelta(minutes=30) - timedelta(days=7)]


def test_an_import_brings_none_that_are_over_and_none_that_nobody_asked_for(ctx: Context) -> None:
    ctx.silent = True
    silent, asked = create_records(
        ctx,
        TASK,
        [{"title": "Imported", "due_at": DUE}, {"title": "Asked for", "due_at": DUE, "reminders": ["m5"]}],
    )
    assert (moments(silent), moments(asked)) == ([], [timedelta(minutes=5)])


def test_the_job_works_in_sets(ctx: Context, monkeypatch: Any) -> None:
    create_records(ctx, TASK, [{"title": "One", "due_at": DUE, "reminders": ["at"]}])

    def cost(at: datetime) -> int:
        with clock.freeze(at), CaptureQueriesContext(connection) as queries:
            tell_due(ctx.tenant)
        return len(queries)

    few = cost(DUE)
    create_records(ctx, TASK, [{"title": f"T{n}", "due_at": DUE, "reminders": ["at"]} for n in range(200)])
    Reminder.objects.filter(told_at__isnull=True).update(due_at=DUE)
    assert cost(DUE + timedelta(minutes=1)) == few
    assert EventRow.objects.filter(wire="activities.reminder_due.v1").count() == 201


def test_a_rest_of_a_set_is_left_to_the_next_job(ctx: Context, monkeypatch: Any) -> None:
    from peyvand.operational.activities import reminding

    monkeypatch.setattr(reminding, "SET", 2)
    monkeypatch.setattr(jobs, "SET", 2)
    create_records(ctx, TASK, [{"title": "T", "due_at": DUE, "reminders": ["at"]} for _ in range(3)])
    with clock.freeze(DUE):
        jobs.remind(ctx.tenant)
        assert Reminder.objects.filter(told_at__isnull=True).count() == 1
        assert jobs.anything_due()
        jobs.remind_more(ctx.tenant)
        assert not jobs.anything_due()


def test_its_owner_is_told_even_though_the_product_did_it(ctx: Context, cast: Any) -> None:
    create_record(ctx, TASK, {"title": "Call Alborz", "due_at": DUE.isoformat(), "reminders": ["at"]})
    told(ctx, DUE)
    tell_all(ctx.tenant)
    with clock.freeze(DUE):
        [line] = newest(user_actor(cast.arman.id, cast.babak.id).speaking("en"))
    assert (line.text, line.can_snooze) == ("Reminder: Call Alborz – today, 14:00", True)


def test_putting_it_off_reminds_again(ctx: Context, cast: Any, acting: Any) -> None:
    task = create_record(ctx, TASK, {"title": "Call", "due_at": DUE.isoformat(), "reminders": []})
    put_off(ctx, "task", task.id, "10m")
    put_off(ctx, "task", task.id, "1h")
    put_off(ctx, "task", task.id, "work")
    assert AuditEntry.objects.filter(action="task.remind", object_id=task.id).count() == 3
    monday = datetime(2026, 11, 23, 8, 0, tzinfo=ZoneInfo("Asia/Tehran"))
    assert moments(task) == [
        DUE - at for at in (NOW + timedelta(minutes=10), NOW + timedelta(hours=1), monday)
    ]
    secret = create_record(acting(cast.sara), TASK, {"title": "Secret"})
    with pytest.raises(NotFound):
        put_off(ctx, "task", secret.id, "10m")


def test_an_overdue_task_is_told_once_on_the_next_working_morning(ctx: Context, cast: Any) -> None:
    # Wednesday noon; Thursday is worked until one, Friday is free. What is due on Thursday at noon is told on Saturday.
    thursday = datetime(2026, 11, 26, 12, 0, tzinfo=ZoneInfo("Asia/Tehran"))
    task = create_record(ctx, TASK, {"title": "Left over", "due_at": thursday.isoformat(), "reminders": []})
    create_record(ctx, TASK, {"title": "No hurry", "due_at": (thursday + timedelta(days=30)).isoformat()})

    def late(at: datetime) -> int:
        with clock.freeze(at):
            return tell_late(ctx.tenant)

    assert late(thursday + timedelta(minutes=30)) == 0
    assert late(thursday + timedelta(days=1)) == 0
    saturday = thursday + timedelta(days=2)
    assert late(saturday.replace(hour=7)) == 0
    assert late(saturday.replace(hour=8)) == 1
    assert late(saturday.replace(hour=9)) == 0
    update_record(ctx, TASK, task, {"due_at": (saturday + timedelta(days=1)).isoformat()})
    assert late(saturday + timedelta(days=2)) == 1
    tell_all(ctx.tenant)
    assert Notification.objects.filter(user_id=cast.babak.id, wire="activities.task_overdue.v1").count() == 2
    # Whoever gets it left over hears of it too.
    update_record(ctx, TASK, task, {"owner": cast.mina.id})
    assert late(saturday + timedelta(days=3)) == 1
    tell_all(ctx.tenant)
    assert Notification.objects.filter(user_id=cast.mina.id, wire="activities.task_overdue.v1").count() == 1


def test_many_records_cost_as_many_queries_as_one(ctx: Context) -> None:
    def cost(count: int) -> int:
        tasks = create_records(ctx, TASK, [{"title": "T", "due_at": DUE} for _ in range(count)])
        rows = [{"due_at": DUE + timedelta(hours=1)}] * count
        update_records(ctx, TASK, tasks, rows)
        with CaptureQueriesContext(connection) as queries:
            update_records(ctx, TASK, tasks, [{"due_at": DUE + timedelta(hours=2)}] * count)
        return len(queries)

    assert cost(50) == cost(2)


def test_what_reminded_long_ago_is_forgotten_and_does_not_come_back(ctx: Context) -> None:
    task = create_record(ctx, TASK, {"title": "Call", "due_at": DUE.isoformat(), "reminders": ["at"]})
    ahead = create_record(
        ctx,
        TASK,
        {"title": "Next year", "due_at": (DUE + timedelta(days=365)).isoformat(), "reminders": ["at"]},
    )
    assert told(ctx, DUE) == ["Call"]
    with clock.freeze(DUE + timedelta(days=91)):
        jobs.forget_reminders(ctx.tenant)
        assert list(Reminder.objects.values_list("object_id", flat=True)) == [ahead.id]
        update_record(ctx, TASK, task, {"reminders": ["at", "m5"]})
        assert not Reminder.objects.filter(object_id=task.id).exists()


def test_nothing_is_left_of_what_is_gone_for_good(ctx: Context) -> None:
    from peyvand.platform.objects.purge import purge

    meeting = create_record(ctx, MEETING, {"title": "Gone", "starts_at": DUE.isoformat()})
    delete_records(ctx, MEETING, [meeting])
    purge(job_context(ctx.tenant), MEETING, clock.now() + timedelta(days=1), 0)
    assert not Meeting.objects.filter(id=meeting.id).exists()
    assert not Reminder.objects.filter(object="meeting").exists()


def test_whatever_dies_each_is_told_once(committed: Any, superuser: Any) -> None:
    """A worker that dies before its transaction is committed has told nothing; two at once tell nothing twice."""
    tenant = committed.arman
    with workspace_scope(tenant.id):
        ctx = Context(user_actor(tenant.id, committed.babak.id), "web")
        later = clock.now() + timedelta(days=1)
        create_records(
            ctx, TASK, [{"title": f"T{n}", "due_at": later, "reminders": ["at"]} for n in range(40)]
        )
        Reminder.objects.update(due_at=clock.now() - timedelta(minutes=1))

    def count() -> int:
        with workspace_scope(tenant.id):
            return int(EventRow.objects.filter(wire="activities.reminder_due.v1").count())

    with pytest.raises(OperationalError), workspace_scope(tenant.id):
        assert tell_due(tenant) == 40
        with connection.cursor() as cursor:
            cursor.execute("select pg_backend_pid()")
            [pid] = cursor.fetchone()
        superuser.execute("select pg_terminate_backend(%s)", [pid])
        Reminder.objects.count()
    connection.close()
    assert count() == 0

    def work() -> None:
        try:
            with workspace_scope(tenant.id):
                tell_due(tenant)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as both:
        for done in [both.submit(work), both.submit(work)]:
            done.result()
    work()
    assert count() == 40


@pytest.mark.parametrize("chosen", [["", "h1", "d1"], [""], None])
def test_chosen_where_one_writes_it_down(cast, acting, browse, chosen):
    """Above a timeline and in the calendar's small form; boxes that were not shown begin as usual."""
    with workspace_scope(cast.arman.id):
        person = create_record(acting(cast.sara), PERSON, {"name": "لیلا"})
    client = browse(cast.sara)
    begun = [
        client.get(f"/w/arman/people/{person.id}/"),
        client.get("/w/arman/calendar/new?at=2026-11-25T14:00&until=2026-11-25T15:00"),
    ]
    for page in begun:
        assert 'name="reminders" value="usual" checked' in page.content.decode()
    sent = {} if chosen is None else {"reminders": chosen}
    task = {"title": "Call", "due_at": "2026-11-25T14:00", **sent}
    assert (
        client.post(
            f"/w/arman/people/{person.id}/compose/tasks", task, headers={"HX-Request": "true"}
        ).status_code
        == 200
    )
    meeting = {"title": "Visit", "starts_at": "2026-11-25T14:00", "owner": cast.sara.id, **sent}
    for kind in ("meeting", "call"):
        answer = client.post(
            "/w/arman/calendar/new", meeting | {"kind": kind}, headers={"HX-Request": "true"}
        )
        assert answer.status_code == 200
    with workspace_scope(cast.arman.id):
        made = [one.reminders for one in (*Task.objects.all(), *Meeting.objects.all())]
    assert made == [["usual"] if chosen is None else chosen[1:]] * 3
