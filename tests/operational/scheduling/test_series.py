"""What comes again: the next one is there once the last is done or its time has come, once, by the clocks of the workspace."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from peyvand.kernel import clock
from peyvand.kernel.errors import Invalid, NotAllowed, RuleViolation
from peyvand.kernel.persian.calendar import from_jalali, to_jalali
from peyvand.kernel.recurrence import Rule
from peyvand.operational.activities.public import MEETING, TASK, Meeting, Task, complete_task, hold_meeting
from peyvand.operational.contacts.public import PERSON
from peyvand.operational.scheduling import series
from peyvand.operational.scheduling.actions import (
    carry_over_task,
    end_tasks,
    leave_task_out,
    repeat_meeting,
    repeat_task,
)
from peyvand.operational.scheduling.jobs import carry_series_on
from peyvand.operational.scheduling.models import Occurrence, Series
from peyvand.operational.scheduling.spoken import in_words
from peyvand.platform.objects.records import create_record, delete_records, update_record
from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.testing.committed import behind
from peyvand.testing.programs import program_of
from peyvand.testing.queue import drain

MONDAY = datetime(2026, 3, 2, 6, 30, tzinfo=UTC)


@pytest.fixture
def ctx(cast, acting):
    with clock.freeze(MONDAY), workspace_scope(cast.arman.id):
        yield acting(cast.sara)


def task(ctx, due="2026-03-03 10:00", **raw):
    return create_record(ctx, TASK, {"title": "Call the bank", "due_at": due, **raw})


def days_of(ctx, model=Task, attr="due_at"):
    return [getattr(r, attr).astimezone(ctx.tenant.tz).date() for r in model.objects.order_by(attr)]


def pass_to(ctx, day):
    """Let the clock run to noon of a day and what comes by it happen."""
    with clock.freeze(datetime(day.year, day.month, day.day, 8, 30, tzinfo=UTC)):
        series.carry_on(ctx, series.due(ctx.tenant))


def test_the_next_comes_with_its_time(ctx):
    first = task(ctx, kind="call", priority="high", description="Ask for the rate")
    repeat_task(ctx, first, unit="week")
    pass_to(ctx, date(2026, 3, 2))
    assert len(days_of(ctx)) == 1, "its time has not come"
    pass_to(ctx, date(2026, 3, 3))
    pass_to(ctx, date(2026, 3, 3))
    assert days_of(ctx) == [date(2026, 3, 3), date(2026, 3, 10)]
    new = Task.objects.latest("id")
    assert (new.title, new.kind, new.priority, new.description) == (
        "Call the bank",
        "call",
        "high",
        "Ask for the rate",
    )
    assert (new.owner_id, new.status) == (ctx.actor.user_id, "open")
    assert new.due_at.astimezone(ctx.tenant.tz).strftime("%H:%M") == "10:00"


def test_weeks_in_which_nothing_ran_are_not_made_up_for(ctx):
    repeat_task(ctx, task(ctx), unit="day")
    pass_to(ctx, date(2026, 4, 20))
    assert days_of(ctx) == [date(2026, 3, 3), date(2026, 4, 20)]


def test_a_month_of_the_jalali_calendar_and_its_last_day(ctx):
    first = task(ctx, due=from_jalali(1404, 12, 29).isoformat() + " 09:00")
    repeat_task(ctx, first, unit="month", calendar="jalali", day=31)
    for _ in range(2):
        pass_to(ctx, days_of(ctx)[-1])
    assert [to_jalali(day)[1:] for day in days_of(ctx)] == [(12, 29), (1, 31), (2, 31)]


def test_the_clock_stays_where_clocks_are_changed(cast, acting):
    from peyvand.platform.identity.actor import tenant_by
    from peyvand.platform.workspaces.models import Workspace

    Workspace.objects.filter(id=cast.arman.id).update(timezone="Europe/Berlin")
    with clock.freeze(datetime(2026, 3, 27, 12, tzinfo=UTC)), workspace_scope(cast.arman.id):
        from peyvand.platform.actions.context import job_context

        ctx = job_context(tenant_by(id=cast.arman.id))
        meeting = create_record(
            ctx,
            MEETING,
            {"title": "Round", "starts_at": "2026-03-28T08:00:00Z", "ends_at": "2026-03-28T09:30:00Z"},
        )
        repeat_meeting(ctx, meeting, unit="day")
    with clock.freeze(datetime(2026, 3, 28, 8, 1, tzinfo=UTC)), workspace_scope(cast.arman.id):
        series.carry_on(ctx, series.due(ctx.tenant))
        new = Meeting.objects.latest("id")
    assert new.starts_at == datetime(2026, 3, 29, 7, tzinfo=UTC), "nine o'clock in summer too"
    assert new.ends_at - new.starts_at == timedelta(minutes=90)


def test_until_and_count(ctx):
    counted, until = task(ctx), task(ctx, due="2026-03-03 12:00")
    repeat_task(ctx, counted, unit="day", count=2)
    repeat_task(ctx, until, unit="day", until=date(2026, 3, 4))
    for day in (3, 4, 5, 6):
        pass_to(ctx, date(2026, 3, day))
    assert sorted(days_of(ctx)) == [date(2026, 3, 3)] * 2 + [date(2026, 3, 4)] * 2
    assert Series.objects.filter(ended_at__isnull=True).count() == 0


def test_a_series_is_changed_from_here_on_or_whole(ctx):
    first = task(ctx)
    repeat_task(ctx, first, unit="week")
    pass_to(ctx, date(2026, 3, 3))
    second = Task.objects.latest("id")
    update_record(ctx, TASK, second, {"title": "Only this one"})
    pass_to(ctx, date(2026, 3, 10))
    assert Task.objects.latest("id").title == "Call the bank"

    update_record(ctx, TASK, second, {"title": "From here on", "due_at": "2026-03-10 16:00"})
    assert carry_over_task(ctx, second, which="following") == 1
    titles = list(Task.objects.order_by("id").values_list("title", flat=True))
    assert titles == ["Call the bank", "From here on", "From here on"]
    third = Task.objects.latest("id")
    assert third.due_at.astimezone(ctx.tenant.tz).strftime("%d %H:%M") == "17 16:00"
    assert carry_over_task(ctx, second, which="all") == 2, "the first becomes so too"
    assert set(Task.objects.values_list("title", flat=True)) == {"From here on"}
    pass_to(ctx, date(2026, 3, 17))
    assert Task.objects.latest("id").title == "From here on"


def test_a_new_rule_begins_with_the_record_it_is_given_to(ctx):
    first = task(ctx)
    repeat_task(ctx, first, unit="week")
    pass_to(ctx, date(2026, 3, 3))
    first.refresh_from_db()
    repeat_task(ctx, first, unit="day", every=3)
    assert Task.objects.filter(deleted_at__isnull=True).count() == 1
    pass_to(ctx, date(2026, 3, 3))
    assert Task.objects.filter(deleted_at__isnull=True).latest("id").due_at.date() == date(2026, 3, 6)
    assert Series.objects.count() == 1


def test_an_ended_series_makes_nothing(ctx):
    first = task(ctx)
    repeat_task(ctx, first, unit="day")
    end_tasks(ctx, first)
    pass_to(ctx, date(2026, 3, 9))
    assert Task.objects.count() == 1
    with pytest.raises(RuleViolation):
        end_tasks(ctx, first)


def test_what_it_was_about_may_be_gone(ctx):
    person = create_record(ctx, PERSON, {"family_name": "Karimi"})
    repeat_task(ctx, task(ctx, person=person.id), unit="day")
    delete_records(ctx, PERSON, [person])
    pass_to(ctx, date(2026, 3, 3))
    assert Task.objects.latest("id").person_id is None


@pytest.mark.parametrize(
    ("rule", "field"),
    [
        ({"unit": ""}, "unit"),
        ({"unit": "month", "weekdays": ["5"]}, "nth"),
        ({"unit": "month", "day": 3, "is_last": True}, "day"),
        ({"unit": "month", "nth": "2"}, "weekdays"),
        ({"unit": "day", "count": 3, "until": date(2026, 5, 1)}, "count"),
    ],
)
def test_a_rule_without_sense_is_refused_by_its_field(ctx, rule, field):
    with pytest.raises(Invalid) as refused:
        repeat_task(ctx, task(ctx), **rule)
    assert [p.field for p in refused.value.problems] == [field]


def test_without_a_time_nothing_can_come_again(ctx):
    with pytest.raises(RuleViolation):
        repeat_task(ctx, task(ctx, due=""), unit="day")


def test_in_words_of_both_languages():
    from django.utils import translation

    first = from_jalali(1405, 1, 30)
    jalali = Rule("month", calendar="jalali")
    with translation.override("fa"):
        assert in_words(jalali, first, "fa") == "هر ماه، روز ۳۰ (یا آخرین روز)"
        assert in_words(Rule("week", 2, "jalali", (0, 5)), first, "fa") == "هر ۲ هفته، شنبه، دوشنبه"
        assert in_words(Rule("year", calendar="jalali", day=None), from_jalali(1403, 12, 30), "fa") == (
            "هر سال، ۳۰ اسفند (یا آخرین روز)"
        )
        assert in_words(Rule("month", nth=-1, weekdays=(4,), count=3), first, "fa") == (
            "هر ماه، آخرین جمعه، گاه‌شماری میلادی، ۳ بار"
        )
    with translation.override("en"):
        assert in_words(jalali, first, "en") == "Every month, day 30 (or the last day), Jalali calendar"
        assert (
            in_words(Rule("day", 3, until=date(2027, 1, 5)), first, "en")
            == "Every 3 days, until 5 January 2027"
        )


def test_done_early_is_followed_at_once_and_by_one_alone(committed):
    """By the real worker: what is done, and the clock, make one next record between them."""
    from peyvand.platform.actions.context import Context
    from peyvand.platform.identity.actor import user_actor

    arman = committed.arman
    now = clock.now().replace(second=0, microsecond=0)
    with workspace_scope(arman.id):
        ctx = Context(user_actor(arman.id, committed.sara.id), "web")
        first = create_record(ctx, TASK, {"title": "Report", "due_at": (now + timedelta(days=2)).isoformat()})
        repeat_task(ctx, first, unit="week")
        meeting = create_record(
            ctx, MEETING, {"title": "Review", "starts_at": (now - timedelta(hours=1)).isoformat()}
        )
        repeat_meeting(ctx, meeting, unit="month", calendar="jalali")
        complete_task(ctx, first)
        hold_meeting(ctx, meeting)
    carry_series_on(arman)
    drain()
    with workspace_scope(arman.id):
        assert Task.objects.filter(status="open").count() == 1
        assert Meeting.objects.filter(status="planned").count() == 1
        assert Occurrence.objects.count() == 4
        assert Task.objects.get(status="open").due_at == first.due_at + timedelta(days=7)


def test_by_program_and_on_the_page(cast, browse):
    program = program_of(cast.sara, cast.arman)
    id = program.post("tasks", {"title": "Report", "due_at": "2027-01-04T08:00:00Z"}).json["id"]
    assert program.post(f"tasks/{id}/repeat", {"unit": "fortnight"}).status == 422
    assert program.post(f"tasks/{id}/repeat", {"unit": "week", "weekdays": ["0"]}).status == 200
    body = browse(cast.sara).get(f"/w/arman/tasks/{id}/").content.decode()
    assert "هر هفته، دوشنبه" in body
    assert "پایان‌دادن به تکرار" in body
    dialog = browse(cast.sara).get(f"/w/arman/tasks/{id}/do/repeat").content.decode()
    assert "ماهی که کوتاه‌تر است" in dialog
    assert program_of(cast.viewer, cast.arman).post(f"tasks/{id}/end_series", {}).status == 403
    assert program.post(f"tasks/{id}/end_series", {}).status == 200


def test_who_was_given_one_of_a_series_has_not_got_the_series(cast, acting):
    with workspace_scope(cast.arman.id):
        sara, babak = acting(cast.sara), acting(cast.babak)
        first = task(sara, due="2027-01-04 10:00")
        repeat_task(sara, first, unit="week")
        before = Series.objects.values().get()
        update_record(sara, TASK, first, {"owner": cast.babak.id})
        update_record(babak, TASK, first, {"title": "Mine"})
        for act in (
            lambda: end_tasks(babak, first),
            lambda: carry_over_task(babak, first, which="all"),
            lambda: leave_task_out(babak, first, day=date(2027, 1, 11)),
            lambda: repeat_task(babak, first, unit="day"),
        ):
            with pytest.raises(NotAllowed), workspace_scope(cast.arman.id):
                act()
        assert Series.objects.values().get() == before
        end_tasks(sara, first)
        assert Series.objects.get().ended_at is not None


@pytest.fixture
def given(cast, ctx):
    """Five days of Sara's standup that nobody did yet, with the third given to Babak: (records, that one)."""
    first = task(ctx, due="2026-03-03 10:00")
    repeat_task(ctx, first, unit="day")
    for day in range(3, 7):
        pass_to(ctx, date(2026, 3, day))
    records = list(Task.objects.order_by("due_at"))
    assert len(records) == 5
    update_record(ctx, TASK, records[2], {"owner": cast.babak.id, "title": "Mine"})
    return records, records[2]


def owners(cast):
    names = {cast.sara.id: "s", cast.babak.id: "b", cast.mina.id: "m"}
    rows = Task.objects.filter(deleted_at=None).order_by("due_at", "id")
    return "".join(names[owner] for owner in rows.values_list("owner_id", flat=True))


@pytest.mark.parametrize(("which", "shown"), [("following", "smbmmm"), ("all", "mmbmmm")])
def test_a_series_goes_to_another_owner_but_for_what_was_given_away(cast, ctx, given, which, shown):
    records, babaks = given
    second = Task.objects.get(id=records[1].id)
    update_record(ctx, TASK, second, {"owner": cast.mina.id})
    assert owners(cast) == "smbss", "one alone is given away"
    carry_over_task(ctx, second, which=which)
    pass_to(ctx, date(2026, 3, 7))
    assert owners(cast) == shown
    mine = Task.objects.get(id=babaks.id)
    assert (mine.title, mine.due_at) == ("Mine", babaks.due_at), "neither written over nor moved"


def test_a_new_rule_leaves_what_was_given_away_and_its_day(cast, ctx, given):
    records, babaks = given
    repeat_task(ctx, Task.objects.get(id=records[0].id), unit="day")
    for day in range(3, 7):
        pass_to(ctx, date(2026, 3, day))
    assert Task.objects.get(id=babaks.id).deleted_at is None
    assert owners(cast) == "ssbss", "the others come anew, and nobody has Babak's day besides"
    living = Task.objects.filter(deleted_at=None).order_by("due_at")
    assert [t.due_at.astimezone(cast.arman.tz).day for t in living] == [3, 4, 5, 6, 7]


def test_two_days_left_out_at_once_are_both_left_out(committed):
    from peyvand.platform.actions.context import Context
    from peyvand.platform.identity.actor import user_actor

    arman = committed.arman

    def context():
        return Context(user_actor(arman.id, committed.sara.id), "web")

    tomorrow = clock.now().replace(microsecond=0) + timedelta(days=1)
    with workspace_scope(arman.id):
        first = create_record(context(), TASK, {"title": "Report", "due_at": tomorrow.isoformat()})
        repeat_task(context(), first, unit="day")
    days = [tomorrow.date() + timedelta(days=n) for n in (5, 6)]
    one, other = (lambda day=day: leave_task_out(context(), first, day=day) for day in days)
    behind(arman, one, other)
    with workspace_scope(arman.id):
        assert Series.objects.get().left_out == [day.isoformat() for day in days]


def test_a_series_that_is_carried_on_at_the_same_moment_stays_where_it_came_to(committed):
    from peyvand.platform.actions.context import Context
    from peyvand.platform.identity.actor import user_actor

    arman = committed.arman

    def context():
        return Context(user_actor(arman.id, committed.sara.id), "web")

    past = clock.now().replace(microsecond=0) - timedelta(hours=2)
    with workspace_scope(arman.id):
        first = create_record(context(), TASK, {"title": "Report", "due_at": past.isoformat()})
        repeat_task(context(), first, unit="day")
        before = Series.objects.get()

    def carried_on():
        assert series.carry_on(context(), [before.id]) == 1

    assert behind(arman, carried_on, lambda: carry_over_task(context(), first, which="following")) == 1
    with workspace_scope(arman.id):
        now = Series.objects.get()
        assert now.last_on > before.last_on
        assert now.last_on == Occurrence.objects.latest("on").on
