"""The jobs that work off, and take back, imports."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from django.utils import translation

from peyvand.integrations.transfer import history
from peyvand.integrations.transfer.actions import folder_of, paths_of
from peyvand.integrations.transfer.exporting import export_of, file_of, write_list
from peyvand.integrations.transfer.lanes import then_close
from peyvand.integrations.transfer.mapping import mapping_of
from peyvand.integrations.transfer.models import ExportRun, ImportChange, ImportRun
from peyvand.integrations.transfer.report import FileReport
from peyvand.integrations.transfer.running import Stopped, Wish, run_import
from peyvand.integrations.transfer.undo import KEPT_FOR, PERMISSION, undo_set
from peyvand.kernel import clock
from peyvand.kernel.errors import PeyvandError
from peyvand.platform.actions.context import Context
from peyvand.platform.actions.long import begin_work, end_work, fresh
from peyvand.platform.fields.reader import said
from peyvand.platform.identity.actor import Tenant, user_actor
from peyvand.platform.jobs.schedule import in_every_workspace
from peyvand.platform.jobs.scoped import job
from peyvand.platform.objects.spec import object_named
from peyvand.platform.workspaces.scope import workspace_scope

EXPORTS_LIE = timedelta(days=7)


@job("transfer.import", attempts=3)
def work_off(tenant: Tenant, run_id: int) -> None:
    """Import the files of a run. Its sets commit one by one, so not within the job's own transaction but beside it."""
    _beside(work, tenant, run_id)


@job("transfer.undo", attempts=6)
def take_back(tenant: Tenant, run_id: int) -> None:
    """Undo a run, set by set, each in a transaction of its own."""
    _beside(undo, tenant, run_id)


@job("transfer.export", attempts=3)
def write_away(tenant: Tenant, run_id: int) -> None:
    """Write a long list into a file, page by page, each read in a transaction of its own."""
    _beside(export, tenant, run_id)


def _beside(function: Callable[[Tenant, int], None], tenant: Tenant, run_id: int) -> None:
    with ThreadPoolExecutor(1) as thread:
        thread.submit(then_close(lambda id: function(tenant, id)), run_id).result()


def work(tenant: Tenant, run_id: int) -> None:
    """Outside any scope. A run that died half way is begun again: what it wrote before is found unchanged."""
    with workspace_scope(tenant.id):
        run = ImportRun.objects.filter(id=run_id, state__in=("waiting", "running", "stopping")).first()
        if run is None:
            return
        ImportRun.objects.filter(id=run_id, state="waiting").update(state="running")
    total: dict[str, int] = {}

    def progress(file: FileReport, rows: int) -> None:
        total[f"{file.name}\n{file.object}"] = rows
        with workspace_scope(tenant.id):
            if not ImportRun.objects.filter(id=run_id, state="running").update(rows=sum(total.values())):
                raise Stopped

    folder, paths = folder_of(tenant.id, run_id), paths_of(tenant.id, run)
    try:
        with workspace_scope(tenant.id):
            by = run.mapping.get("by") or run.user_id
            ctx = Context(user_actor(tenant.id, by or 0), "import")
            mapping = mapping_of({"files": run.mapping.get("files", {})})
        wish = Wish(
            mapping, dry_run=run.dry_run, refused=folder, run_id=run_id, loud=bool(run.mapping.get("loud"))
        )
        report = run_import(ctx, paths, wish, progress)
        with workspace_scope(tenant.id):
            history.finish(ctx, run_id, report)
    except Exception as error:
        _fail(tenant, run_id, error)
        if not isinstance(error, PeyvandError):
            raise
        return
    if not run.dry_run and not report.is_stopped:
        # What went in is in the workspace, what was refused in a file of its own: the originals are their owner's.
        for path in paths:
            path.unlink(missing_ok=True)


def undo(tenant: Tenant, run_id: int) -> None:
    """Outside any scope. One that died goes on where it was."""
    while True:
        with workspace_scope(tenant.id):
            run = ImportRun.objects.select_for_update().filter(id=run_id, state="undoing").first()
            if run is None:
                return
            by = run.undoing.get("by") or run.user_id
            if not run.undoing.get("audit"):
                ctx = begin_work(Context(user_actor(tenant.id, by or 0), "import"))
                run.undoing["audit"] = ctx.audit_id
            ctx = Context(
                user_actor(tenant.id, by or 0), "import", audit_id=run.undoing["audit"], silent=True
            )
            if not undo_set(fresh(ctx), run):
                done = {word: run.undoing.get(word, 0) for word in ("removed", "restored", "kept")}
                end_work(
                    ctx, PERMISSION, "import", done["removed"] + done["restored"], {"run": run.id, **done}
                )
                run.undoing.pop("last", None)
                run.state, run.ended_at = "undone", clock.now()
                run.save(update_fields=["state", "ended_at", "undoing"])


def export(tenant: Tenant, run_id: int) -> None:
    """Outside any scope. One that died is begun anew."""
    with workspace_scope(tenant.id):
        mine = ExportRun.objects.filter(id=run_id)
        run = mine.filter(state__in=("waiting", "running", "stopping")).first()
        if run is None:
            return
        mine.filter(state="waiting").update(state="running")
        ctx = Context(user_actor(tenant.id, run.user_id or 0), "job")
        asked = export_of(ctx, object_named(run.object), run.query)

    def told(rows: int) -> None:
        with workspace_scope(tenant.id):
            if not mine.filter(state="running").update(rows=rows):
                raise Stopped

    state = "failed"
    try:
        write_list(asked, file_of(tenant.id, run_id, run.format), told)
        state = "done"
    except Stopped:
        state = "stopped"
    finally:
        with workspace_scope(tenant.id):
            mine.update(state=state, ended_at=clock.now())


@in_every_workspace("40 3 * * *", "transfer.forget")
def forget_old(tenant: Tenant) -> None:
    """After 30 days an import can no longer be undone, and the files that lie with it go; exports go after seven."""
    before = clock.now() - KEPT_FOR
    ImportChange.objects.filter(at__lt=before).exclude(run__state="undoing").delete()
    for run_id in ImportRun.objects.filter(started_at__lt=before).values_list("id", flat=True):
        shutil.rmtree(folder_of(tenant.id, run_id), ignore_errors=True)
    for run in ExportRun.objects.filter(started_at__lt=clock.now() - EXPORTS_LIE):
        file_of(tenant.id, run.id, run.format).unlink(missing_ok=True)
        run.delete()


def _fail(tenant: Tenant, run_id: int, error: Exception) -> None:
    with workspace_scope(tenant.id), translation.override(tenant.language):
        known = said(error.message) if isinstance(error, PeyvandError) else None
        history.fail(run_id, known or type(error).__name__)
