"""Records change hands during an absence and come back; all of somebody's go to others; the report agrees with a plain count."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connections

from peyvand.kernel import clock
from peyvand.operational.activities.public import NOTE
from peyvand.operational.assignment.actions import hand_over_all
from peyvand.operational.assignment.assigning import SET, give_out
from peyvand.operational.assignment.fairness import parts
from peyvand.operational.assignment.handing import hand_over
from peyvand.operational.assignment.jobs import follow_absences
from peyvand.operational.assignment.models import AssignmentEntry
from peyvand.operational.assignment.objects import RULE, SEAT
from peyvand.operational.availability.public import ABSENCE
from peyvand.platform.actions.action import perform
from peyvand.platform.actions.context import Context, job_context
from peyvand.platform.fields.types import Ref
from peyvand.platform.identity.actor import user_actor
from peyvand.platform.objects.records import create_records, update_records
from peyvand.platform.objects.spec import object_named
from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.testing.queue import drain

NOW = datetime(2026, 11, 21, 6, 30, tzinfo=UTC)
TODAY = date(2026, 11, 21)
DEAL, LEAD, PERSON = (object_named(key) for key in ("deal", "lead", "person"))


@pytest.fixture
def ctx(cast: Any) -> Iterator[Context]:
    with workspace_scope(cast.arman.id), clock.freeze(NOW):
        yield job_context(cast.arman)


def rule(ctx: Context, *users: Any, **values: Any) -> Any:
    usual = {"name": "All deals", "object": "deal", "way": "turns", "at_work": "now", "when_away": "keep"}
    [made] = create_records(ctx, RULE, [usual | values])
    create_records(ctx, SEAT, [{"rule": made.id, "user": user.id} for user in users])
    return made


def owners(records: list[Any]) -> list[int | None]:
    found = dict(DEAL.rows.values_list("id", "owner_id"))
    return [found[record.id] for record in records]


def test_the_deputy_has_it_until_its_owner_is_back(ctx: Context, cast: Any) -> None:
    rule(ctx, cast.mina, cast.sara, when_away="deputy")
    [quiet, touched, passed_on, noted] = create_records(
        ctx, DEAL, [{"name": name, "owner": cast.babak.id} for name in "ABCD"]
    )
    create_records(ctx, ABSENCE, [
        {"owner": cast.babak.id, "starts_on": TODAY, "ends_on": TODAY + timedelta(days=1), "deputy": cast.mina.id},
    ])  # fmt: skip
    everything = [quiet, touched, passed_on, noted]
    follow_absences(cast.arman)
    assert owners(everything) == [cast.mina.id] * 4
    entry = AssignmentEntry.objects.get(object_id=quiet.id)
    assert entry.why == {"code": "deputy", "params": {"name": "Babak Naderi"}}
    assert entry.from_user_id == cast.babak.id
    with clock.freeze(NOW + timedelta(hours=3)):
        # Once is enough, and who is given something back keeps it.
        again = list(DEAL.rows.filter(id__in=[passed_on.id]))
        update_records(ctx, DEAL, again, [{"owner": cast.babak.id}])
        follow_absences(cast.arman)
        assert owners([passed_on]) == [cast.babak.id]
        update_records(ctx, DEAL, list(DEAL.rows.filter(id=touched.id)), [{"amount": 7}])
        create_records(ctx, NOTE, [{"text": "Spoke with them", "about": Ref("deal", noted.id, "")}])
    with clock.freeze(NOW + timedelta(days=3)):
        follow_absences(cast.arman)
        assert owners(everything) == [cast.babak.id, cast.mina.id, cast.babak.id, cast.mina.id]
        follow_absences(cast.arman)
        assert AssignmentEntry.objects.filter(object_id=quiet.id).count() == 2


def test_without_a_deputy_at_work_the_pool_has_it(ctx: Context, cast: Any) -> None:
    rule(ctx, cast.babak, cast.mina, cast.sara, when_away="deputy", comes_back=False)
    made = create_records(ctx, DEAL, [{"name": "A", "owner": cast.babak.id}])
    create_records(ctx, ABSENCE, [
        {"owner": cast.babak.id, "starts_on": TODAY, "deputy": cast.mina.id}, {"owner": cast.mina.id, "starts_on": TODAY},
    ])  # fmt: skip
    follow_absences(cast.arman)
    assert owners(made) == [cast.sara.id]
    with clock.freeze(NOW + timedelta(days=3)):
        follow_absences(cast.arman)
        assert owners(made) == [cast.sara.id]


def test_hours_off_and_what_is_only_asked_for_move_nothing(ctx: Context, cast: Any) -> None:
    rule(ctx, cast.mina, when_away="pool")
    made = create_records(ctx, DEAL, [{"name": "A", "owner": cast.babak.id}])
    create_records(ctx, ABSENCE, [{"owner": cast.babak.id, "starts_on": TODAY, "hours": "10:00-12:00"}])
    asked = create_records(ctx, ABSENCE, [{"owner": cast.babak.id, "starts_on": TODAY}])
    type(asked[0]).objects.filter(id=asked[0].id).update(state="asked")
    follow_absences(cast.arman)
    assert owners(made) == [cast.babak.id]


def test_the_report_agrees_with_a_plain_count(ctx: Context, cast: Any) -> None:
    made_rule = rule(ctx, cast.mina, cast.babak)
    create_records(ctx, SEAT, [{"rule": made_rule.id, "user": cast.sara.id, "weight": 2}])
    made = create_records(ctx, DEAL, [{"name": f"Deal {n}", "owner": None} for n in range(10)])
    perform(ctx, "deal.assign_now_many", made, lambda: give_out(ctx, DEAL, made))
    found = {
        part.user: part for part in parts(ctx, made_rule, NOW - timedelta(days=1), NOW + timedelta(days=1))
    }
    counted = {user: owners(made).count(user) for user in (cast.sara.id, cast.mina.id, cast.babak.id)}
    assert {user: part.turns for user, part in found.items()} == counted
    assert [part.meant for part in (found[cast.sara.id], found[cast.mina.id])] == [5.0, 2.5]
    assert all(part.chances == 10 and part.verdict == "fair" for part in found.values())
    assert found[cast.sara.id].load == counted[cast.sara.id]


def test_a_rule_by_load_is_judged_by_load(ctx: Context, cast: Any) -> None:
    made_rule = rule(ctx, cast.mina, cast.babak, way="load")
    create_records(ctx, DEAL, [{"name": f"Old {n}", "owner": cast.babak.id} for n in range(9)])
    made = create_records(ctx, DEAL, [{"name": f"Deal {n}", "owner": None} for n in range(7)])
    perform(ctx, "deal.assign_now_many", made, lambda: give_out(ctx, DEAL, made))
    found = {
        part.user: part for part in parts(ctx, made_rule, NOW - timedelta(days=1), NOW + timedelta(days=1))
    }
    assert owners(made) == [cast.mina.id] * 7
    mina, babak = found[cast.mina.id], found[cast.babak.id]
    assert (mina.turns, mina.meant, mina.verdict) == (7, 7.0, "fair")
    assert (babak.turns, babak.meant, babak.chances, babak.verdict) == (0, 0.0, 7, "fair")


def test_the_screens_of_rules_fairness_and_handing_over(cast: Any, browse: Any) -> None:
    with workspace_scope(cast.arman.id):
        ctx = job_context(cast.arman)
        condition = '{"field": "amount", "op": "gte", "value": 100000}'
        made = rule(ctx, cast.mina, cast.babak, condition=condition, when_away="deputy", at_work="any")
        [deal] = create_records(ctx, DEAL, [{"name": "پمپ صنعتی", "amount": 5_000_000, "owner": None}])
        perform(ctx, "deal.assign_now_many", [deal], lambda: give_out(ctx, DEAL, [deal]))
        today = clock.today(cast.arman.tz)
        [absence] = create_records(
            ctx, ABSENCE, [{"owner": cast.mina.id, "starts_on": today, "deputy": cast.babak.id}]
        )
    sara = browse(cast.sara)
    page = sara.get("/w/arman/settings/assignment").content.decode()
    assert "Mina Sadeghi" in page
    assert "All deals" in page
    assert "نوبت او بود" in sara.get(f"/w/arman/deals/{deal.id}/").content.decode()
    report = sara.get(f"/w/arman/settings/assignment/fairness?rule={made.id}").content.decode()
    assert "Mina Sadeghi" in report
    rows = sara.get(f"/w/arman/settings/assignment/fairness/{made.id}/{cast.mina.id}").content.decode()
    assert "پمپ صنعتی" in rows
    assert "All deals" in sara.get(f"/w/arman/absences/{absence.id}/").content.decode()
    assert sara.post(f"/w/arman/settings/assignment/move/{absence.id}").status_code == 302
    with workspace_scope(cast.arman.id):
        assert owners([deal]) == [cast.babak.id]
    over = "/w/arman/settings/assignment/hand-over"
    assert "Babak Naderi" in sara.get(f"{over}?user={cast.babak.id}").content.decode()
    assert sara.post(over, {"user": cast.babak.id, "to": "", "kinds": "deal"}).status_code == 422
    assert (
        sara.post(over, {"user": cast.babak.id, "to": str(cast.babak.id), "kinds": "deal"}).status_code == 422
    )
    for path in ("", "/fairness", "/hand-over"):
        assert browse(cast.mina).get(f"/w/arman/settings/assignment{path}").status_code == 403


def test_an_agent_who_leaves_hands_over_ten_thousand_leads_by_the_rules(ctx: Context, cast: Any) -> None:
    many = 10_000
    [person] = create_records(ctx, PERSON, [{"family_name": "Karimi"}])
    rule(ctx, cast.mina, cast.sara, object="lead", at_work="any")
    row = {"name": "Lead", "person": person.id, "owner": cast.babak.id}
    create_records(Context(ctx.actor, "job", silent=True), LEAD, [row] * many)
    type(cast.babak).objects.filter(id=cast.babak.id).update(is_active=False)
    last: int | None = 0
    sets = 0
    while last is not None:
        last = perform(ctx, "assignment.hand_over", (), partial(hand_over, ctx, LEAD, cast.babak, None, last))
        sets += 1
    counts = [LEAD.rows.filter(owner_id=user.id).count() for user in (cast.mina, cast.sara, cast.babak)]
    assert counts == [many // 2, many // 2, 0]
    assert sets == 1 + many // SET
    assert AssignmentEntry.objects.filter(from_user_id=cast.babak.id).count() == many


def test_the_worker_hands_over_set_by_set(committed: Any) -> None:
    cast, many = committed, SET + 200
    with workspace_scope(cast.arman.id):
        silent = Context(job_context(cast.arman).actor, "job", silent=True)
        create_records(silent, DEAL, [{"name": "Deal", "owner": cast.babak.id}] * many)
        sara = Context(user_actor(cast.arman.id, cast.sara.id), "web")
        hand_over_all(sara, user_id=cast.babak.id, to_id=cast.mina.id, kinds=["deal"])
    connections.close_all()
    drain()
    with workspace_scope(cast.arman.id):
        assert DEAL.rows.filter(owner_id=cast.mina.id).count() == many
        why = AssignmentEntry.objects.filter(user_id=cast.mina.id).latest("id").why
        assert why == {"code": "handed_over", "params": {"name": "Babak Naderi"}}


def test_the_card_says_who_gave_it_last_and_what_was_decided_before(
    cast: Any, browse: Any, acting: Any
) -> None:
    with workspace_scope(cast.arman.id):
        ctx = job_context(cast.arman)
        rule(ctx, cast.mina, cast.viewer, at_work="any")
        [deal] = create_records(ctx, DEAL, [{"name": "Hall", "owner": None}])
        perform(ctx, "deal.assign_now_many", [deal], lambda: give_out(ctx, DEAL, [deal]))
        for owner in (cast.babak, cast.sara):
            update_records(acting(cast.sara), DEAL, list(DEAL.rows.filter(id=deal.id)), [{"owner": owner.id}])
    page = browse(cast.sara).get(f"/w/arman/deals/{deal.id}/").content.decode()
    card = page[page.index("چرا این مسئول") :]
    said = [
        card.index(words) for words in ("خودش برداشت", "\u2068Sara Moini\u2069 به او سپرد", "نوبت او بود")
    ]
    assert said == sorted(said)
    assert card[: said[0]].count("Sara Moini") == 1
