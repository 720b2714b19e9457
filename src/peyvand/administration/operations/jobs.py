"""Housekeeping by the clock: what nobody needs any more goes, at night and in sets."""

from __future__ import annotations

from datetime import timedelta

from django.db import connection

from peyvand.api.limits import forget_use
from peyvand.kernel import clock
from peyvand.platform.actions.context import job_context
from peyvand.platform.actions.models import IdempotencyKey
from peyvand.platform.events.models import ReactionRun
from peyvand.platform.files.models import File
from peyvand.platform.files.storage import sweep_bytes
from peyvand.platform.identity.actor import Tenant
from peyvand.platform.identity.models import Session, SignInAttempt
from peyvand.platform.jobs.schedule import every, in_every_workspace
from peyvand.platform.jobs.scoped import defer, job
from peyvand.platform.objects.models import BulkRun
from peyvand.platform.objects.purge import purge
from peyvand.platform.objects.spec import all_objects, find_object

BIN_DAYS = 30
KEY_DAYS = 7
REACTION_DAYS = 90
ATTEMPT_DAYS = 2
USE_DAYS = 2
FAILED_JOB_DAYS = 30


@in_every_workspace("40 22 * * *", "operations.empty_bins")
def empty_bins(tenant: Tenant) -> None:
    """Begin to remove what rested in the bin for a month."""
    for spec in all_objects():
        if spec.has_bin:
            defer(
                "operations.empty_bin",
                once=f"operations.empty_bin:{tenant.id}:{spec.key}",
                object_key=spec.key,
            )


@job("operations.empty_bin")
def empty_bin(tenant: Tenant, object_key: str, after_id: int = 0) -> None:
    """Remove one set of an object's old records, and leave the next to a job of its own."""
    spec = find_object(object_key)
    if spec is None:
        return
    last = purge(job_context(tenant), spec, clock.now() - timedelta(days=BIN_DAYS), after_id)
    if last is not None:
        defer("operations.empty_bin", object_key=object_key, after_id=last)


@in_every_workspace("10 23 * * *", "operations.forget")
def forget(tenant: Tenant) -> None:
    """Forget answers kept for repeated requests, which reactions ran, what bulk changes did and files that were taken off,
    once none of it can be asked for again; then the bytes that no file has."""
    now = clock.now()
    IdempotencyKey.objects.filter(at__lt=now - timedelta(days=KEY_DAYS)).delete()
    ReactionRun.objects.filter(at__lt=now - timedelta(days=REACTION_DAYS)).delete()
    # With what stood in the records before.
    BulkRun.objects.filter(ended_at__lt=now - timedelta(days=BIN_DAYS)).delete()
    File.objects.filter(removed_at__lt=now - timedelta(days=BIN_DAYS)).delete()
    sweep_bytes(tenant.id)


@every("25 * * * *", "operations.tidy")
def tidy() -> None:
    """Remove ended sessions, old failures to sign in, what was counted of the API's use days ago, and failed jobs that the
    dead letters know long since."""
    now = clock.now()
    Session.objects.filter(expire_date__lt=now).delete()
    SignInAttempt.objects.filter(at__lt=now - timedelta(days=ATTEMPT_DAYS)).delete()
    forget_use(now - timedelta(days=USE_DAYS))
    with connection.cursor() as cursor:
        cursor.execute(
            "delete from procrastinate_jobs j where status in ('failed', 'aborted', 'cancelled') and not exists "
            "(select 1 from procrastinate_events e where e.job_id = j.id and e.at > %s)",
            [now - timedelta(days=FAILED_JOB_DAYS)],
        )
