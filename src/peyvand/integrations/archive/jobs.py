"""The job that writes an archive, and the one that removes old ones."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, wait
from datetime import timedelta

from django.db import close_old_connections, connection

from peyvand.integrations.archive.models import ArchiveRun
from peyvand.integrations.archive.writing import archive_path, write_archive
from peyvand.kernel import clock
from peyvand.platform.identity.actor import Tenant
from peyvand.platform.jobs.schedule import in_every_workspace
from peyvand.platform.jobs.scoped import job
from peyvand.platform.workspaces.scope import workspace_scope

LIES = timedelta(days=7)
SECONDS_BETWEEN = 1.0


@job("archive.write", attempts=3, scoped=False)
def write(tenant: Tenant, run_id: int) -> None:
    """Write an archive; one that died or failed is begun anew. How far it is, is told from outside its one long transaction."""
    with workspace_scope(tenant.id):
        mine = ArchiveRun.objects.filter(id=run_id)
        if not mine.exclude(state="done").update(state="running", rows=0, ended_at=None):
            return
    path, so_far = archive_path(tenant.id, run_id), [0, 0]

    def told(rows: int, total: int) -> None:
        so_far[:] = [rows, total]

    def work() -> None:
        try:
            write_archive(tenant.id, path, told)
        finally:
            connection.close()

    state = "failed"
    try:
        path.with_name(f"{path.name}.part").unlink(missing_ok=True)
        with ThreadPoolExecutor(1) as thread:
            done = thread.submit(work)
            while wait([done], SECONDS_BETWEEN).not_done:
                with workspace_scope(tenant.id):
                    mine.update(rows=so_far[0], total=so_far[1])
            done.result()
        state = "done"
    finally:
        close_old_connections()
        size = path.stat().st_size if state == "done" else 0
        with workspace_scope(tenant.id):
            mine.update(state=state, rows=so_far[0], total=so_far[1], size=size, ended_at=clock.now())


@in_every_workspace("50 3 * * *", "archive.forget")
def forget_old(tenant: Tenant) -> None:
    """Archives lie for seven days."""
    for run in ArchiveRun.objects.filter(started_at__lt=clock.now() - LIES):
        archive_path(tenant.id, run.id).unlink(missing_ok=True)
        run.delete()
