"""Tasks, notes, meetings and calls: about any record, told on its timelines, seen by those who see it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from peyvand.kernel import clock
from peyvand.kernel.conditions import matches, parse
from peyvand.kernel.errors import Invalid, NotAllowed, RuleViolation
from peyvand.operational.activities.public import (
    CALL,
    MEETING,
    NOTE,
    TASK,
    Call,
    Task,
    complete_task,
    log_call,
    my_meetings,
    my_tasks,
)
from peyvand.operational.contacts.public import COMPANY, PERSON
from peyvand.operational.sales.public import DEAL, Deal
from peyvand.platform.audit.models import AuditEntry
from peyvand.platform.events.models import EventRow, TimelineEntry
from peyvand.platform.fields.types import Ref
from peyvand.platform.objects.filters import eval_context, record_values
from peyvand.platform.objects.queries import ListQuery, fetch_page, fetch_row
from peyvand.platform.objects.records import create_record, create_records, update_record
from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.testing.queue import drain


@pytest.fixture
def ctx(cast, acting):
    with workspace_scope(cast.arman.id):
        yield acting(cast.babak)


@pytest.fixture
def deal(ctx):
    company = create_record(ctx, COMPANY, {"name": "آوند طب"})
    person = create_record(ctx, PERSON, {"name": "ندا کریمی", "company": company.id, "phones": "09124382217"})
    return create_record(ctx, DEAL, {"name": "تأمین سالانه", "company": company.id, "person": person.id})


@pytest.mark.parametrize("raw", ["deal:{id}", {"object": "deal", "id": "{id}"}])
def test_an_activity_concerns_whom_its_deal_concerns(ctx, deal, raw):
    about = raw.format(id=deal.id) if isinstance(raw, str) else {"object": "deal", "id": deal.id}
    task = create_record(ctx, TASK, {"title": "پیگیری", "about": about})
    shown = fetch_row(TASK, ctx.actor, task.id).values
    assert shown["about"] == Ref("deal", deal.id, "تأمین سالانه")
    assert (shown["person"].title, shown["company"].title) == ("ندا کریمی", "آوند طب")
    event = EventRow.objects.get(object="task")
    found = set(TimelineEntry.objects.filter(event_id=event.id).values_list("object", "object_id"))
    assert found == {
        ("task", task.id),
        ("deal", deal.id),
        ("person", deal.person_id),
        ("company", deal.company_id),
    }


@pytest.mark.parametrize("raw", ["deal:999999", "nothing:1", "deal", {"id": 3}, "deal:0"])
def test_what_it_is_about_must_be_there(ctx, raw):
    with pytest.raises(Invalid) as caught:
        create_record(ctx, TASK, {"title": "x", "about": raw})
    assert [p.field for p in caught.value.problems] == ["about"]


def test_what_others_own_cannot_be_named(cast, acting):
    with workspace_scope(cast.arman.id):
        hidden = create_record(acting(cast.sara), DEAL, {"name": "Secret"})
        with pytest.raises(Invalid):
            create_record(acting(cast.babak), NOTE, {"text": "x", "about": f"deal:{hidden.id}"})


def test_about_is_filtered_in_sql_as_in_python(ctx, deal):
    about = create_record(ctx, TASK, {"title": "a", "about": f"deal:{deal.id}"})
    other = create_record(ctx, TASK, {"title": "b", "about": f"person:{deal.person_id}"})
    none = create_record(ctx, TASK, {"title": "c"})
    key = f"deal:{deal.id}"
    for op, value, want in (
        ("is", key, [about]), ("is_not", key, [other, none]), ("in", [key, f"person:{deal.person_id}"], [about, other]),
        ("empty", None, [none]), ("filled", None, [about, other]), ("is", "no reference", []),
    ):  # fmt: skip
        json = {"field": "about", "op": op} | ({"value": value} if value else {})
        condition = parse(json, TASK.condition_schema)
        rows = fetch_page(ListQuery(TASK, ctx.actor, ("title",), condition)).rows
        tasks = Task.objects.all()
        in_python = [
            t.id for t in tasks if matches(condition, record_values(t, TASK), eval_context(ctx.actor))
        ]
        assert sorted(r.id for r in rows) == sorted(in_python) == sorted(t.id for t in want), op


def test_a_task_is_completed_once(ctx, deal):
    task = create_record(ctx, TASK, {"title": "تماس", "kind": "call", "about": f"deal:{deal.id}"})
    complete_task(ctx, task)
    done = Task.objects.get(id=task.id)
    assert (done.status, done.done_at is not None) == ("done", True)
    assert EventRow.objects.filter(wire="activities.task_completed.v1").count() == 1
    with pytest.raises(RuleViolation):
        complete_task(ctx, done)


def test_saving_a_done_task_again_tells_nothing_new(ctx):
    task = create_record(ctx, TASK, {"title": "x"})
    complete_task(ctx, task)
    update_record(ctx, TASK, Task.objects.get(id=task.id), {"status": "done", "title": "y"})
    assert EventRow.objects.filter(wire="activities.task_completed.v1").count() == 1


def test_a_call_is_logged_at_the_time_it_was_made(ctx, deal):
    earlier = clock.now() - timedelta(hours=5)
    call = log_call(ctx, person=deal.person_id, started_at=earlier, duration=90, notes="خوب بود")
    made = Call.objects.get(id=call.id)
    assert (made.title, made.phone, made.company_id, made.direction) == (
        "ندا کریمی",
        "+989124382217",
        None,
        "out",
    )
    assert EventRow.objects.get(wire="activities.call_logged.v1").at == earlier
    with pytest.raises(Invalid):
        log_call(ctx)


def test_a_call_of_tomorrow_is_refused(ctx, deal):
    with pytest.raises(RuleViolation):
        log_call(ctx, person=deal.person_id, started_at=clock.now() + timedelta(days=1))


def test_duration_is_typed_like_a_clock(ctx):
    assert create_record(ctx, CALL, {"phone": "02188776655", "duration": "۳:۲۰"}).duration == 200


def test_a_note_mentions_each_user_once(cast, ctx):
    note = create_record(ctx, NOTE, {"text": f"\n@[Sara](user:{cast.sara.id}) ببینید\nو @[هیچ](user:99999)"})
    assert note.title == "@Sara ببینید".replace("@", "")
    update_record(ctx, NOTE, note, {"text": f"@[Sara](user:{cast.sara.id}) و @[Mina](user:{cast.mina.id})"})
    mentioned = (
        EventRow.objects.filter(wire="activities.mention_made.v1")
        .order_by("id")
        .values_list("data__user_id", flat=True)
    )
    assert list(mentioned) == [cast.sara.id, cast.mina.id]


def test_participants_are_kept_and_must_exist(ctx, deal):
    meeting = create_record(
        ctx, MEETING, {"title": "جلسه", "starts_at": "2026-12-01T10:00:00Z", "participants": [deal.person_id]}
    )
    assert [p["name"] for p in fetch_row(MEETING, ctx.actor, meeting.id).values["participants"]] == [
        "ندا کریمی"
    ]
    with pytest.raises(Invalid):
        create_record(
            ctx, MEETING, {"title": "x", "starts_at": "2026-12-01T10:00:00Z", "participants": [10**9]}
        )


def test_whoever_sees_the_record_sees_what_lies_about_it(cast, acting):
    """A manager's note on a member's deal is theirs to read, and not to change; one on a deal they do not see is neither."""
    with workspace_scope(cast.arman.id):
        mine = create_record(acting(cast.babak), DEAL, {"name": "Babak's"})
        hidden = create_record(acting(cast.sara), DEAL, {"name": "Sara's"})
        on_mine = create_record(acting(cast.sara), NOTE, {"text": "read me", "about": f"deal:{mine.id}"})
        create_record(acting(cast.sara), NOTE, {"text": "secret", "about": f"deal:{hidden.id}"})
        rows = fetch_page(ListQuery(NOTE, acting(cast.babak).actor, ("title", "about"))).rows
        assert [r.title for r in rows] == ["read me"]
        with pytest.raises(NotAllowed):
            update_record(acting(cast.babak), NOTE, on_mine, {"text": "changed"})


def test_today_shows_what_waits_for_me(cast, acting, still):
    with workspace_scope(cast.arman.id):
        ctx, now = acting(cast.babak), clock.now()
        for title, days in (("late", -2), ("soon", 1), ("far", 40)):
            create_record(ctx, TASK, {"title": title, "due_at": now + timedelta(days=days)})
        create_record(acting(cast.mina), TASK, {"title": "not mine", "due_at": now})
        create_record(ctx, MEETING, {"title": "m", "starts_at": now})
        assert [r.title for r in my_tasks(ctx.actor)] == ["late", "soon"]
        assert [r.title for r in my_meetings(ctx.actor)] == ["m"]


def test_lists_cost_the_same_for_any_number_of_rows(ctx, deal):
    costs = []
    for count in (3, 40):
        create_records(
            ctx, TASK, [{"title": f"{n}", "about": Ref("deal", deal.id, "")} for n in range(count)]
        )
        with CaptureQueriesContext(connection) as captured:
            fetch_page(ListQuery(TASK, ctx.actor, TASK.list_columns))
        costs.append(len(captured))
    assert costs[0] == costs[1]


def test_the_deals_next_activity_follows_its_tasks_and_meetings(committed):
    from peyvand.platform.actions.context import Context
    from peyvand.platform.identity.actor import user_actor

    tenant, now = committed.arman, clock.now()

    def acting() -> Context:
        return Context(user_actor(tenant.id, committed.babak.id), "web")

    def shown() -> tuple[str, str]:
        drain()
        with workspace_scope(tenant.id):
            return Deal.objects.values_list("next_activity_title", "next_activity_kind").get()

    with workspace_scope(tenant.id):
        made = create_record(acting(), DEAL, {"name": "d"})
        far = create_record(
            acting(),
            TASK,
            {"title": "far", "kind": "call", "about": f"deal:{made.id}", "due_at": now + timedelta(days=9)},
        )
    assert shown() == ("far", "call")
    with workspace_scope(tenant.id):
        create_record(
            acting(),
            MEETING,
            {"title": "near", "starts_at": now + timedelta(days=1), "about": f"deal:{made.id}"},
        )
    assert shown() == ("near", "meeting")
    with workspace_scope(tenant.id):
        by_itself = AuditEntry.objects.filter(action="deal.update", via="job")
        assert list(by_itself.values_list("object_id", flat=True)) == [made.id] * 2
        later = {"title": "later", "about": f"deal:{made.id}", "due_at": now + timedelta(days=20)}
        create_record(acting(), TASK, later)
    assert shown() == ("near", "meeting")
    with workspace_scope(tenant.id):
        assert by_itself.count() == 2, "what changed nothing is not told as a change"
        TASK.model.objects.filter(title="later").delete()
        update_record(acting(), MEETING, MEETING.model.objects.get(), {"status": "held"})
    assert shown() == ("far", "call")
    with workspace_scope(tenant.id):
        update_record(acting(), TASK, far, {"about": ""})
    assert shown() == ("", "")
