"""The queue's own housekeeping."""

from __future__ import annotations

import logging

from procrastinate import jobs
from procrastinate.contrib.django import app

from peyvand.platform.jobs.worker import STALLED_SECONDS

log = logging.getLogger(__name__)

# A job that keeps taking its worker down with it must not do so for ever.
MOST_REVIVALS = 10


@app.periodic(cron="* * * * * */10")
@app.task(name="jobs.revive_stalled", queueing_lock="jobs.revive_stalled")
async def revive_stalled(timestamp: int) -> None:
    """Put the jobs of workers that died back into the queue."""
    for stalled in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_SECONDS):
        if stalled.attempts >= MOST_REVIVALS and stalled.id is not None:
            log.error("job %s (%s) ended with its worker %s times; given up", stalled.id, stalled.task_name, stalled.attempts)
            await app.job_manager.finish_job(stalled, status=jobs.Status.FAILED, delete_job=False)
        else:
            log.warning("job %s (%s) lost its worker; put back", stalled.id, stalled.task_name)
            await app.job_manager.retry_job(stalled)
