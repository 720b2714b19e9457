"""An automation answers to what happens: to the records that are meant, once, and says what it did and why."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.processes.automations.conftest import CREATED, NOW, WON, react

from peyvand.collaborative.sequences.public import SEQUENCE, Enrolment
from peyvand.collaborative.sequences.public import STEP as SEQUENCE_STEP
from peyvand.kernel import clock
from peyvand.kernel.errors import Invalid, RuleViolation, msg
from peyvand.operational.activities.public import Task
from peyvand.operational.assignment.public import RULE, SEAT
from peyvand.platform.actions.action import action_named
from peyvand.platform.actions.context import Context
from peyvand.platform.events.facts import RecordCreated
from peyvand.platform.events.models import EventRow
from peyvand.platform.events.reactions import BATCH, Cause, dispatch
from peyvand.platform.identity.actor import access_changed
from peyvand.platform.identity.models import Role
from peyvand.platform.insights.events import InsightLevelChanged
from peyvand.platform.insights.telling import reason
from peyvand.platform.objects.records import create_record, delete_records, update_record
from peyvand.platform.objects.spec import object_named
from peyvand.processes.automations.actions import pause, run_again
from peyvand.processes.automations.events import AutomationApplied, AutomationTold
from peyvand.processes.automations.jobs import check
from peyvand.processes.automations.models import Automation, AutomationRun
from peyvand.processes.automations.notifying import those_named
from peyvand.processes.automations.objects import AUTOMATION, STEP
from peyvand.processes.automations.reactions import act
from peyvand.processes.automations.rules import in_the_way, steps_of
from peyvand.processes.automations.trial import trial
from peyvand.web.objects.pages.timeline import fetch_timeline

Make = Callable[..., Automation]
People = Callable[..., list[Any]]
PERSON, DEAL, COMPANY, TASK = (object_named(key) for key in ("person", "deal", "company", "task"))


def jobs() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*) from procrastinate_jobs where args->>'reaction_name' like 'processes.automations.%'"
        )
        return int(cursor.fetchone()[0])


def test_it_does_its_step_and_the_record_says_so(
    ctx: Context, cast: Any, automation: Make, people: People
) -> None:
    automation({
        "kind": "task", "title": "Call {{person.name}}", "text": "{{reason}} / {{event.title}} / {{person.given_name}}", "whom": "owner",
        "days": 1, "priority": "high",
    })  # fmt: skip
    [reza] = people("Reza", owner=cast.babak.id)
    react(ctx)
    task = Task.objects.get()
    assert (task.title, task.owner_id, task.priority) == ("Call Reza", cast.babak.id, "high")
    assert task.description.endswith("/ Reza / Reza")
    assert (task.about_object, task.about_id, task.person_id) == ("person", reza.id, reza.id)
    # A working day later, at the same time.
    assert task.due_at == NOW + timedelta(days=1)
    [run] = AutomationRun.objects.all()
    assert (run.state, run.group, run.about_id, run.owner_id) == ("done", "treated", reza.id, cast.babak.id)
    assert "Babak Naderi" in run.result
    [told] = [
        e
        for e in fetch_timeline(ctx, PERSON, reza.id).entries
        if e.fact and e.fact.wire == AutomationApplied.wire
    ]
    assert str(told.fact.describe()).startswith("by “Greet”: made a task for Babak Naderi (because: ")
    event = EventRow.objects.get(wire=AutomationApplied.wire)
    assert event.cause_id == EventRow.objects.get(wire=CREATED, object="person").id
    assert (event.depth, event.actor_kind) == (1, "system")


def test_only_what_meets_the_condition_and_only_while_it_is_on(
    ctx: Context, automation: Make, people: People
) -> None:
    one = automation(condition={"field": "name", "op": "contains", "value": "Reza"})
    people("Reza", "Mina")
    react(ctx)
    assert [task.title for task in Task.objects.all()] == ["Call Reza"]
    pause(ctx, one)
    people("Reza 2")
    react(ctx)
    assert Task.objects.count() == 1
    with pytest.raises(RuleViolation):
        _delete_while_on(ctx, one)


def _delete_while_on(ctx: Context, one: Automation) -> None:
    action_named("automation.begin").function(ctx, one)  # type: ignore[union-attr]
    delete_records(ctx, AUTOMATION, [one])


def test_only_what_somebody_waits_for_becomes_a_job_and_sets_stay_sets(
    ctx: Context, automation: Make, people: People
) -> None:
    people("Reza")
    assert jobs() == 0
    one = automation()
    people("Mina")
    create_record(ctx, COMPANY, {"name": "Avand"})
    # The company's creation is such a fact too; which records are meant is asked when it is answered.
    assert jobs() == 2
    facts = [RecordCreated(object="person", object_id=n + 1) for n in range(3 * BATCH)]
    dispatch(facts, list(range(1, 3 * BATCH + 1)), 0)
    assert jobs() == 5
    dispatch(facts, list(range(1, 3 * BATCH + 1)), 0, silent=True)
    dispatch(facts, list(range(1, 3 * BATCH + 1)), 0, ["automations"])
    pause(ctx, one)
    people("Sara")
    assert jobs() == 5


def test_it_comes_to_a_record_once_for_an_event_and_once_in_its_quiet_time(
    ctx: Context, cast: Any, automation: Make, people: People
) -> None:
    automation(quiet_days=7)
    [reza] = people("Reza")
    event = EventRow.objects.get(wire=CREATED, object="person", object_id=reza.id)
    for _ in range(2):
        react(ctx)
    assert Task.objects.count() == 1
    again = event.id + 10**9
    for days, tasks in ((6, 1), (8, 2)):
        again += 1
        with clock.freeze(NOW + timedelta(days=days)):
            act(
                Cause(ctx.tenant, again, 1, (again,), (None,)),
                [RecordCreated(object="person", object_id=reza.id)],
            )
        assert Task.objects.count() == tasks


def test_it_never_answers_to_what_it_brought_about(ctx: Context, automation: Make, people: People) -> None:
    """A task for every new task would be tasks without end."""
    automation(
        {"kind": "task", "title": "Look at {{task.title}}", "whom": "rules"}, name="Echo", object="task"
    )
    create_record(ctx, TASK, {"title": "First"})
    for _ in range(3):
        react(ctx)
    titles = sorted(Task.objects.values_list("title", flat=True))
    assert titles == ["First", "Look at First"]


def test_a_fact_about_another_record_means_the_one_it_belongs_to(
    ctx: Context, cast: Any, automation: Make, people: People
) -> None:
    automation({"kind": "set", "field": "person.job_title", "value": "Buyer of {{event.title}}"}, event=WON)
    [reza] = people("Reza")
    deal = create_record(ctx, DEAL, {"name": "Tiles", "person": reza.id, "owner": cast.babak.id})
    action_named("deal.win").function(ctx, deal)  # type: ignore[union-attr]
    react(ctx, WON)
    reza.refresh_from_db()
    assert reza.job_title == "Buyer of Tiles"


def test_whom_a_rule_refuses_is_refused_alone_and_can_be_run_again(
    ctx: Context, cast: Any, automation: Make, people: People
) -> None:
    automation(
        {"kind": "task", "title": "Help", "whom": "manager"},
        {"kind": "set", "field": "person.job_title", "value": "Seen"},
    )
    [reza, _] = people("Reza", owner=cast.mina.id) + people("Ali", owner=cast.babak.id)
    react(ctx)
    run = AutomationRun.objects.get(about_id=reza.id)
    assert (run.state, bool(run.problem)) == ("partly", True)
    assert Task.objects.get().owner_id == cast.mina.id
    cast.mina.manager = cast.sara
    cast.mina.save()
    reza.refresh_from_db()
    before = reza.version
    run_again(ctx, run)
    run.refresh_from_db()
    reza.refresh_from_db()
    assert (run.state, run.problem) == ("done", "")
    # What was done already is not done again.
    assert reza.version == before
    assert set(Task.objects.values_list("owner_id", flat=True)) == {cast.mina.id, cast.sara.id}


def test_people_are_told_and_records_given(ctx: Context, cast: Any, automation: Make, people: People) -> None:
    rule = create_record(ctx, RULE, {"name": "All", "object": "deal", "way": "turns", "at_work": "any"})
    create_record(ctx, SEAT, {"rule": rule.id, "user": cast.mina.id})
    automation(
        {"kind": "notify", "text": "Look at {{deal.name}}", "whom": "user", "user": cast.babak.id},
        {"kind": "give", "whom": "rules"},
        object="deal",
    )
    deal = create_record(ctx, DEAL, {"name": "Tiles", "owner": cast.babak.id})
    react(ctx)
    deal.refresh_from_db()
    assert deal.owner_id == cast.mina.id
    row = EventRow.objects.get(wire=AutomationTold.wire)
    assert row.data["text"] == "Look at Tiles"
    fact = AutomationTold(object="deal", object_id=deal.id, **row.data)
    assert those_named(Cause(ctx.tenant, row.id, 1, (row.id,), (None,)), [fact]) == [[cast.babak.id]]


def test_an_insight_that_rose_is_answered_with_its_reasons(
    ctx: Context, cast: Any, automation: Make, people: People
) -> None:
    automation(
        {"kind": "task", "title": "Win {{person.name}} back", "text": "{{reason}}\n{{offer|nothing yet}}", "whom": "owner"},
        event=InsightLevelChanged.wire, direction="up",
    )  # fmt: skip
    [reza, ali] = people("Reza", "Ali", owner=cast.babak.id)
    why = [reason(msg("No order for %(n)s days.", n=90), 0.3)]
    facts = [
        InsightLevelChanged(object="person", object_id=reza.id, insight="churn_level", was="low", now="high", direction="up", reasons=why),
        InsightLevelChanged(object="person", object_id=ali.id, insight="churn_level", was="high", now="low", direction="down"),
    ]  # fmt: skip
    act(Cause(ctx.tenant, 1, 1, (1, 2), (None, None)), facts)
    task = Task.objects.get()
    assert (task.title, task.person_id) == ("Win Reza back", reza.id)
    assert "90" in task.description or "۹۰" in task.description


def test_a_changed_field_and_the_dry_run(ctx: Context, automation: Make, people: People) -> None:
    wire = "objects.record_updated.v1"
    one = automation(event=wire, changed="person.job_title")
    reza, ali = people("Reza", "Ali")
    update_record(ctx, PERSON, reza, {"job_title": "Manager"})
    update_record(
        ctx, PERSON, ali, {"city": "Tehran"} if "city" in PERSON.all_fields else {"given_name": "Aly"}
    )
    react(ctx, wire)
    assert [run.about_id for run in AutomationRun.objects.all()] == [reza.id]
    found = trial(ctx, one)
    assert (found.count, found.records) == (1, ((reza.id, "Reza"),))
    assert Task.objects.count() == 1


def test_by_the_hour_whatever_meets_the_condition_in_sets(
    ctx: Context, automation: Make, people: People
) -> None:
    one = automation(
        event="hourly", condition={"field": "name", "op": "contains", "value": "R"}, quiet_days=5
    )
    people(*(f"R{n}" for n in range(7)), "Ali")
    check(ctx.tenant, one.id, 0)
    check(ctx.tenant, one.id, 0)
    assert Task.objects.count() == AutomationRun.objects.count() == 7
    with clock.freeze(NOW + timedelta(days=6)):
        check(ctx.tenant, one.id, 0)
    assert Task.objects.count() == 14


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"event": "hourly"}, "condition"),
        ({"event": "hourly", "condition": {"field": "name", "op": "filled"}, "quiet_days": 0}, "quiet_days"),
        ({"condition": {"field": "nothing", "op": "filled"}}, "condition.field"),
        ({"event": "objects.record_updated.v1", "changed": "deal.amount"}, "changed"),
        ({"outcome": {"field": "name", "op": "filled"}, "outcome_event": WON}, "outcome_event"),
        ({"object": "role"}, "object"),
    ],
)
def test_what_makes_no_sense_is_refused_at_its_field(
    ctx: Context, values: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        create_record(ctx, AUTOMATION, {"name": "Odd", "event": CREATED, "object": "person", **values})
    assert refused.value.problems[0].field == field


@pytest.mark.parametrize(
    ("step", "field"),
    [
        ({"kind": "task"}, "title"),
        ({"kind": "task", "title": "{{person.nothing}}"}, "title"),
        ({"kind": "notify", "whom": "owner"}, "text"),
        ({"kind": "give", "whom": "owner"}, "whom"),
        ({"kind": "give", "whom": "rules"}, "whom"),
        ({"kind": "give", "whom": "user"}, "user"),
        ({"kind": "set", "field": "deal.name", "value": "x"}, "field"),
        ({"kind": "set", "field": "person.birthday", "value": "no day"}, "value"),
        ({"kind": "enrol"}, "sequence"),
    ],
)
def test_a_step_that_cannot_be_taken_is_refused_at_its_field(
    ctx: Context, step: dict[str, Any], field: str
) -> None:
    one = create_record(ctx, AUTOMATION, {"name": "Odd", "event": CREATED, "object": "person"})
    with pytest.raises(Invalid) as refused:
        create_record(ctx, STEP, {"automation": one.id, **step})
    assert refused.value.problems[0].field == field


def test_without_a_step_it_is_not_switched_on(ctx: Context) -> None:
    one = create_record(ctx, AUTOMATION, {"name": "Empty", "event": CREATED, "object": "person"})
    with pytest.raises(RuleViolation):
        action_named("automation.begin").function(ctx, one)  # type: ignore[union-attr]


def test_a_text_tells_nobody_what_their_role_hides(
    ctx: Context, cast: Any, automation: Make, people: People
) -> None:
    Role.objects.filter(key="member").update(fields={"person.job_title": "hidden"})
    access_changed(cast.arman.id)
    texts = {"kind": "task", "title": "{{person.name}}", "text": "{{person.job_title|hidden}}"}
    automation({**texts, "whom": "owner"})
    automation({**texts, "whom": "rules"}, name="For whom it may be")
    people("Reza", owner=cast.babak.id, job_title="Manager")
    people("Sara", owner=cast.sara.id, job_title="Manager")
    react(ctx)
    told = {(task.title, task.owner_id): task.description for task in Task.objects.all()}
    assert told == {
        ("Reza", cast.babak.id): "hidden",
        ("Sara", cast.sara.id): "Manager",
        ("Reza", None): "hidden",
        ("Sara", None): "hidden",
    }


def test_a_set_costs_the_same_for_any_number_of_records(
    ctx: Context, cast: Any, automation: Make, people: People
) -> None:
    automation(
        {"kind": "task", "title": "Call {{person.name}}", "whom": "owner"},
        {"kind": "set", "field": "person.job_title", "value": "Seen"},
        {"kind": "notify", "text": "{{person.name}}", "whom": "owner"},
        quiet_days=3,
    )
    costs = []
    for size in (8, 80):
        made = people(*(f"P{size} {n}" for n in range(size)), owner=cast.babak.id)
        facts = [RecordCreated(object="person", object_id=person.id) for person in made]
        ids = tuple(10**9 * size + n for n in range(size))
        with CaptureQueriesContext(connection) as asked:
            act(Cause(ctx.tenant, ids[0], 1, ids, (None,) * size), facts)
        costs.append(len(asked))
    assert AutomationRun.objects.filter(state="done").count() == 88
    assert costs[1] <= costs[0] + 2, costs


def test_a_sequence_is_begun_or_refused_with_the_reason(
    ctx: Context, cast: Any, automation: Make, people: People
) -> None:
    sequence = create_record(ctx, SEQUENCE, {"name": "Greeting"})
    create_record(ctx, SEQUENCE_STEP, {"sequence": sequence.id, "kind": "call", "name": "Call"})
    update_record(ctx, SEQUENCE, sequence, {"is_active": True})
    one = automation({"kind": "enrol", "sequence": sequence.id})
    [reza] = people("Reza", owner=cast.babak.id)
    react(ctx)
    assert list(Enrolment.objects.values_list("person_id", flat=True)) == [reza.id]
    sequence.refresh_from_db()
    update_record(ctx, SEQUENCE, sequence, {"is_active": False})
    assert [str(why) for why in in_the_way(one, steps_of([one.id])[one.id])] == [
        "A step begins a sequence that is not active."
    ]
    people("Ali", owner=cast.babak.id)
    react(ctx)
    assert AutomationRun.objects.get(state="refused").problem
    assert Enrolment.objects.count() == 1
