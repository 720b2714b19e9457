"""Which rows a role reaches: the filter of a list and the check of a loaded record say the same, whatever the scope."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from peyvand.kernel import clock
from peyvand.kernel.errors import Invalid, NotAllowed, NotFound
from peyvand.operational.activities.public import NOTE
from peyvand.operational.contacts.public import PERSON
from peyvand.operational.sales.public import DEAL, STAGE
from peyvand.platform.access.decisions import decide, visible
from peyvand.platform.access.rules import covered
from peyvand.platform.identity.actor import Actor, Ground, access_changed, user_actor
from peyvand.platform.identity.grants import Grants, Scope
from peyvand.platform.identity.models import RecordShare, Role, Team, Territory, TerritoryMember, User
from peyvand.platform.objects.queries import ListQuery, fetch_page
from peyvand.platform.objects.records import create_records, update_record
from peyvand.platform.objects.sharing import end_share, share_record
from peyvand.platform.search.find import find
from peyvand.platform.workspaces.scope import workspace_scope

CONDITIONS = (
    {"field": "amount", "op": "gt", "value": 500},
    {
        "or": [
            {"field": "owner", "op": "is", "value": "me"},
            {"not": {"field": "name", "op": "contains", "value": "a"}},
        ]
    },
    {"field": "company.name", "op": "filled"},
    {"field": "owner", "op": "in", "value": ["my_team"]},
    {"field": "no_such_field", "op": "is", "value": 1},
)


@pytest.fixture
def deals(cast: Any, acting: Any) -> list[Any]:
    """Deals of everybody and of nobody, large and small."""
    dice = random.Random(7)
    owners = [cast.sara.id, cast.mina.id, cast.babak.id, cast.viewer.id, None]
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        rows = [
            {
                "name": dice.choice(["alpha", "beta", "omega"]),
                "amount": dice.randrange(1000),
                "owner": dice.choice(owners),
            }
            for _ in range(40)
        ]
        return create_records(ctx, DEAL, rows)


def told(actor: Actor, scope: Scope, condition: Any = None, **more: Any) -> Actor:
    grants = {f"deal.{verb}": scope for verb in ("view", "update")}
    conditions = dict.fromkeys(grants, condition) if condition else {}
    return replace(actor, grants=Grants(grants, {}, conditions), **more)


def actors(cast: Any, deals: list[Any]) -> list[Actor]:
    """Babak and Mina by every scope and condition, with and without territories and shares."""
    for n, deal in enumerate(deals[::7]):
        RecordShare.objects.create(object="deal", object_id=deal.id, user=cast.babak, may_update=n % 2 == 0)
    RecordShare.objects.create(
        object="deal", object_id=deals[1].id, user=cast.mina, ends_at=clock.now() - timedelta(hours=1)
    )
    RecordShare.objects.create(object="deal", object_id=deals[2].id, team=cast.babak.team)
    access_changed(cast.arman.id)
    grounds = (
        Ground(1, {"deal": {"field": "amount", "op": "lt", "value": 300}}, frozenset()),
        Ground(2, {}, frozenset({cast.viewer.id})),
    )
    found = []
    for user in (cast.babak, cast.mina):
        base = user_actor(cast.arman.id, user.id)
        for shares in (base.shares, frozenset[str]()):
            found += [
                told(base, scope, shares=shares, grounds=grounds)
                for scope in Scope
                if scope is not Scope.CONDITION
            ]
            found += [told(base, Scope.CONDITION, said, shares=shares) for said in CONDITIONS]
            found.append(told(base, Scope.CONDITION, None, shares=shares))
    return found


def test_rows_and_covers_are_the_same(cast: Any, deals: list[Any]) -> None:
    sizes = set()
    with workspace_scope(cast.arman.id):
        deals = list(DEAL.rows.order_by("id"))
        for actor in actors(cast, deals):
            for verb in ("view", "update"):
                rows = set(visible(actor, "deal", DEAL.rows, verb).values_list("id", flat=True))
                assert covered(actor, f"deal.{verb}", deals) == rows, actor.grants
                assert {d.id for d in deals if decide(actor, f"deal.{verb}", d)} == rows, actor.grants
                sizes.add(len(rows))
            listed = fetch_page(ListQuery(DEAL, actor, ("name",)), limit=100).rows
            rows = set(visible(actor, "deal", DEAL.rows).values_list("id", flat=True))
            assert {row.id for row in listed} == rows
            first = fetch_page(ListQuery(DEAL, actor, ("name",)), limit=3)
            rest = (
                fetch_page(ListQuery(DEAL, actor, ("name",)), first.next, limit=100).rows
                if first.next
                else []
            )
            assert [row.id for row in (*first.rows, *rest)] == sorted(rows, reverse=True)
    assert len(sizes) > 8, "the scopes differ"


def test_search_finds_what_the_list_shows(cast: Any, deals: list[Any]) -> None:
    with workspace_scope(cast.arman.id):
        for actor in actors(cast, deals):
            rows = set(visible(actor, "deal", DEAL.rows).filter(name="omega").values_list("id", flat=True))
            assert {hit.id for hit in find(actor, "omega", ["deal"], limit=100)} == rows, actor.grants


def test_below_is_everyone_who_reports_to_one_and_no_teammate(
    cast: Any, acting: Any, deals: list[Any]
) -> None:
    with workspace_scope(cast.arman.id):
        User.objects.filter(id=cast.viewer.id).update(manager=cast.babak)
        access_changed(cast.arman.id)
        mina = user_actor(cast.arman.id, cast.mina.id)
        assert mina.below_user_ids == {cast.mina.id, cast.babak.id, cast.viewer.id}
        babak = user_actor(cast.arman.id, cast.babak.id)
        assert babak.below_user_ids == {cast.babak.id, cast.viewer.id}
        assert cast.mina.id in babak.team_user_ids


def test_a_territory_holds_those_beneath_it(cast: Any, deals: list[Any]) -> None:
    with workspace_scope(cast.arman.id):
        south = Territory.objects.create(name="South")
        fars = Territory.objects.create(name="Fars", parent=south, conditions={"deal": CONDITIONS[0]})
        north = Territory.objects.create(name="North")
        TerritoryMember.objects.create(territory=south, user=cast.babak)
        TerritoryMember.objects.create(territory=north, user=cast.mina)
        access_changed(cast.arman.id)
        babak = user_actor(cast.arman.id, cast.babak.id)
        assert {ground.id for ground in babak.grounds} == {south.id, fars.id}
        seen = visible(told(babak, Scope.TERRITORY), "deal", DEAL.rows)
        wanted = {d.id for d in deals if d.owner_id == cast.babak.id or (d.amount or 0) > 500}
        assert set(seen.values_list("id", flat=True)) == wanted


def test_a_record_is_opened_changed_and_closed_again(cast: Any, acting: Any, deals: list[Any]) -> None:
    with workspace_scope(cast.arman.id):
        deal = next(d for d in deals if d.owner_id == cast.sara.id)
        note = create_records(acting(cast.sara), NOTE, [{"text": "Call them", "about": _ref(deal)}])[0]
        with pytest.raises(NotFound):
            update_record(acting(cast.babak), DEAL, deal, {"name": "Mine"})
    with workspace_scope(cast.arman.id):
        share_record(acting(cast.sara), DEAL, deal, user=cast.babak)
        babak = acting(cast.babak).actor
        assert decide(babak, "deal.view", deal)
        assert decide(babak, "note.view", note), "what hangs on it follows"
    with workspace_scope(cast.arman.id), pytest.raises(NotAllowed):
        update_record(acting(cast.babak), DEAL, deal, {"name": "Mine"})
    with workspace_scope(cast.arman.id):
        share = share_record(acting(cast.sara), DEAL, deal, user=cast.babak, may_update=True)
        update_record(acting(cast.babak), DEAL, deal, {"name": "Ours"})
    with workspace_scope(cast.arman.id), pytest.raises(NotAllowed):
        share_record(acting(cast.babak), DEAL, deal, user=cast.viewer)  # not one's own to share on
    with workspace_scope(cast.arman.id):
        end_share(acting(cast.sara), DEAL, deal, share.id)
        assert not decide(acting(cast.babak).actor, "deal.view", deal)
        assert not decide(acting(cast.babak).actor, "note.view", note)


def test_a_share_ends_by_itself(cast: Any, acting: Any, deals: list[Any]) -> None:
    with workspace_scope(cast.arman.id):
        deal = next(d for d in deals if d.owner_id == cast.sara.id)
        share = share_record(
            acting(cast.sara), DEAL, deal, team=cast.babak.team, ends_at=clock.now() + timedelta(days=1)
        )
        babak = acting(cast.babak).actor
        assert decide(babak, "deal.view", deal)
        # No cache is told of it: the moment passes, that is all.
        RecordShare.objects.filter(id=share.id).update(ends_at=clock.now() - timedelta(seconds=1))
        assert not decide(babak, "deal.view", deal)
        assert deal.id not in {
            row.id for row in fetch_page(ListQuery(DEAL, babak, ("name",)), limit=100).rows
        }


def test_a_share_gives_no_verb(cast: Any, acting: Any, deals: list[Any]) -> None:
    with workspace_scope(cast.arman.id):
        blind = Role.objects.create(key="blind", name="Blind", grants={"person.view": "own"})
        User.objects.filter(id=cast.viewer.id).update(role=blind)
        deal = next(d for d in deals if d.owner_id == cast.sara.id)
        share_record(acting(cast.sara), DEAL, deal, user=cast.viewer, may_update=True)
        viewer = acting(cast.viewer).actor
        assert not decide(viewer, "deal.view", deal)
        assert not decide(viewer, "deal.update", deal)
        assert find(viewer, deal.name, ["deal"]) == []


def test_nobody_shares_what_they_may_not_see_or_change(cast: Any, acting: Any, deals: list[Any]) -> None:
    hers = next(d for d in deals if d.owner_id == cast.sara.id)
    for attempt in (
        lambda: share_record(acting(cast.babak), DEAL, hers, user=cast.viewer),
        lambda: share_record(acting(cast.viewer), DEAL, hers, user=cast.babak),
        lambda: end_share(acting(cast.babak), DEAL, hers, 1),
        lambda: share_record(acting(cast.cyrus), DEAL, hers, user=cast.babak),
    ):
        with workspace_scope(cast.arman.id), pytest.raises((NotAllowed, NotFound)):
            attempt()
    for wrong in (
        {},
        {"user": cast.babak, "team": cast.babak.team},
        {"user": cast.babak, "ends_at": clock.now()},
    ):
        with workspace_scope(cast.arman.id), pytest.raises(Invalid):
            share_record(acting(cast.sara), DEAL, hers, **wrong)


def test_teams_that_lie_in_a_shared_one_see_it_too(cast: Any, acting: Any, deals: list[Any]) -> None:
    with workspace_scope(cast.arman.id):
        whole = Team.objects.create(name="Company")
        Team.objects.filter(id=cast.babak.team_id).update(parent=whole)
        deal = next(d for d in deals if d.owner_id == cast.sara.id)
        share_record(acting(cast.sara), DEAL, deal, team=whole)
        assert decide(acting(cast.babak).actor, "deal.view", deal)
        assert not decide(replace(acting(cast.babak).actor, circle_ids=frozenset()), "deal.view", deal)


def test_what_belongs_to_everybody_knows_all_or_nothing(cast: Any) -> None:
    with workspace_scope(cast.arman.id):
        base = user_actor(cast.arman.id, cast.babak.id)
        for scope in (Scope.OWN, Scope.BELOW, Scope.TEAM, Scope.TERRITORY, Scope.ALL):
            actor = replace(base, grants=Grants({"stage.view": scope}))
            assert visible(actor, "stage", STAGE.rows).count() == STAGE.rows.count() > 0
        assert not visible(replace(base, grants=Grants()), "stage", STAGE.rows).exists()
        assert not visible(replace(base, grants=Grants()), "person", PERSON.rows).exists()


def _ref(deal: Any) -> Any:
    from peyvand.platform.fields.types import Ref

    return Ref("deal", deal.id, "")
