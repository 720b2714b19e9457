"""Working off the queue inside a test, by the real worker."""

from __future__ import annotations

from peyvand.platform.jobs.worker import run_worker


def drain() -> None:
    """Run every job that is ready, and those they lead to. Needs committed data: a transactional test."""
    run_worker(until_empty=True)
