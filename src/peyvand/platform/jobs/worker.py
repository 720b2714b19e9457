"""The process that works off the queue. Any number of them, on any number of machines, take from it safely."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, LiteralString

import django.db
import psycopg
from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import connections
from procrastinate import App
from procrastinate.contrib.django import app
from procrastinate.contrib.django.utils import connector_params
from procrastinate.exceptions import ConnectorException, UniqueViolation
from procrastinate.jobs import Status
from procrastinate.manager import JobManager
from procrastinate.psycopg_connector import PsycopgConnector

log = logging.getLogger(__name__)

CONCURRENCY = 4
POLL_SECONDS = 2.0
GRACE_SECONDS = 5
# The longest wait for a connection: short, so that a worker without a database can still be stopped.
CONNECT_SECONDS = 5.0
PAUSE_SECONDS = 1.0
TRIES = 3
ENDING = (signal.SIGTERM, signal.SIGINT)
_READY: LiteralString = "select count(*) as count from procrastinate_jobs where status = 'todo' and (scheduled_at is null or scheduled_at <= now())"
_OUTAGES = (ConnectorException, psycopg.Error, django.db.Error, OSError)


class SteadyJobs(JobManager):
    """Writes down how a job ended even where the connection breaks at that very moment."""

    async def finish_job_by_id_async(self, job_id: int, status: Status, delete_job: bool) -> None:
        await _steadily(lambda: super(SteadyJobs, self).finish_job_by_id_async(job_id, status, delete_job))

    async def retry_job_by_id_async(self, job_id: int, retry_at: datetime, *args: Any, **kwargs: Any) -> None:
        """Put the job back; where another waits under its name, that one takes its place."""
        try:
            await _steadily(
                lambda: super(SteadyJobs, self).retry_job_by_id_async(job_id, retry_at, *args, **kwargs)
            )
        except UniqueViolation:
            await self.finish_job_by_id_async(job_id, Status.FAILED, delete_job=True)


async def _steadily(write: Callable[[], Awaitable[None]]) -> None:
    for tries_left in range(TRIES - 1, -1, -1):
        try:
            await write()
            return
        except UniqueViolation:
            raise
        except ConnectorException:
            if not tries_left:
                raise
            await asyncio.sleep(PAUSE_SECONDS)


def run_worker(*, until_empty: bool = False) -> None:
    """Work off jobs until told to stop by a signal, or until none is ready.

    A lost database is waited for: the worker comes back by itself, under a new number, and what it had begun is taken
    for stalled and run again.
    """
    asyncio.run(_until_empty() if until_empty else _until_told())


async def _until_empty() -> None:
    """One pass leaves behind what waited for the lock of a job that still ran: go on while a pass gets further."""
    worker, left = _worker_app(), -1
    async with worker.open_async():
        while left:
            await worker.run_worker_async(**_options(), wait=False, listen_notify=False)
            before, left = left, (await worker.connector.execute_query_one_async(_READY))["count"]
            if left == before:
                break


async def _until_told() -> None:
    told = asyncio.Event()
    for number in ENDING:
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    waiting = asyncio.create_task(told.wait())
    while not told.is_set():
        work = asyncio.create_task(_until_it_fails())
        await asyncio.wait({work, waiting}, return_when=asyncio.FIRST_COMPLETED)
        work.cancel()
        try:
            await work
        except asyncio.CancelledError:
            log.info("worker stopped")
        except _OUTAGES as error:
            log.warning("the worker lost the database (%s); trying again", error.__class__.__name__)
        if not told.is_set():
            # Procrastinate's schedules go through Django's connection of this one thread.
            await sync_to_async(connections.close_all)()
            await asyncio.wait({waiting}, timeout=PAUSE_SECONDS)


async def _until_it_fails() -> None:
    worker = _worker_app()
    async with worker.open_async():
        await worker.run_worker_async(
            **_options(), wait=True, listen_notify=True, install_signal_handlers=False
        )


def _worker_app() -> App:
    """The tasks on connections of the worker's own, apart from those that the jobs themselves use."""
    connector = PsycopgConnector(
        kwargs=connector_params(), min_size=1, max_size=CONCURRENCY + 2, timeout=CONNECT_SECONDS
    )
    worker = app.with_connector(connector)
    worker.job_manager = SteadyJobs(connector)
    return worker


def _options() -> dict[str, Any]:
    return {
        "name": f"peyvand-{os.getpid()}",
        "concurrency": CONCURRENCY,
        "fetch_job_polling_interval": POLL_SECONDS,
        "update_heartbeat_interval": settings.JOB_HEARTBEAT_SECONDS,
        "stalled_worker_timeout": settings.JOB_STALLED_SECONDS,
        "shutdown_graceful_timeout": GRACE_SECONDS,
        # Done jobs are of no use to anyone; what they did is in the events and the audit.
        "delete_jobs": "successful",
    }
