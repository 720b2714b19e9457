"""What a share costs a list: the shared records are found by their key, not by walking the table."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import connection

from peyvand.operational.contacts.public import COMPANY
from peyvand.platform.access.decisions import visible
from peyvand.platform.actions.context import Context
from peyvand.platform.identity.actor import access_changed, user_actor
from peyvand.platform.identity.models import RecordShare
from peyvand.platform.objects.queries import ListQuery, fetch_page
from peyvand.platform.objects.records import create_record
from peyvand.platform.workspaces.scope import workspace_scope

MANY = 20_000


@pytest.fixture
def companies(committed: Any, superuser: Any) -> list[int]:
    """Sara's many companies, five of them shared with Babak, who has two of his own among the oldest."""
    with workspace_scope(committed.arman.id), connection.cursor() as cursor:
        ctx = Context(user_actor(committed.arman.id, committed.babak.id), "web")
        first = create_record(ctx, COMPANY, {"name": "c"})
        create_record(ctx, COMPANY, {"name": "c"})
        apart = {"id", "owner_id", "external_id"}
        columns = ", ".join(
            f.attname
            for f in COMPANY.model._meta.local_concrete_fields
            if not f.generated and f.attname not in apart
        )
        cursor.execute(
            f"insert into company (owner_id, {columns}) select %s, {columns} from company, generate_series(1, %s) where id = %s",
            [committed.sara.id, MANY, first.id],
        )
    superuser.execute("analyze company")
    with workspace_scope(committed.arman.id):
        ids = list(
            COMPANY.rows.filter(owner=committed.sara)
            .order_by("id")
            .values_list("id", flat=True)[10:MANY:4000]
        )
        for id in ids:
            RecordShare.objects.create(object="company", object_id=id, user=committed.babak)
        access_changed(committed.arman.id)
    return ids


def nodes(plan: dict[str, Any]) -> list[dict[str, Any]]:
    return [plan, *(node for part in plan.get("Plans", ()) for node in nodes(part))]


def test_shared_records_are_found_by_their_key(committed: Any, companies: list[int]) -> None:
    with workspace_scope(committed.arman.id):
        actor = user_actor(committed.arman.id, committed.babak.id)
        rows = visible(actor, "company", COMPANY.rows.filter(deleted_at__isnull=True))
        plan = json.loads(rows.order_by().explain(format="json", analyze=True))[0]["Plan"]
        read = [n for n in nodes(plan) if n.get("Relation Name") == "company"]
        assert read
        assert all(n["Node Type"] != "Seq Scan" for n in read), plan
        assert sum(n["Actual Rows"] + n.get("Rows Removed by Filter", 0) for n in read) < 100
        page = fetch_page(ListQuery(COMPANY, actor, ("name",)))
        assert {row.id for row in page.rows} == {
            *companies,
            *rows.filter(owner=committed.babak).values_list("id", flat=True),
        }
        assert len(page.rows) == len(companies) + 2
