"""Merging while others write: each waits for the other, one of two contradictory wishes is refused, nothing is lost."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connections

from peyvand.kernel.errors import Conflict, Invalid, NotFound, PeyvandError
from peyvand.platform.actions.context import Context
from peyvand.platform.identity.actor import user_actor
from peyvand.platform.merging.jobs import sweep
from peyvand.platform.merging.merging import merge_records, merged_into
from peyvand.platform.merging.unmerging import unmerge
from peyvand.platform.objects.queries import load_record
from peyvand.platform.objects.records import create_record, delete_records, update_record
from peyvand.platform.objects.spec import object_named
from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.testing.committed import behind

COMPANY, DEAL, NOTE = object_named("company"), object_named("deal"), object_named("note")


@pytest.fixture
def ids(committed: Any) -> list[int]:
    with workspace_scope(committed.arman.id):
        ctx = context(committed)
        return [create_record(ctx, COMPANY, {"name": name}).id for name in ("آ", "ب", "پ")]


def context(committed: Any) -> Context:
    return Context(user_actor(committed.arman.id, committed.sara.id), "web")


def at_once(committed: Any, *works: Callable[[Context], Any]) -> list[Any]:
    """Each work in a transaction of its own, begun together; what each came to: its result or its refusal."""
    begun = threading.Barrier(len(works), timeout=60)
    out: list[Any] = [None] * len(works)

    def run(place: int, work: Callable[[Context], Any]) -> None:
        try:
            with workspace_scope(committed.arman.id):
                ctx = context(committed)
                begun.wait()
                out[place] = work(ctx)
        except PeyvandError as error:
            out[place] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(n, work)) for n, work in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return out


def test_of_two_merges_of_one_record_one_is_refused(committed: Any, ids: list[int]) -> None:
    a, b, c = ids
    for _ in range(3):
        out = at_once(
            committed,
            lambda ctx, b=b: merge_records(ctx, COMPANY, a, [b])[0].winner,  # type: ignore[misc]
            lambda ctx, b=b: merge_records(ctx, COMPANY, c, [b])[0].winner,  # type: ignore[misc]
        )
        refused = [o for o in out if isinstance(o, PeyvandError)]
        done = [o for o in out if isinstance(o, int)]
        assert len(done) == 1, out
        assert isinstance(refused[0], Conflict), out
        with workspace_scope(committed.arman.id):
            assert merged_into("company", b) == done[0]
            ctx = context(committed)
            b = create_record(ctx, COMPANY, {"name": "ب"}).id


def test_two_that_would_each_swallow_the_other_do_not_wait_for_ever(committed: Any, ids: list[int]) -> None:
    a, b, _ = ids
    out = at_once(
        committed,
        lambda ctx: merge_records(ctx, COMPANY, a, [b])[0].loser,
        lambda ctx: merge_records(ctx, COMPANY, b, [a])[0].loser,
    )
    assert sum(isinstance(o, int) for o in out) == 1, out
    with workspace_scope(committed.arman.id):
        assert COMPANY.rows.filter(id__in=[a, b], deleted_at=None).count() == 1


def test_an_edit_made_upon_what_was_merged_meanwhile_is_refused(committed: Any, ids: list[int]) -> None:
    a, b, _ = ids
    with workspace_scope(committed.arman.id):
        ctx = context(committed)
        stale = load_record(COMPANY, ctx.actor, b)
        deal = create_record(ctx, DEAL, {"name": "فروش", "company": b})
    with workspace_scope(committed.arman.id):
        merge_records(context(committed), COMPANY, a, [b])
    for spec, record, change in ((COMPANY, stale, {"city": "یزد"}), (DEAL, deal, {"name": "دیگر"})):
        with pytest.raises(Conflict), workspace_scope(committed.arman.id):
            update_record(context(committed), spec, record, change)
    with workspace_scope(committed.arman.id):
        assert DEAL.rows.get(id=deal.id).company_id == a


def test_a_merge_and_a_deletion_leave_one_whole_state(committed: Any, ids: list[int]) -> None:
    a, b, _ = ids
    out = at_once(
        committed,
        lambda ctx: merge_records(ctx, COMPANY, a, [b])[0].winner,
        lambda ctx: delete_records(ctx, COMPANY, [load_record(COMPANY, ctx.actor, b, lock=True)]),
    )
    with workspace_scope(committed.arman.id):
        into = merged_into("company", b)
        assert COMPANY.rows.get(id=b).deleted_at is not None
    merged, deleted = out
    assert (into == a) == isinstance(merged, int), out
    assert isinstance(merged, int | NotFound), out
    assert deleted is None or isinstance(deleted, NotFound), out


def test_a_link_that_is_made_at_the_same_moment_is_not_left_behind(committed: Any, ids: list[int]) -> None:
    a, b, _ = ids
    made, moved = threading.Event(), threading.Event()

    def link(ctx: Context) -> int:
        deal = create_record(ctx, DEAL, {"name": "فروش", "company": b})
        made.set()
        moved.wait(1)
        return int(deal.id)

    def merge(ctx: Context) -> int:
        made.wait(60)
        done = merge_records(ctx, COMPANY, a, [b])
        moved.set()
        return int(done[0].winner)

    deal, _winner = at_once(committed, link, merge)
    with workspace_scope(committed.arman.id):
        assert DEAL.rows.get(id=deal).company_id == a


def test_a_link_made_behind_a_merges_back_follows_it(committed: Any, ids: list[int]) -> None:
    a, b, _ = ids
    with workspace_scope(committed.arman.id):
        ctx = context(committed)
        deal = create_record(ctx, DEAL, {"name": "فروش"})
        (merge,) = merge_records(ctx, COMPANY, a, [b])
        # As a transaction leaves it that checked the link before the merge and wrote it afterwards.
        DEAL.rows.filter(id=deal.id).update(company_id=b)
        sweep(committed.arman, merge.id)
        assert DEAL.rows.get(id=deal.id).company_id == a
        unmerge(ctx, merge.id)
        assert DEAL.rows.get(id=deal.id).company_id == b


@pytest.mark.parametrize(
    ("spec", "values"),
    [(DEAL, {"name": "فروش", "company": ""}), (NOTE, {"text": "یادداشت", "about": "company:"})],
)
def test_nothing_new_is_linked_to_what_is_being_merged_away(
    committed: Any, ids: list[int], spec: Any, values: dict[str, str]
) -> None:
    a, b, _ = ids
    raw = {key: f"{text}{b}" if key in ("company", "about") else text for key, text in values.items()}
    ctx = context(committed)
    refused = behind(
        committed.arman,
        lambda: merge_records(ctx, COMPANY, a, [b]),
        lambda: create_record(context(committed), spec, raw),
    )
    assert isinstance(refused, Invalid), refused
    assert [p.code for p in refused.problems] == ["missing"]
    with workspace_scope(committed.arman.id):
        assert not spec.rows.exists()
