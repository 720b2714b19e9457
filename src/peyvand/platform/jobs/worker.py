"""The process that works off the queue. Any number of them, on any number of machines, take from it safely."""

from __future__ import annotations

import os

from procrastinate.contrib.django import app

CONCURRENCY = 4
HEARTBEAT_SECONDS = 5
STALLED_SECONDS = 20


def run_worker(*, until_empty: bool = False) -> None:
    """Work off jobs until told to stop by a signal, or until none is ready."""
    worker_app = app.with_connector(app.connector.get_worker_connector())  # type: ignore[attr-defined]
    worker_app.run_worker(
        name=f"peyvand-{os.getpid()}",
        concurrency=CONCURRENCY,
        wait=not until_empty,
        install_signal_handlers=not until_empty,
        listen_notify=not until_empty,
        fetch_job_polling_interval=2.0,
        update_heartbeat_interval=HEARTBEAT_SECONDS,
        stalled_worker_timeout=STALLED_SECONDS,
        shutdown_graceful_timeout=5,
        # Done jobs are of no use to anyone; what they did is in the events and the audit.
        delete_jobs="successful",
    )
