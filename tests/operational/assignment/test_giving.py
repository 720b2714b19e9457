"""Rules give records to somebody and say why: in turn, by load, by skill, territory, former owner, hours and leave."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest

from peyvand.administration.members.public import add_user, create_territory, draw_territory
from peyvand.kernel import clock
from peyvand.operational.assignment.assigning import give_out
from peyvand.operational.assignment.models import AssignmentEntry
from peyvand.operational.assignment.objects import RULE, SEAT, SKILL
from peyvand.operational.assignment.reasons import passed, why
from peyvand.operational.availability.public import ABSENCE, WORKING_HOURS
from peyvand.platform.actions.action import perform
from peyvand.platform.actions.context import Context, job_context
from peyvand.platform.events.models import TimelineEntry
from peyvand.platform.objects.records import create_records, update_records
from peyvand.platform.objects.spec import object_named
from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.web.objects.pages.timeline import fetch_timeline

# A Saturday morning in Tehran, when everybody works.
NOW = datetime(2026, 11, 21, 6, 30, tzinfo=UTC)
DEAL, TASK, COMPANY, PERSON = (object_named(key) for key in ("deal", "task", "company", "person"))


@pytest.fixture
def ctx(cast: Any) -> Iterator[Context]:
    with workspace_scope(cast.arman.id), clock.freeze(NOW):
        yield job_context(cast.arman)


def rule(ctx: Context, *users: Any, **values: Any) -> Any:
    usual = {"name": "All deals", "object": "deal", "way": "turns", "at_work": "now", "when_away": "keep"}
    [made] = create_records(ctx, RULE, [usual | values])
    create_records(ctx, SEAT, [{"rule": made.id, "user": getattr(user, "id", user)} for user in users])
    return made


def deals(ctx: Context, *rows: dict[str, Any]) -> list[Any]:
    return create_records(
        ctx, DEAL, [{"name": f"Deal {n}", "owner": None, **row} for n, row in enumerate(rows)]
    )


def give(ctx: Context, records: list[Any], spec: Any = DEAL) -> list[int | None]:
    perform(ctx, spec.permission("assign_now_many"), records, lambda: give_out(ctx, spec, records))
    owners = dict(spec.rows.values_list("id", "owner_id"))
    return [owners[record.id] for record in records]


def entry(record: Any) -> AssignmentEntry:
    return AssignmentEntry.objects.filter(object_id=record.id).latest("id")


def test_a_timeline_says_once_that_a_record_was_given(ctx: Context, cast: Any, acting: Any) -> None:
    rule(ctx, cast.mina)
    [deal] = deals(ctx, {})
    give(ctx, [deal])
    wires = [entry.fact.wire for entry in fetch_timeline(acting(cast.sara), DEAL, deal.id).entries]
    assert "assignment.record_given.v1" in wires
    assert "sales.deal_assigned.v1" not in wires
    update_records(ctx, DEAL, [deal], [{"owner": cast.babak.id}])
    wires = [entry.fact.wire for entry in fetch_timeline(acting(cast.sara), DEAL, deal.id).entries]
    assert "sales.deal_assigned.v1" in wires


def test_in_turn_and_the_entry_says_why(ctx: Context, cast: Any) -> None:
    rule(ctx, cast.mina, cast.babak)
    made = deals(ctx, *[{}] * 5)
    owners = give(ctx, made)
    assert owners == [cast.mina.id, cast.babak.id] * 2 + [cast.mina.id]
    said = entry(made[0])
    assert str(why(said.why)) == "it was their turn"
    [other] = said.passed
    assert (other["name"], str(passed(other))) == ("Babak Naderi", "their turn comes later")
    assert said.shares == {str(cast.mina.id): 1, str(cast.babak.id): 1}
    assert TimelineEntry.objects.filter(object="deal", object_id=made[0].id).count() >= 2
    # The place is remembered from one time to the next.
    assert give(ctx, deals(ctx, {})) == [cast.babak.id]


def test_the_first_rule_that_fits_decides_and_others_are_left_alone(ctx: Context, cast: Any) -> None:
    big = '{"field": "amount", "op": "gte", "value": 1000000}'
    rule(ctx, cast.sara, name="Seniors", condition=big, position=1)
    rule(ctx, cast.babak, condition='{"field": "amount", "op": "filled"}', position=2)
    made = deals(ctx, {"amount": 5_000_000}, {"amount": 10}, {})
    assert give(ctx, made) == [cast.sara.id, cast.babak.id, None]
    assert not AssignmentEntry.objects.filter(object_id=made[2].id).exists()


def test_to_whoever_has_the_least_open(ctx: Context, cast: Any) -> None:
    rule(ctx, cast.mina, cast.babak, way="load")
    create_records(ctx, DEAL, [{"name": "Old", "owner": cast.mina.id}] * 3)
    made = deals(ctx, *[{}] * 4)
    assert give(ctx, made) == [cast.babak.id] * 3 + [cast.mina.id]
    assert str(why(entry(made[0]).why)) == "they have the least open: 0"


def test_whoever_is_full_gets_no_more(ctx: Context, cast: Any) -> None:
    made_rule = rule(ctx, cast.mina, most_open=2)
    create_records(ctx, SEAT, [{"rule": made_rule.id, "user": cast.babak.id, "most_open": 1}])
    made = deals(ctx, *[{}] * 4)
    assert give(ctx, made) == [cast.mina.id, cast.babak.id, cast.mina.id, None]
    last = entry(made[3])
    assert last.user_id is None
    assert {str(passed(each)) for each in last.passed} == {
        "has 2 open already, at most 2 are allowed", "has 1 open already, at most 1 are allowed",
    }  # fmt: skip


def test_only_who_is_at_work_and_not_away(ctx: Context, cast: Any) -> None:
    create_records(
        ctx, WORKING_HOURS, [{"name": "Evenings", "user": cast.mina.id, "saturday": "14:00-20:00"}]
    )
    create_records(ctx, ABSENCE, [{"owner": cast.sara.id, "starts_on": date(2026, 11, 21)}])
    everybody = (cast.sara, cast.mina, cast.babak)
    made_rule = rule(ctx, *everybody)
    made = deals(ctx, {}, {})
    assert give(ctx, made) == [cast.babak.id] * 2
    said = {each["user"]: str(passed(each)) for each in entry(made[0]).passed}
    assert said == {cast.sara.id: "is away", cast.mina.id: "is not at work now"}
    type(made_rule).objects.filter(id=made_rule.id).update(at_work="any")
    assert set(give(ctx, deals(ctx, {}, {}))) == {cast.sara.id, cast.mina.id}


def test_at_night_it_goes_to_whom_the_rule_names_else_to_who_begins_first(ctx: Context, cast: Any) -> None:
    create_records(ctx, WORKING_HOURS, [{"name": "Early", "user": cast.babak.id, "sunday": "06:00-14:00"}])
    made_rule = rule(ctx, cast.mina, cast.babak)
    with clock.freeze(datetime(2026, 11, 21, 19, tzinfo=UTC)):
        night = deals(ctx, {}, {})
        assert give(ctx, night) == [cast.babak.id] * 2
        assert str(why(entry(night[0]).why)) == "nobody was at work, and they begin first"
        type(made_rule).objects.filter(id=made_rule.id).update(fallback=cast.sara)
        assert give(ctx, deals(ctx, {})) == [cast.sara.id]


def test_skills_are_named_by_a_field(ctx: Context, cast: Any) -> None:
    create_records(ctx, SKILL, [
        {"name": "عربی", "user": cast.babak.id, "level": 4}, {"name": "عربي", "user": cast.mina.id, "level": 1},
    ])  # fmt: skip
    rule(ctx, cast.mina, cast.babak, skill_from="deal.tags", least_level=3)
    tag = ({"id": None, "name": "عربی", "tone": ""},)
    made = deals(ctx, {"tags": tag}, {"tags": tag}, {})
    assert give(ctx, made) == [cast.babak.id, cast.babak.id, cast.mina.id]
    [other] = entry(made[0]).passed
    assert str(passed(other)) == "lacks the skill “عربی”"


def test_territories_by_what_lies_in_the_smallest(ctx: Context, cast: Any, acting: Any) -> None:
    sara = acting(cast.sara)
    south = create_territory(sara, name="South")
    shiraz = create_territory(sara, name="Shiraz", parent=south)
    city = {"field": "city", "op": "is", "value": "شیراز"}
    draw_territory(
        sara, south, conditions={"company": {"or": [city, {**city, "value": "یزد"}]}}, members=[cast.mina.id]
    )
    draw_territory(sara, shiraz, conditions={"company": city}, members=[cast.babak.id])
    there = create_records(
        ctx,
        COMPANY,
        [{"name": "A", "city": "شیراز"}, {"name": "B", "city": "یزد"}, {"name": "C", "city": "قم"}],
    )
    rule(ctx, cast.sara, cast.mina, cast.babak, by_territory=True)
    made = deals(ctx, *({"company": company.id} for company in there))
    assert give(ctx, made) == [cast.babak.id, cast.mina.id, cast.sara.id]


def test_whoever_had_the_customer_before_goes_first(ctx: Context, cast: Any) -> None:
    [known, owned, new] = create_records(ctx, PERSON, [
        {"family_name": "A", "owner": None}, {"family_name": "B", "owner": cast.sara.id}, {"family_name": "C", "owner": None},
    ])  # fmt: skip
    create_records(ctx, DEAL, [{"name": "Old", "owner": cast.babak.id, "person": known.id}])
    rule(ctx, cast.mina, previous_first=True)
    made = deals(ctx, *({"person": person.id} for person in (known, owned, new)))
    assert give(ctx, made) == [cast.babak.id, cast.sara.id, cast.mina.id]
    assert str(why(entry(made[0]).why)) == "they looked after this customer before"
    create_records(ctx, ABSENCE, [{"owner": cast.babak.id, "starts_on": date(2026, 11, 21)}])
    assert give(ctx, deals(ctx, {"person": known.id})) == [cast.mina.id]


def test_a_pool_is_teams_and_users_without_those_switched_off(ctx: Context, cast: Any) -> None:
    gone = add_user(ctx, name="Gone", email="gone@arman.example", role="member", team=cast.mina.team)
    type(gone).objects.filter(id=gone.id).update(is_active=False)
    rule(ctx, cast.sara, team=cast.mina.team_id)
    assert set(give(ctx, deals(ctx, *[{}] * 9))) == {cast.sara.id, cast.mina.id, cast.babak.id}


def test_tasks_too(ctx: Context, cast: Any) -> None:
    rule(ctx, cast.babak, object="task", name="Tasks")
    [task] = create_records(ctx, TASK, [{"title": "Call", "owner": None}])
    assert give(ctx, [task], TASK) == [cast.babak.id]


def test_questions_do_not_grow_with_records(
    ctx: Context, cast: Any, django_assert_max_num_queries: Any
) -> None:
    rule(ctx, cast.mina, cast.babak, previous_first=True, by_territory=True, skill_from="deal.tags")
    few, many = deals(ctx, *[{}] * 3), deals(ctx, *[{}] * 60)
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    counts = []
    for some in (few, many):
        with CaptureQueriesContext(connection) as asked:
            give(ctx, some)
        counts.append(len(asked))
    assert counts[1] <= counts[0] + 1
