"""Work that comes back by the clock: for the installation, or once for every workspace."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import close_old_connections
from procrastinate.contrib.django import app

from peyvand.platform.identity.actor import Tenant
from peyvand.platform.jobs.scoped import JobFunction, defer, job
from peyvand.platform.workspaces.models import Workspace
from peyvand.platform.workspaces.scope import workspace_scope


def every(cron: str, name: str) -> Callable[[Callable[[], None]], Callable[[], None]]:
    """Run ``function()`` by the clock, outside any workspace. ``cron`` may have a sixth field: seconds, last."""

    def register(function: Callable[[], None]) -> Callable[[], None]:
        @app.periodic(cron=cron)
        @app.task(name=name, queueing_lock=name)
        def run(timestamp: int) -> Any:
            close_old_connections()
            try:
                function()
            finally:
                close_old_connections()

        return function

    return register


def in_every_workspace(
    cron: str, name: str, *, scoped: bool = True, due: Callable[[], bool] | None = None
) -> Callable[[JobFunction], JobFunction]:
    """Run ``function(tenant)`` by the clock as a job of each workspace; if not ``scoped``, it opens the scope itself.

    ``name`` begins with its slice: where that module is switched off, nothing runs. One run ends before the next begins.
    ``due``: asked in each workspace's scope, whether there is anything to do; what comes every minute says so.
    """

    def register(function: JobFunction) -> JobFunction:
        def run(tenant: Tenant) -> None:
            function(tenant)

        job(name, scoped=scoped)(run)

        @every(cron, f"{name}.everywhere")
        def fan_out() -> None:
            module = name.partition(".")[0]
            for workspace_id, off in Workspace.objects.values_list("id", "modules_off"):
                if module in off:
                    continue
                with workspace_scope(workspace_id):
                    if due is None or due():
                        place = f"{name}:{workspace_id}"
                        defer(name, once=place, lock=place)

        return function

    return register
