"""Records that lie in records of their own kind: however many are moved at once, none ends up in itself."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from peyvand.kernel.errors import Invalid
from peyvand.platform.objects.records import create_records, update_record, update_records
from peyvand.platform.objects.spec import object_named
from peyvand.platform.workspaces.scope import workspace_scope

NAMES = [{"name": f"n{n}"} for n in range(6)]
moves = st.lists(
    st.dictionaries(st.integers(0, 5), st.one_of(st.none(), st.integers(0, 5)), min_size=1), max_size=8
)


def has_ring(parents: dict[int, int | None]) -> bool:
    for start in parents:
        at: int | None = start
        for _ in parents:
            at = parents[at] if at is not None else None
        if at is not None:
            return True
    return False


@pytest.mark.parametrize("key", ["company", "team", "territory"])
@settings(max_examples=30)
@given(sets=moves)
def test_what_closes_a_ring_is_refused_and_nothing_else(cast: Any, acting: Any, key: str, sets: Any) -> None:
    spec = object_named(key)
    with workspace_scope(cast.arman.id), transaction.atomic():
        ctx = acting(cast.sara)
        ids = [r.id for r in create_records(ctx, spec, [{"name": f"{n['name']} {key}"} for n in NAMES])]
        known: dict[int, int | None] = dict.fromkeys(ids)
        for moved in sets:
            asked = {ids[a]: ids[b] if b is not None else None for a, b in moved.items()}
            records = list(spec.rows.filter(id__in=asked).order_by("id"))
            if is_ring := has_ring(known | asked):
                with pytest.raises(Invalid) as caught, transaction.atomic():
                    update_records(ctx, spec, records, [{"parent": asked[r.id]} for r in records])
                assert [(p.field, p.code) for p in caught.value.problems] == [("parent", "cycle")]
            else:
                update_records(ctx, spec, records, [{"parent": asked[r.id]} for r in records])
                known |= asked
            assert dict(spec.rows.filter(id__in=ids).values_list("id", "parent_id")) == known, is_ring
        transaction.set_rollback(True)


def locks() -> int:
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from pg_locks where locktype = 'advisory' and pid = pg_backend_pid()")
        return int(cursor.fetchone()[0])


def test_what_stays_where_it_is_waits_for_nobody(cast: Any, acting: Any) -> None:
    spec = object_named("company")
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        mother, child = create_records(ctx, spec, [{"name": "Mother"}, {"name": "Child"}])
        spec.rows.filter(id=child.id).update(parent_id=mother.id)
        child.refresh_from_db()
        before = locks()
        update_record(ctx, spec, child, {"name": "Daughter"})
        assert locks() == before
        update_record(ctx, spec, mother, {"parent": None})
        assert locks() == before
        update_record(ctx, spec, child, {"parent": create_records(ctx, spec, [{"name": "Aunt"}])[0].id})
        assert locks() == before + 1


def test_whoever_reports_to_nobody_beneath(cast: Any, acting: Any) -> None:
    user = object_named("user")
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        update_record(ctx, user, user.rows.get(id=cast.babak.id), {"manager": cast.sara.id})
        update_record(ctx, user, user.rows.get(id=cast.mina.id), {"manager": cast.babak.id})
        with pytest.raises(Invalid), transaction.atomic():
            update_record(ctx, user, user.rows.get(id=cast.sara.id), {"manager": cast.mina.id})
        with pytest.raises(Invalid), transaction.atomic():
            update_record(ctx, user, user.rows.get(id=cast.sara.id), {"manager": cast.sara.id})
