"""The job that works off an import begun in the web."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from django.utils import translation

from peyvand.integrations.transfer import history
from peyvand.integrations.transfer.actions import folder_of, paths_of
from peyvand.integrations.transfer.lanes import then_close
from peyvand.integrations.transfer.mapping import mapping_of
from peyvand.integrations.transfer.models import ImportRun
from peyvand.integrations.transfer.report import FileReport
from peyvand.integrations.transfer.running import Wish, run_import
from peyvand.kernel.errors import PeyvandError
from peyvand.platform.actions.context import Context
from peyvand.platform.identity.actor import Tenant, user_actor
from peyvand.platform.jobs.scoped import job
from peyvand.platform.workspaces.scope import workspace_scope


@job("transfer.import", attempts=3)
def work_off(tenant: Tenant, run_id: int) -> None:
    """Import the files of a run. Its sets commit one by one, so not within the job's own transaction but beside it."""
    with ThreadPoolExecutor(1) as beside:
        beside.submit(then_close(lambda id: work(tenant, id)), run_id).result()


def work(tenant: Tenant, run_id: int) -> None:
    """Outside any scope. A run that died half way is begun again: what it wrote before is found unchanged."""
    with workspace_scope(tenant.id):
        run = ImportRun.objects.filter(id=run_id, state__in=("waiting", "running")).first()
        if run is None:
            return
        ImportRun.objects.filter(id=run_id).update(state="running")
    total: dict[str, int] = {}

    def progress(file: FileReport, rows: int) -> None:
        total[file.name] = rows
        with workspace_scope(tenant.id):
            ImportRun.objects.filter(id=run_id).update(rows=sum(total.values()))

    folder, paths = folder_of(tenant.id, run_id), paths_of(tenant.id, run)
    try:
        with workspace_scope(tenant.id):
            ctx = Context(user_actor(tenant.id, run.user_id or 0), "import")
        report = run_import(
            ctx, paths, Wish(mapping_of(run.mapping), dry_run=run.dry_run, refused=folder), progress
        )
        with workspace_scope(tenant.id):
            history.finish(ctx, run_id, report)
    except Exception as error:
        with workspace_scope(tenant.id), translation.override(tenant.language):
            history.fail(
                run_id,
                error.message.render(translation.gettext)
                if isinstance(error, PeyvandError)
                else type(error).__name__,
            )
        if not isinstance(error, PeyvandError):
            raise
        return
    if not run.dry_run:
        # What went in is in the workspace, what was refused in a file of its own: the originals are their owner's.
        for path in paths:
            path.unlink(missing_ok=True)
