"""Searches run by the clock and on demand, and merges of many pairs."""

from __future__ import annotations

from django.db import transaction

from peyvand.kernel import clock
from peyvand.kernel.errors import NotAllowed, PeyvandError
from peyvand.operational.duplicates.actions import begin_search, searching_lock
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


# Its progress is told while it runs, so it keeps no transaction open.
@job("duplicates.search", attempts=3, scoped=False)
def run_search(tenant: Tenant, search_id: int) -> None:
    """Carry out a search; one that died or failed is simply done again."""
    with workspace_scope(tenant.id):
        asked = Search.objects.filter(id=search_id).exclude(state="done").first()
    if asked is None:
        return
    kind = kind_of(asked.object)
    try:
        records, pairs = search(
            tenant.id, kind, search_id, lambda step, percent: note(tenant.id, search_id, step, percent)
        )
    except Exception:
        with workspace_scope(tenant.id):
            Search.objects.filter(id=search_id).update(state="failed", ended_at=clock.now())
        raise
    with workspace_scope(tenant.id):
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
    pairs = sure_pairs(ctx, kind_of(object_key).spec, least).filter(id__gt=after).order_by("id")[:SET]
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
            "duplicates.merge_sure", lock=searching_lock(tenant.id), object_key=object_key, user_id=user_id, least=least,
            after=last,
        )  # fmt: skip
