"""Scores reckoned in sets are what a plain reading of the rules gives, at any moment, and each point is explained."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

import orjson
import pytest
from django.db import connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from peyvand.kernel import clock
from peyvand.kernel.errors import Invalid
from peyvand.operational.activities.public import CALL, log_call
from peyvand.operational.contacts.public import PERSON
from peyvand.operational.leads.jobs import nightly, rescore
from peyvand.operational.leads.models import Lead, ScoreRule
from peyvand.operational.leads.objects import LEAD, SCORE_RULE
from peyvand.operational.leads.scoring.explaining import explain
from peyvand.operational.leads.scoring.reckoning import DONE, Score, arguments_of, reckon, refresh
from peyvand.operational.leads.scoring.rules import active_rules
from peyvand.platform.objects.records import create_record, create_records, delete_records
from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.testing.programs import program_of
from peyvand.testing.queue import drain

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
CITIES = ("تهران", "شیراز", "")


@pytest.fixture
def ctx(cast: Any, acting: Any) -> Any:
    with workspace_scope(cast.arman.id):
        for rule in ScoreRule.objects.all():
            rule.deleted_at = clock.now()
            rule.save()
        yield acting(cast.sara)


def rule(
    ctx: Any, points: int, *, event: str = "", city: str = "", half_life: int | None = None, side: str = ""
) -> ScoreRule:
    condition = {"field": "city", "op": "is", "value": city} if city else None
    made: ScoreRule = create_records(ctx, SCORE_RULE, [{
        "name": f"{event or city} {points}", "points": points, "event": event, "half_life": half_life, "is_active": True, "position": 0,
        "side": side or ("engagement" if event else "fit"), "condition": orjson.dumps(condition).decode() if condition else "",
    }])[0]  # fmt: skip
    return made


def lead_of(ctx: Any, city: str = "", **values: Any) -> Lead:
    person = create_records(ctx, PERSON, [{"family_name": "Rad"}])[0]
    made: Lead = create_records(ctx, LEAD, [{"person": person.id, "city": city, "state": "new", **values}])[0]
    return made


def called(ctx: Any, lead: Lead, at: datetime, result: str = "answered") -> None:
    create_records(
        ctx, CALL, [{"person": lead.person_id, "started_at": at, "result": result, "direction": "out"}]
    )


def plain(lead: Lead, rules: list[ScoreRule], calls: list[tuple[datetime, str]], at: datetime) -> Score:
    """The same by hand, one after the other."""
    fit = sum(r.points for r in rules if not r.event and orjson.loads(r.condition)["value"] == lead.city)
    engagement = Fraction(0)
    for r in rules:
        for when, result in calls:
            if (
                r.event == {"answered": "call_answered", "no_answer": "call_missed"}.get(result)
                and when <= at
            ):
                worn = (
                    1.0 if r.half_life is None else 0.5 ** ((at - when).total_seconds() / 86400 / r.half_life)
                )
                engagement += Fraction(r.points * worn)
    rounded = Fraction(round(engagement * 10**6), 10**6)
    return Score(max(0, min(100, fit)), max(0, min(100, int(rounded + Fraction(1, 2)) if rounded > 0 else 0)))


def test_the_leads_of_one_person_share_what_that_person_did(ctx: Any) -> None:
    rule(ctx, 30, event="call_answered")
    first = lead_of(ctx)
    others = create_records(ctx, LEAD, [{"name": "Again", "person": first.person_id}] * 3)
    called(ctx, first, clock.now() - timedelta(hours=1))
    called(ctx, first, clock.now() - timedelta(hours=2))
    ids = [first.id, *(lead.id for lead in others)]
    assert {score.engagement for score in reckon(ctx, ids).values()} == {60}
    rules = active_rules()
    with connection.cursor() as cursor:
        cursor.execute(DONE, arguments_of(rules, ids, clock.now()))
        assert len(cursor.fetchall()) == 2, "two calls are two rows, however many leads the person has"


@settings(max_examples=25)
@given(data=st.data())
def test_the_reckoning_in_sets_is_the_plain_reading(ctx: Any, data: Any) -> None:
    with transaction.atomic():
        rules = [
            rule(ctx, points, city=city)
            for points, city in data.draw(st.lists(st.tuples(st.integers(1, 90), st.sampled_from(CITIES[:2])), max_size=3))
        ] + [
            rule(ctx, points, event=event, half_life=half_life)
            for points, event, half_life in data.draw(st.lists(st.tuples(
                st.integers(-60, 60).filter(bool), st.sampled_from(("call_answered", "call_missed")), st.one_of(st.none(), st.integers(1, 60)),
            ), max_size=4))
        ]  # fmt: skip
        leads, calls = [], {}
        for city in data.draw(st.lists(st.sampled_from(CITIES), min_size=1, max_size=4)):
            lead = lead_of(ctx, city)
            minutes = st.integers(0, 60 * 24 * 90)
            calls[lead.id] = [
                (NOW - timedelta(minutes=ago), result)
                for ago, result in data.draw(
                    st.lists(
                        st.tuples(minutes, st.sampled_from(("answered", "no_answer", "busy"))), max_size=4
                    )
                )
            ]
            for at, result in calls[lead.id]:
                called(ctx, lead, at, result)
            leads.append(lead)
        at = NOW - timedelta(minutes=data.draw(st.integers(-60 * 24 * 100, 60 * 24 * 100)))
        found = reckon(ctx, [lead.id for lead in leads], at)
        for lead in leads:
            assert found[lead.id] == plain(lead, rules, calls[lead.id], at)
            assert explain(ctx, lead, at).score == found[lead.id]
        transaction.set_rollback(True)


def test_points_wear_off_by_half_lives_and_are_explained(ctx: Any) -> None:
    rule(ctx, 40, event="call_answered", half_life=10)
    rule(ctx, 30, city="تهران")
    lead = lead_of(ctx, "تهران")
    called(ctx, lead, NOW - timedelta(days=20))
    told = explain(ctx, lead, NOW)
    assert [(p.points, p.left, p.has_worn_off) for p in told.engagement] == [(40, 10.0, True)]
    assert [(p.points, p.has_worn_off) for p in told.fit] == [(30, False)]
    assert (told.score.fit, told.score.engagement, told.score.score, told.score.grade) == (30, 10, 20, "D")
    with clock.freeze(NOW):
        refresh(ctx, [lead.id])
    kept = Lead.objects.get(id=lead.id)
    assert (kept.fit, kept.engagement, kept.score, kept.grade) == (30, 10, 20, "D")


def test_reckoning_costs_the_same_for_any_number_of_leads(ctx: Any, django_assert_num_queries: Any) -> None:
    rule(ctx, 40, event="call_answered", half_life=10)
    rule(ctx, 30, city="تهران")
    few = [lead_of(ctx, "تهران").id for _ in range(2)]
    many = few + [lead_of(ctx, "تهران").id for _ in range(30)]
    reckon(ctx, few)
    for ids in (few, many):
        with django_assert_num_queries(3):
            reckon(ctx, ids)


@pytest.mark.parametrize(("values", "field"), [
    ({}, "condition"),
    ({"event": "call_answered", "side": "fit"}, "side"),
    ({"condition": {"field": "score", "op": "gt", "value": 3}}, "condition"),
    ({"condition": {"field": "owner", "op": "is", "value": "me"}}, "condition"),
    ({"condition": {"field": "nothing", "op": "filled"}}, "condition"),
    ({"condition": {"field": "city", "op": "filled"}, "event": "call_answered", "side": "engagement"}, "condition"),
    ({"condition": {"field": "city", "op": "filled"}, "half_life": 3}, "half_life"),
    ({"condition": {"field": "city", "op": "filled"}, "points": 0}, "points"),
    ({"condition": {"field": "city", "op": "filled"}, "points": 101}, "points"),
])  # fmt: skip
def test_a_rule_that_makes_no_sense_is_refused_by_field(ctx: Any, values: Any, field: str) -> None:
    with pytest.raises(Invalid) as why:
        create_record(ctx, SCORE_RULE, {"name": "Rule", "points": 5, **values})
    assert {(p.field or "").partition(".")[0] for p in why.value.problems} == {field}


def test_a_rule_reads_the_person_and_the_company(ctx: Any) -> None:
    create_record(
        ctx,
        SCORE_RULE,
        {
            "name": "Boss",
            "points": 50,
            "condition": {"field": "person.job_title", "op": "contains", "value": "مدیر"},
        },
    )
    lead = lead_of(ctx)
    assert reckon(ctx, [lead.id])[lead.id].fit == 0
    create_records(ctx, PERSON, [{"family_name": "x", "job_title": ""}])
    person = PERSON.rows.get(id=lead.person_id)
    person.job_title = "مدیر خرید"
    person.save()
    assert reckon(ctx, [lead.id])[lead.id].fit == 50


def test_scores_follow_what_happens_by_themselves(committed: Any) -> None:
    from peyvand.platform.actions.context import Context
    from peyvand.platform.identity.actor import user_actor

    cast = committed
    with workspace_scope(cast.arman.id):
        ctx = Context(user_actor(cast.arman.id, cast.sara.id), "web")
        lead = lead_of(ctx, budget=5)
    drain()

    def now() -> Lead:
        with workspace_scope(cast.arman.id):
            return Lead.objects.get(id=lead.id)

    first = now()
    assert (first.fit, first.engagement) == (25, 30)
    with workspace_scope(cast.arman.id):
        log_call(ctx, person=lead.person_id, result="answered")
    drain()
    assert now().engagement == 55
    assert now().touched_at is not None
    with clock.freeze(clock.now() + timedelta(days=14)):
        nightly(cast.arman)
    assert now().engagement < 55
    with workspace_scope(cast.arman.id):
        delete_records(ctx, SCORE_RULE, list(ScoreRule.objects.filter(event="")))
    drain()
    assert now().fit == 0
    rescore(cast.arman)
    assert now().fit == 0


def test_scores_are_fields_and_stand_on_the_page(cast: Any, browse: Any, ctx: Any) -> None:
    rule(ctx, 80, city="تهران")
    rule(ctx, 90, event="call_answered")
    lead, other = lead_of(ctx, "تهران"), lead_of(ctx)
    called(ctx, lead, clock.now() - timedelta(hours=1))
    refresh(ctx, [lead.id, other.id])
    program = program_of(cast.sara, cast.arman)
    listed = program.get("leads", sort="-score", fields="score,grade,fit,engagement").json["items"]
    assert [(i["id"], i["score"], i["grade"], i["fit"], i["engagement"]) for i in listed] == [
        (lead.id, 85, "A", 80, 90), (other.id, 0, "D", 0, 0)
    ]  # fmt: skip
    client = browse(cast.sara)
    page = client.get(f"/w/arman/leads/{lead.id}/").content.decode()
    assert 'id="lead-score"' in page
    assert "call_answered 90" in page
    assert "تهران 80" in page
    for at in ("settings/lead-scoring", "score_rules/new"):
        assert client.get(f"/w/arman/{at}").status_code == 200, at
