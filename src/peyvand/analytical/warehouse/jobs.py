"""Keeping the warehouses up to date, in the background."""

from __future__ import annotations

from typing import Final

from peyvand.analytical.warehouse import filling, store
from peyvand.analytical.warehouse.models import Change
from peyvand.platform.identity.actor import Tenant
from peyvand.platform.jobs.schedule import in_every_workspace
from peyvand.platform.jobs.scoped import defer, job

FILL: Final = "warehouse.fill"
REFRESH: Final = "warehouse.refresh"


@in_every_workspace("*/10 * * * *", REFRESH, scoped=False, due=lambda: Change.objects.exists())
def keep_fresh(tenant: Tenant) -> None:
    """Take what changed into the warehouse, if the workspace has one."""
    if store.published(tenant.id) is None:
        filling.pass_over(tenant)
    else:
        filling.refresh(tenant)


@job(FILL, scoped=False, attempts=3)
def fill(tenant: Tenant) -> None:
    """Bring the warehouse to the present because somebody asked for it."""
    filling.refresh(tenant)


def ask_for(tenant: Tenant) -> None:
    """Have the warehouse filled or refreshed in the background, in the caller's transaction."""
    # The same lock as the refreshing by the clock: one after the other.
    place = f"{REFRESH}:{tenant.id}"
    defer(FILL, once=f"{FILL}:{tenant.id}", lock=place)
