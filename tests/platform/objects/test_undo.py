"""The way back from one verb for many records: in sets too, and past what was changed again since."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.web.lists.filling import context, make

from peyvand.platform.objects.bulk import Order, begin, undo
from peyvand.platform.objects.records import update_record
from peyvand.platform.objects.spec import object_named
from peyvand.platform.workspaces.scope import workspace_scope


@pytest.mark.parametrize("key", ["about", "company", "owner", "due_at", "priority", "description"])
def test_every_kind_of_value_comes_back_but_where_somebody_went_on(cast: Any, key: str) -> None:
    task = object_named("task")
    [one] = make(cast.sara, "company", {"name": "One"})
    [two] = make(cast.sara, "company", {"name": "Two"})
    old, new, other = {
        "about": (f"company:{one}", f"company:{two}", None),
        "company": (one, two, None),
        "owner": (cast.babak.id, cast.mina.id, cast.sara.id),
        "due_at": ("2026-11-20T10:00:00Z", "2026-11-21T10:00:00Z", None),
        "priority": ("low", "high", "normal"),
        "description": ("before", "after", "later"),
    }[key]
    ids = make(cast.sara, "task", *({"title": f"T{n}", key: old} for n in range(4)))
    with workspace_scope(cast.arman.id):
        ctx = context(cast.sara)

        def values() -> list[Any]:
            return [task.field(key).read(r) for r in task.rows.filter(id__in=ids).order_by("id")]

        before = values()
        run = begin(ctx, Order("task", "update", {key: new}, tuple(ids)))
        assert len(set(map(str, [*before, *values()]))) == 2
        update_record(ctx, task, task.rows.get(id=ids[0]), {key: other})
        kept = values()[0]
        outcome = undo(ctx, run)
        assert (sorted(outcome.done), [id for id, _ in outcome.refused]) == (ids[1:], ids[:1])
        assert values() == [kept, *before[1:]]


@pytest.mark.parametrize(("verb", "raw"), [("update", {"city": "Yazd"}), ("tag", {"add": ["vip"]})])
def test_the_way_back_costs_the_same_for_many(cast: Any, verb: str, raw: dict[str, Any]) -> None:
    statements = []
    for many in (3, 30):
        ids = make(cast.sara, "person", *({"given_name": f"P{n}"} for n in range(many)))
        with workspace_scope(cast.arman.id):
            run = begin(context(cast.sara), Order("person", verb, raw, tuple(ids)))
            with CaptureQueriesContext(connection) as asked:
                assert len(undo(context(cast.sara), run).done) == many
        statements.append(len(asked))
    assert statements[1] <= statements[0] + 2
