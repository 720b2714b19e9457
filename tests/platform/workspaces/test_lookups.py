"""Questions asked again and again: their SQL is made once for each workspace, and planned once for each connection."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet

from peyvand.administration.members.actions import add_user
from peyvand.operational.contacts.public import COMPANY, Company
from peyvand.platform.database.compiled import Slot, in_slot
from peyvand.platform.objects.records import create_record
from peyvand.platform.search.permitted import visible
from peyvand.platform.workspaces.lookups import lookup
from peyvand.platform.workspaces.scope import workspace_scope

pytestmark = pytest.mark.django_db
MADE: list[int] = []


@lookup("text")
def called(name: Slot) -> QuerySet[Any]:
    MADE.append(1)
    return Company.objects.filter(name=name).order_by("id")


@lookup("bigint[]", "text")
def named(ids: Slot, city: Slot) -> QuerySet[Any]:
    return (
        Company.objects.filter(in_slot("id", ids), city=city)
        .order_by("id")
        .values_list("name", "owner__name")
    )


def plans(like: str) -> list[tuple[int, int]]:
    """How often statements like this were run by a plan for any values, and by one made for the values."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select generic_plans, custom_plans from pg_prepared_statements where statement like %s", [like]
        )
        return cursor.fetchall()


def test_it_is_made_and_planned_once_and_answers_objects(cast: Any, acting: Any) -> None:
    with workspace_scope(cast.arman.id):
        made = create_record(acting(cast.sara), COMPANY, {"name": "Asked again", "city": "Yazd"})
        MADE.clear()
        found = [called("Asked again") for _ in range(5)]
        assert called("Nobody") == []
    assert {tuple(rows) for rows in found} == {(made,)}
    assert (found[0][0].name, found[0][0].custom, len(MADE)) == ("Asked again", made.custom, 1)
    assert plans('%FROM "company"%"company"."name" = $1::text%') == [(6, 0)]


def test_it_answers_tuples_where_columns_are_named(cast: Any, acting: Any) -> None:
    with workspace_scope(cast.arman.id):
        ids = [
            create_record(acting(cast.sara), COMPANY, {"name": f"Named {n}", "city": city}).id
            for n, city in enumerate(("Yazd", "Qom", "Yazd"))
        ]
        assert named(ids, "Yazd") == [("Named 0", cast.sara.name), ("Named 2", cast.sara.name)]


def test_each_workspace_is_asked_for_its_own_rows(cast: Any, acting: Any) -> None:
    with workspace_scope(cast.arman.id):
        create_record(acting(cast.sara), COMPANY, {"name": "Asked here"})
        assert len(called("Asked here")) == 1
    with workspace_scope(cast.rival.id):
        assert called("Asked here") == []


def test_whoever_asks_what_they_see_shares_the_plan(cast: Any, acting: Any) -> None:
    """Members of two teams ask in the same words: what differs is given with the ids."""
    with workspace_scope(cast.arman.id):
        alone = add_user(acting(cast.sara), name="Alone", email="alone@arman.example", role="member")
        own, other = (
            create_record(acting(user), COMPANY, {"name": "Theirs"}).id for user in (cast.babak, alone)
        )
        asked = {("company", own), ("company", other)}
        seen = [visible(acting(user).actor, asked) for user in (cast.babak, alone)]
    assert seen == [{("company", own)}, {("company", other)}]
    assert plans('%FROM "company"%"company"."owner_id" = any($%') == [(2, 0)]
