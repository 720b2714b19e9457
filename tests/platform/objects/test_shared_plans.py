"""What is asked about one record is planned once for all who are asked alike, not for each of them."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from peyvand.administration.members.actions import add_user
from peyvand.kernel.errors import NotFound
from peyvand.operational.contacts.public import COMPANY, PERSON
from peyvand.platform.actions.context import Context
from peyvand.platform.identity.actor import user_actor
from peyvand.platform.objects.queries import ListQuery, fetch_linked, fetch_row, fetch_rows
from peyvand.platform.objects.records import create_record
from peyvand.platform.workspaces.scope import workspace_scope

pytestmark = pytest.mark.django_db


def plans(table: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select statement from pg_prepared_statements where statement like %s order by 1",
            [f'SELECT "{table}"."id"%"owner_id" IN (%'],
        )
        return [row[0] for row in cursor.fetchall()]


def test_members_who_see_different_rows_share_the_plans_of_a_record_s_page(cast: Any, acting: Any) -> None:
    with workspace_scope(cast.arman.id):
        members = [
            add_user(acting(cast.sara), name=f"Member {n}", email=f"m{n}@arman.example", role="member")
            for n in range(3)
        ]
        # A number of another size is no other question.
        with connection.cursor() as cursor:
            cursor.execute("update app_user set id = 3000000 where id = %s returning id", [members[2].id])
            [members[2].id] = cursor.fetchone()
        seen = []
        for member in members:
            ctx = Context(user_actor(cast.arman.id, member.id), "web")
            company = create_record(ctx, COMPANY, {"name": f"Of {member.name}"})
            person = create_record(ctx, PERSON, {"name": "Somebody", "company": company.id})
            query = ListQuery(PERSON, ctx.actor, ("name",))
            assert fetch_row(COMPANY, ctx.actor, company.id, ("name",)).values["name"] == f"Of {member.name}"
            assert [row.id for row in fetch_linked(query, ("company_id",), company.id).rows] == [person.id]
            assert list(fetch_rows(query, [person.id])) == [person.id]
            for other in seen:
                with pytest.raises(NotFound):
                    fetch_row(COMPANY, ctx.actor, other, ("name",))
            seen.append(company.id)
        assert len(plans("company")) == 1
        assert len(plans("person")) == 2
