"""What is removed for good leaves nothing behind: not in its tables, not in what hung on it, not in the log."""

from __future__ import annotations

import os
import time
from datetime import timedelta
from typing import Any

import pytest

from peyvand.kernel import clock
from peyvand.operational.activities.models import Note, Task
from peyvand.operational.contacts.models import ContactPoint, Relationship
from peyvand.platform.actions.context import job_context
from peyvand.platform.files.actions import attach_file
from peyvand.platform.files.models import File
from peyvand.platform.files.storage import path_of, sweep_bytes
from peyvand.platform.merging.merging import merge_records
from peyvand.platform.objects.purge import purge, purge_records
from peyvand.platform.objects.records import (
    create_record,
    delete_records,
    restore_records,
    update_record,
)
from peyvand.platform.objects.spec import object_named
from peyvand.platform.workspaces.scope import workspace_scope

MARK = "زرنگارینه"
# Words by themselves, that say of no record that it has them.
APART = {"search_word"}


def places_of(superuser: Any, word: str) -> set[str]:
    """The columns of any table in which the word still stands, past row security."""
    rows = superuser.execute(
        "select table_name, column_name from information_schema.columns where table_schema = 'public' "
        "and data_type in ('text', 'character varying', 'jsonb', 'tsvector')"
    ).fetchall()
    return {
        f"{table}.{column}"
        for table, column in rows
        if table not in APART
        and superuser.execute(
            f'select 1 from "{table}" where "{column}"::text like %s limit 1', [f"%{word}%"]
        ).fetchone()
    }


@pytest.fixture
def hung(committed: Any) -> Any:
    """A person with everything that can hang on one."""
    person, company = object_named("person"), object_named("company")
    with workspace_scope(committed.arman.id):
        from peyvand.platform.actions.context import Context
        from peyvand.platform.identity.actor import user_actor

        ctx = Context(user_actor(committed.arman.id, committed.sara.id), "web")
        firm = create_record(ctx, company, {"name": "Avand"})
        one = create_record(ctx, person, {
            "name": f"{MARK} کریمی", "company": firm.id, "about": MARK, "tags": ["vip"], "addresses": [{"city": "تهران", "street": MARK}],
            "phones": [{"value": "09121112233"}], "emails": [{"value": "a@example.com"}],
        })  # fmt: skip
        update_record(ctx, person, one, {"about": f"{MARK} دوباره"})
        note = create_record(ctx, object_named("note"), {"text": "یادداشت", "about": f"person:{one.id}"})
        task = create_record(ctx, object_named("task"), {"title": "کار", "about": f"person:{one.id}"})
        deal = create_record(ctx, object_named("deal"), {"name": "معامله", "person": one.id})
        update_record(ctx, object_named("deal"), deal, {"person": None})
        update_record(ctx, object_named("deal"), deal, {"person": one.id})
        create_record(
            ctx, object_named("relationship"), {"person": one.id, "to_company": firm.id, "role": "partner"}
        )
        twin = create_record(ctx, person, {"name": f"{MARK} دوم"})
        merge_records(ctx, person, one.id, [twin.id])
        file = attach_file(ctx, "person", one, f"{MARK}.txt", [MARK.encode()])
    return committed, one, twin, note, task, deal, file


def test_a_purged_person_leaves_nothing(hung: Any, superuser: Any) -> None:
    committed, one, twin, note, task, deal, file = hung
    person, tenant = object_named("person"), committed.arman
    assert len(places_of(superuser, MARK)) > 8
    with workspace_scope(tenant.id):
        ctx = job_context(tenant)
        delete_records(ctx, person, [person.rows.get(id=one.id)])
    with workspace_scope(tenant.id):
        assert purge(job_context(tenant), person, clock.now() + timedelta(days=1)) is None
    assert places_of(superuser, MARK) == set()
    with workspace_scope(tenant.id):
        assert not person.rows.filter(id__in=[one.id, twin.id]).exists()
        assert not ContactPoint.objects.filter(object="person", object_id=one.id).exists()
        assert not Relationship.objects.exists()
        assert not File.objects.filter(object="person").exists()
        assert [r.about_id for r in (Note.objects.get(id=note.id), Task.objects.get(id=task.id))] == [
            None,
            None,
        ]
        assert type(deal).objects.get(id=deal.id).person_id is None
    place = path_of(tenant.id, file.sha256)
    if place.exists():
        # Just taken in, it is left to the nightly sweep, for somebody may be about to hang the same bytes elsewhere.
        os.utime(place, (time.time() - 7200,) * 2)
        sweep_bytes(tenant.id)
    assert not place.exists()


def test_what_hangs_on_a_deleted_record_comes_back_with_it(hung: Any) -> None:
    committed, one, *_ = hung
    person, tenant = object_named("person"), committed.arman
    with workspace_scope(tenant.id):
        ctx = job_context(tenant)
        fields = person.compound_fields
        before = {f.key: f.load([one.id]) for f in fields}
        record = person.rows.get(id=one.id)
        delete_records(ctx, person, [record])
        restore_records(ctx, person, [record])
        assert {f.key: f.load([one.id]) for f in fields} == before
        assert File.objects.filter(object="person", object_id=one.id).count() == 1
        assert Relationship.objects.filter(person_id=one.id, deleted_at=None).count() == 1
        assert Note.objects.filter(about_object="person", about_id=one.id).count() == 1


def test_only_what_rests_in_the_bin_is_purged_and_only_by_whoever_may(cast: Any, acting: Any) -> None:
    from peyvand.kernel.errors import NotAllowed

    person = object_named("person")
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        kept, gone = (create_record(ctx, person, {"name": name}) for name in ("Ali", "Omid"))
        delete_records(ctx, person, [gone])
        assert purge_records(ctx, person, [kept, gone]) == 1
        assert person.rows.filter(id=kept.id).exists()
        assert not person.rows.filter(id=gone.id).exists()
    with workspace_scope(cast.arman.id), pytest.raises(NotAllowed):
        purge_records(acting(cast.mina), person, [kept])


def test_a_record_whose_need_rests_in_the_bin_is_not_restored(cast: Any, acting: Any) -> None:
    from peyvand.kernel.errors import RuleViolation

    stage, pipeline = object_named("stage"), object_named("pipeline")
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        line = create_record(ctx, pipeline, {"name": "دوم"})
        one = create_record(ctx, stage, {"name": "آغاز", "pipeline": line.id})
        delete_records(ctx, stage, [one])
        delete_records(ctx, pipeline, [line])
        with pytest.raises(RuleViolation):
            restore_records(ctx, stage, [one])
