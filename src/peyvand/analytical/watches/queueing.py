"""Asking for a look of a watch, which a worker carries out (jobs.py)."""

from __future__ import annotations

from datetime import date
from typing import Final

from peyvand.platform.identity.actor import Tenant
from peyvand.platform.jobs.scoped import defer

LOOK: Final = "watches.look"


def have_look(tenant: Tenant, watch_id: int, as_of: date | None = None) -> None:
    """Queue a look, as of a day (that on which it looks), in the caller's transaction; one that waits already is not queued
    twice."""
    day = "" if as_of is None else as_of.isoformat()
    once = f"watches:{tenant.id}:{watch_id}:{day}"
    defer(LOOK, lock=f"watches:{tenant.id}", once=once, watch_id=watch_id, as_of=day)
