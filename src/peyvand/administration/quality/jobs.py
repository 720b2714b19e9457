"""Reckonings, every night and on demand."""

from __future__ import annotations

from peyvand.administration.quality.actions import UNDER_WAY, begin_reckoning
from peyvand.administration.quality.measures import measure_of, measured_object, measured_objects
from peyvand.administration.quality.models import QualityRun
from peyvand.administration.quality.reckoning import reckon
from peyvand.kernel import clock
from peyvand.platform.actions.context import job_context
from peyvand.platform.identity.actor import Tenant
from peyvand.platform.jobs.schedule import in_every_workspace
from peyvand.platform.jobs.scoped import job
from peyvand.platform.workspaces.scope import workspace_scope


@in_every_workspace("50 1 * * *", "quality.nightly")
def reckon_nightly(tenant: Tenant) -> None:
    """Measure while nobody works: one figure for each day."""
    begin_reckoning(job_context(tenant))


@job("quality.reckon", attempts=3, scoped=False)
def work_off(tenant: Tenant, run_id: int) -> None:
    """Measure object after object, each in a transaction of its own. A reckoning that died is simply done again."""
    with workspace_scope(tenant.id):
        if not QualityRun.objects.filter(id=run_id, state__in=(*UNDER_WAY, "failed")).exists():
            return
        keys = [spec.key for spec in measured_objects()]
    try:
        for n, key in enumerate(keys):
            _note(tenant, run_id, state="running", object=key, percent=100 * n // len(keys))
            with workspace_scope(tenant.id):
                spec = measured_object(key)
                # It may have been archived meanwhile.
                if spec is not None:
                    reckon(tenant, measure_of(spec))
    except Exception:
        _note(tenant, run_id, state="failed", ended_at=clock.now())
        raise
    _note(tenant, run_id, state="done", object="", percent=100, ended_at=clock.now())


def _note(tenant: Tenant, run_id: int, **said: object) -> None:
    """Tell how far it is, at once: in a transaction of its own."""
    with workspace_scope(tenant.id):
        QualityRun.objects.filter(id=run_id).update(**said)
