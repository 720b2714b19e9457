"""Working off the queue inside a test, by the real worker."""

from __future__ import annotations

from django.db import connection

from peyvand.platform.jobs.worker import run_worker


def drain() -> None:
    """Run every job that is ready, and those they lead to. Needs committed data: see the fixture ``committed``."""
    # The worker's threads end with it: connections they kept open for a next job would never be closed.
    kept = connection.settings_dict["CONN_MAX_AGE"]
    connection.settings_dict["CONN_MAX_AGE"] = 0
    try:
        run_worker(until_empty=True)
    finally:
        connection.settings_dict["CONN_MAX_AGE"] = kept
