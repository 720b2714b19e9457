"""New records are given out by the worker; two who give out at once share the turns and the loads."""

from __future__ import annotations

from threading import Barrier, Thread
from typing import Any

from django.db import connections

from peyvand.operational.assignment.assigning import give_out
from peyvand.operational.assignment.models import AssignmentEntry
from peyvand.operational.assignment.objects import RULE, SEAT
from peyvand.platform.actions.action import perform
from peyvand.platform.actions.context import Context, job_context
from peyvand.platform.objects.records import create_records
from peyvand.platform.objects.spec import object_named
from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.testing.queue import drain

DEAL = object_named("deal")
USUAL = {"name": "All deals", "object": "deal", "way": "turns", "at_work": "any", "when_away": "keep"}


def begin(cast: Any, **values: Any) -> None:
    with workspace_scope(cast.arman.id):
        ctx = job_context(cast.arman)
        [rule] = create_records(ctx, RULE, [USUAL | values])
        create_records(ctx, SEAT, [{"rule": rule.id, "user": user.id} for user in (cast.mina, cast.babak)])


def counts(cast: Any) -> list[int]:
    with workspace_scope(cast.arman.id):
        return [DEAL.rows.filter(owner_id=user.id).count() for user in (cast.mina, cast.babak)]


def test_new_records_without_an_owner_are_given_out_by_the_worker(committed: Any) -> None:
    begin(committed)
    with workspace_scope(committed.arman.id):
        ctx = job_context(committed.arman)
        create_records(ctx, DEAL, [{"name": f"Deal {n}", "owner": None} for n in range(6)])
        create_records(ctx, DEAL, [{"name": "Hers", "owner": committed.sara.id}])
    connections.close_all()
    drain()
    assert counts(committed) == [3, 3]
    with workspace_scope(committed.arman.id):
        assert AssignmentEntry.objects.count() == 6


def test_two_at_once_neither_skip_a_turn_nor_go_over_the_limit(committed: Any) -> None:
    begin(committed, most_open=8)
    with workspace_scope(committed.arman.id):
        ctx = Context(job_context(committed.arman).actor, "job", silent=True)
        made = create_records(ctx, DEAL, [{"name": f"Deal {n}", "owner": None} for n in range(20)])
    connections.close_all()
    ready, done = Barrier(4), list[int]()

    def work(records: list[Any]) -> None:
        try:
            ready.wait(60)
            for record in records:
                with workspace_scope(committed.arman.id):
                    ctx = job_context(committed.arman)
                    perform(
                        ctx, "deal.assign_now_many", [record], lambda c=ctx, r=record: give_out(c, DEAL, [r])
                    )
            done.append(len(records))
        finally:
            connections.close_all()

    threads = [Thread(target=work, args=(made[n::4],)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert done == [5] * 4
    assert counts(committed) == [8, 8]
