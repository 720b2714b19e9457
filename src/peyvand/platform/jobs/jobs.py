"""The queue's own housekeeping."""

from __future__ import annotations

import logging

from asgiref.sync import sync_to_async
from django.conf import settings
from procrastinate import JobContext
from procrastinate.contrib.django import app
from procrastinate.jobs import Job, Status

from peyvand.platform.jobs.scoped import bury

log = logging.getLogger(__name__)

# A job that keeps taking its worker down with it must not do so for ever.
MOST_REVIVALS = 10
LOST = (
    "The worker that ran this job ended without a word, again and again; the job may be what brings it down."
)


def _every() -> int:
    """Seconds between two rounds: often enough for the time after which a worker is taken for dead."""
    return max(1, min(10, int(settings.JOB_STALLED_SECONDS) // 2))


@app.periodic(cron=f"* * * * * */{_every()}")
@app.task(name="jobs.revive_stalled", queueing_lock="jobs.revive_stalled", pass_context=True)
async def revive_stalled(context: JobContext, timestamp: int) -> None:
    """Put the jobs of workers that died back into the queue."""
    # The worker's own connections: they come back after the database was away.
    jobs = context.app.job_manager
    for stalled in await jobs.get_stalled_jobs(seconds_since_heartbeat=settings.JOB_STALLED_SECONDS):
        if stalled.attempts >= MOST_REVIVALS and stalled.id is not None:
            log.error(
                "job %s (%s) ended with its worker %s times; given up",
                stalled.id,
                stalled.task_name,
                stalled.attempts,
            )
            await sync_to_async(_give_up)(stalled)
            await jobs.finish_job(stalled, status=Status.FAILED, delete_job=False)
        else:
            log.warning("job %s (%s) lost its worker; put back", stalled.id, stalled.task_name)
            await jobs.retry_job(stalled)


def _give_up(job: Job) -> None:
    arguments = dict(job.task_kwargs)
    workspace_id = arguments.pop("workspace_id", None)
    if isinstance(workspace_id, int) and job.id is not None:
        bury(job.id, job.task_name, workspace_id, arguments, LOST, job.attempts)
