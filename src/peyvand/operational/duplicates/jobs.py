"""Searches run by the clock and on demand, and merges of many pairs."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from django.db import connections, transaction

from peyvand.kernel import clock
from peyvand.kernel.errors import NotAllowed, PeyvandError
from peyvand.operational.duplicates.actions import begin_search
from peyvand.operational.duplicates.kinds import KINDS, kind_of
from peyvand.operational.duplicates.models import Search
from peyvand.operational.duplicates.queue import merge_pair, sure_pairs
from peyvand.operational.duplicates.rules import rules_of
from peyvand.operational.duplicates.searching import note, search
from peyvand.platform.actions.context import Context, job_context
from peyvand.platform.identity.actor import Tenant, user_actor
from peyvand.platform.jobs.schedule import in_every_workspace
from peyvand.platform.jobs.scoped import defer, job
from peyvand.platform.workspaces.scope import workspace_scope

# Pairs merged in one transaction; the next set is the next job's.
SET = 50


@job("duplicates.search", attempts=3)
def work_off(tenant: Tenant, search_id: int) -> None:
    """Carry out a search. Its progress is told while it runs, so it works beside the job's own transaction."""
    with ThreadPoolExecutor(1) as beside:
        beside.submit(_beside, tenant.id, search_id).result()


def _beside(workspace_id: int, search_id: int) -> None:
    try:
        run_search(workspace_id, search_id)
    finally:
        connections.close_all()


def run_search(workspace_id: int, search_id: int) -> None:
    """Outside any scope. A search that died is simply done again."""
    with workspace_scope(workspace_id):
        asked = Search.objects.filter(id=search_id, state__in=("waiting", "running")).first()
    if asked is None:
        return
    kind = kind_of(asked.object)
    try:
        records, pairs = search(
            workspace_id, kind, search_id, lambda step, percent: note(workspace_id, search_id, step, percent)
        )
    except Exception:
        with workspace_scope(workspace_id):
            Search.objects.filter(id=search_id).update(state="failed", ended_at=clock.now())
        raise
    with workspace_scope(workspace_id):
        Search.objects.filter(id=search_id).update(
            state="done", percent=100, records=records, pairs=pairs, ended_at=clock.now()
        )


@in_every_workspace("40 0 * * *", "duplicates.nightly")
def search_nightly(tenant: Tenant) -> None:
    """Look for duplicates while nobody works."""
    for key in KINDS:
        if rules_of(key).is_nightly:
            begin_search(job_context(tenant), key)


@job("duplicates.merge_sure")
def merge_sure(tenant: Tenant, object_key: str, user_id: int, least: int, after: int = 0) -> None:
    """Merge one set of the pairs that are sure enough and queue the next; who began it must still be allowed to."""
    try:
        ctx = Context(user_actor(tenant.id, user_id), "job")
    except NotAllowed:
        return
    pairs = sure_pairs(object_key, least).filter(id__gt=after).order_by("id")[:SET]
    last = 0
    for pair in pairs:
        last = pair.id
        try:
            with transaction.atomic():
                merge_pair(ctx, pair)
        except PeyvandError:
            # One that a rule or a permission refuses stays in the queue for a person to look at.
            continue
    if last:
        defer(
            "duplicates.merge_sure", lock=f"duplicates:{object_key}:{tenant.id}", object_key=object_key, user_id=user_id, least=least,
            after=last,
        )  # fmt: skip
