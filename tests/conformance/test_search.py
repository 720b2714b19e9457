"""What the search knows of records made in a set, from memory, is what it would have read of them."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from peyvand.operational.contacts.models import Person
from peyvand.operational.contacts.objects import COMPANY, PERSON
from peyvand.platform.actions.action import perform
from peyvand.platform.objects.cleaning import clean
from peyvand.platform.objects.indexing import reindex
from peyvand.platform.objects.records import create_records, delete_records, update_records
from peyvand.platform.objects.spec import ObjectSpec, all_objects
from peyvand.platform.search.models import SearchEntry, SearchText
from peyvand.platform.workspaces.scope import workspace_scope

SEARCHED = [o for o in all_objects() if o.creatable and o.in_search]


def known_of(spec: ObjectSpec, ids: list[int]) -> list[Any]:
    found = []
    for model in (SearchEntry, SearchText):
        columns = [f.attname for f in model._meta.local_concrete_fields]
        found += (
            model.objects.filter(object=spec.key, object_id__in=ids).values_list(*columns).order_by(*columns)
        )
    return found


@pytest.mark.parametrize("full", [True, False], ids=("full", "least"))
@pytest.mark.parametrize("spec", SEARCHED, ids=lambda s: s.key)
def test_a_set_is_known_as_if_it_were_read(spec: ObjectSpec, full: bool, arman: Any, acting: Any) -> None:
    bodies = [arman.maker.body(spec, full=full) for _ in range(3)]
    with workspace_scope(arman.tenant.id):
        ctx = acting(arman.owner)
        ids = [r.id for r in create_records(ctx, spec, [clean(ctx, spec, body) for body in bodies])]
        from_memory = known_of(spec, ids)
        assert from_memory
        reindex(acting(arman.owner), spec.key, ids)
        assert known_of(spec, ids) == from_memory


def test_people_with_phone_mail_and_company_are_not_read_back(arman: Any, acting: Any) -> None:
    company = arman.maker.linked("company")
    with workspace_scope(arman.tenant.id):
        ctx = acting(arman.owner)
        bodies = [
            {
                "name": f"مینا {n}",
                "phones": f"0912000{n:04}",
                "emails": f"m{n}@example.com",
                "company": company,
            }
            for n in range(3)
        ]
        rows = [clean(ctx, PERSON, body) for body in bodies]
        with CaptureQueriesContext(connection) as asked:
            ids = [r.id for r in create_records(ctx, PERSON, rows)]
        assert not [q["sql"] for q in asked if 'FROM "person"' in str(q["sql"])]
        title = COMPANY.rows.get(id=company).name
        assert (
            list(
                SearchEntry.objects.filter(object="person", object_id__in=ids).values_list(
                    "subtitle", flat=True
                )
            )
            == [title] * 3
        )
        assert not ctx.made


def test_what_changes_again_before_the_end_is_read(arman: Any, acting: Any) -> None:
    with workspace_scope(arman.tenant.id):
        ctx = acting(arman.owner)
        bodies = [{"name": f"مینا {n}"} | ({"tags": ["مهم"]} if n == 3 else {}) for n in range(4)]
        rows = [clean(ctx, PERSON, body) for body in bodies]

        def change() -> list[Person]:
            made = create_records(ctx, PERSON, rows)
            update_records(ctx, PERSON, made[:1], [clean(ctx, PERSON, {"name": "سهراب پارسا"})])
            delete_records(ctx, PERSON, made[1:2])
            return made

        ids = [r.id for r in perform(ctx, "person.create", (), change)]
        entries = dict(
            SearchEntry.objects.filter(object="person", object_id__in=ids).values_list("object_id", "title")
        )
        assert entries == {ids[0]: "سهراب پارسا", ids[2]: "مینا 2", ids[3]: "مینا 3"}
        marked = SearchEntry.objects.filter(object="person", object_id__in=ids, terms__contains="@t:")
        assert [e.object_id for e in marked] == [ids[3]]
