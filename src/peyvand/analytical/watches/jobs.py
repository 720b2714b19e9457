"""Each night, and whenever somebody asks: watches look."""

from __future__ import annotations

from datetime import date

from peyvand.analytical.warehouse.public import refresh
from peyvand.analytical.watches.looking import look
from peyvand.analytical.watches.models import Watch
from peyvand.analytical.watches.queueing import LOOK, have_look
from peyvand.platform.identity.actor import Tenant
from peyvand.platform.jobs.schedule import in_every_workspace
from peyvand.platform.jobs.scoped import job
from peyvand.platform.workspaces.scope import workspace_scope


@job(LOOK, attempts=3, scoped=False)
def look_once(tenant: Tenant, watch_id: int, as_of: str = "") -> None:
    """Bring the warehouse to the present and have one watch look; what a look that died has noted stands."""
    refresh(tenant)
    look(tenant, watch_id, date.fromisoformat(as_of) if as_of else None)


def _on() -> bool:
    return bool(Watch.objects.filter(is_on=True, deleted_at__isnull=True).exists())


@in_every_workspace("40 1 * * *", "watches.nightly", scoped=False, due=_on)
def nightly(tenant: Tenant) -> None:
    """Have every watch that is switched on look, one after the other."""
    with workspace_scope(tenant.id):
        for id in Watch.objects.filter(is_on=True, deleted_at__isnull=True).order_by("id").values_list("id", flat=True):  # fmt: skip
            have_look(tenant, id)
