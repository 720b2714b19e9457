"""Every night, and whenever somebody asks: the analyses of a workspace, one after the other."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import date

from peyvand.analytical.analyses.contract import Analysis, all_analyses, analysis_named
from peyvand.analytical.analyses.models import ModelCard
from peyvand.analytical.analyses.running import run_analysis
from peyvand.analytical.analyses.seeds import ensure_choices
from peyvand.analytical.warehouse.public import refresh
from peyvand.kernel import clock
from peyvand.platform.identity.actor import Tenant
from peyvand.platform.insights.keeping import forget_expired
from peyvand.platform.jobs.schedule import in_every_workspace
from peyvand.platform.jobs.scoped import defer, job, waiting
from peyvand.platform.workspaces.scope import workspace_scope

RUN = "analyses.run"


@job(RUN, attempts=2, scoped=False)
def run(tenant: Tenant, key: str, as_of: str = "") -> None:
    """Run one analysis, as of a day (the workspace's present); a run that died is simply done again."""
    if analysis := analysis_named(key):
        refresh(tenant)
        run_analysis(tenant, analysis, date.fromisoformat(as_of) if as_of else None)


def put_to_work(tenant: Tenant, *keys: str, as_of: date | None = None) -> None:
    """Queue analyses of the open workspace, as of a day (that on which they run); one that waits already is not queued twice."""
    day = "" if as_of is None else as_of.isoformat()
    for key in keys:
        once = _name(tenant, key) + (f":{day}" if day else "")
        defer(RUN, lock=f"analyses:{tenant.id}", once=once, key=key, as_of=day)


def _name(tenant: Tenant, key: str) -> str:
    """The name under which a run of an analysis waits; there is one at a time."""
    return f"analyses:{tenant.id}:{key}"


def queued(tenant: Tenant, *keys: str) -> set[str]:
    """Those of these analyses of the open workspace whose run waits for its turn."""
    names = {_name(tenant, key): key for key in keys}
    return {names[name] for name in waiting(names)}


def begin_all(tenant: Tenant) -> None:
    """Queue every analysis that the open workspace has not switched off."""
    choices = ensure_choices()
    put_to_work(tenant, *(a.key for a in all_analyses() if choices[a.key].is_on))


def run_all(tenant: Tenant, told: Callable[[Analysis, int, int], None]) -> list[ModelCard]:
    """Run all analyses that are not switched off, here and now, on a warehouse brought to the present; their model cards. For
    commands, outside any scope. ``told(analysis, place, count)`` hears before each. One that fails does not stop the others."""
    refresh(tenant)
    with workspace_scope(tenant.id):
        choices = ensure_choices()
        chosen = [a for a in all_analyses() if choices[a.key].is_on]
    begun = clock.now()
    for place, analysis in enumerate(chosen, 1):
        told(analysis, place, len(chosen))
        with suppress(Exception):  # it is in the log, and its card says that it failed
            run_analysis(tenant, analysis)
    with workspace_scope(tenant.id):
        return list(ModelCard.objects.filter(started_at__gte=begun).order_by("id"))


@in_every_workspace("10 1 * * *", "analyses.nightly", scoped=False)
def nightly(tenant: Tenant) -> None:
    """Bring every insight up to date while nobody works."""
    with workspace_scope(tenant.id):
        forget_expired(clock.today(tenant.tz))
        begin_all(tenant)
