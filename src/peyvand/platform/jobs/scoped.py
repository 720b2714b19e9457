"""Jobs of a workspace: deferred in the caller's transaction, run inside the workspace's scope, kept when they die."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from django.db import close_old_connections, connection, transaction
from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from peyvand.kernel import clock
from peyvand.platform.identity.actor import tenant_by
from peyvand.platform.workspaces.scope import current_workspace_id, workspace_scope

if TYPE_CHECKING:
    from peyvand.platform.jobs.models import DeadLetter

log = logging.getLogger(__name__)

ATTEMPTS = 6
JobFunction = Callable[..., None]


def job(
    name: str, *, queue: str = "default", attempts: int = ATTEMPTS, scoped: bool = True
) -> Callable[[JobFunction], JobFunction]:
    """Register ``function(tenant, **arguments)`` as a job of a workspace.

    It runs in one transaction inside the workspace's scope. A worker that dies leaves it to be run again, so it must
    do no harm when it runs twice. After the last attempt it rests in the dead letters. If not ``scoped``, it opens the
    scope itself, as often as it needs: so does work that waits for others, who must not keep a transaction open.
    """

    def register(function: JobFunction) -> JobFunction:
        # Procrastinate counts the attempts after the first.
        retry = RetryStrategy(max_attempts=attempts - 1, exponential_wait=2) if attempts > 1 else False

        @app.task(name=name, queue=queue, retry=retry, pass_context=True)
        def run(context: JobContext, /, *, workspace_id: int, **arguments: Any) -> None:
            close_old_connections()
            try:
                tenant = tenant_by(id=workspace_id)
                if tenant is None:
                    log.warning("job %s: workspace %s is gone", name, workspace_id)
                    return
                with workspace_scope(workspace_id) if scoped else nullcontext():
                    function(tenant, **arguments)
            except Exception:
                if context.job.attempts + 1 >= attempts and context.job.id is not None:
                    bury(
                        context.job.id,
                        name,
                        workspace_id,
                        arguments,
                        traceback.format_exc(limit=20),
                        context.job.attempts + 1,
                    )
                raise
            finally:
                close_old_connections()

        return function

    return register


def defer(
    name: str, *, lock: str | None = None, once: str | None = None, delay: int = 0, **arguments: Any
) -> None:
    """Put a job into the queue in the caller's transaction: it exists if and only if that commits.

    ``lock``: jobs with the same lock run one after another, in order. ``once``: no second one waits under that name.
    ``delay``: seconds to wait at least.
    """
    configured = app.configure_task(
        name, lock=lock, queueing_lock=once, schedule_in={"seconds": delay} if delay else None
    )
    if once is None:
        configured.defer(workspace_id=current_workspace_id(), **arguments)
        return
    try:
        # That the name is taken must not spoil the caller's transaction.
        with transaction.atomic():
            configured.defer(workspace_id=current_workspace_id(), **arguments)
    except AlreadyEnqueued:
        log.debug("job %s (%s) already waits", name, once)


def waiting(names: Collection[str]) -> set[str]:
    """Those of these names (``once`` of ``defer``) under which a job waits for its turn."""
    if not names:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(
            "select queueing_lock from procrastinate_jobs where status = 'todo' and queueing_lock = any(%s::text[])",
            [sorted(names)],
        )
        return {name for (name,) in cursor.fetchall()}


def defer_many(
    name: str, batches: Sequence[Mapping[str, Any]], *, lock: str | None = None, delay: int = 0
) -> None:
    """Put several jobs into the queue by one statement. ``delay``: seconds to wait at least."""
    workspace_id = current_workspace_id()
    later = {"seconds": delay} if delay else None
    app.configure_task(name, lock=lock, schedule_in=later).batch_defer(
        *({"workspace_id": workspace_id, **b} for b in batches)
    )


def bury(
    job_id: int, name: str, workspace_id: int, arguments: Mapping[str, Any], error: str, attempts: int
) -> None:
    """Keep a job that failed for good where people see it and may run it again."""
    from peyvand.platform.jobs.models import DeadLetter

    close_old_connections()
    try:
        with workspace_scope(workspace_id):
            DeadLetter.objects.create(
                job_id=job_id,
                task=name,
                args=dict(arguments),
                error=error[-8000:],
                attempts=attempts,
                failed_at=clock.now(),
            )
    finally:
        close_old_connections()


def run_again(letter: DeadLetter) -> None:
    """Put the job of a dead letter into the queue anew, with all its attempts, in the caller's transaction."""
    defer(letter.task, **letter.args)
    letter.run_again_at = clock.now()
    letter.save(update_fields=["run_again_at"])
