"""Having the whole workspace written into a file. Whoever may has everything in it: so it is a right of its own."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from peyvand.integrations.archive.models import AT_WORK, ArchiveRun
from peyvand.integrations.archive.writing import archive_path
from peyvand.kernel.errors import Conflict, msg
from peyvand.platform.actions.action import action
from peyvand.platform.actions.context import Context
from peyvand.platform.jobs.scoped import defer

PERMISSION = "workspace.archive"


@action(PERMISSION, label=_("Export the whole workspace"), on="none", icon="down", button=False, admin=True)
def start_archive(ctx: Context) -> ArchiveRun:
    """Have everything written into an archive.

    Raises:
        Conflict: one is being written already.
    """
    if ArchiveRun.objects.filter(state__in=AT_WORK).exists():
        raise Conflict(msg("An archive is being written already."))
    run: ArchiveRun = ArchiveRun.objects.create(user_id=ctx.actor.user_id)
    defer("archive.write", lock=f"archive:{ctx.tenant.id}", run_id=run.id)
    return run


@action(
    "workspace.remove_archive",
    label=_("Remove an archive"),
    on="none",
    icon="trash",
    button=False,
    admin=True,
)
def remove_archive(ctx: Context, run: ArchiveRun) -> None:
    """Remove an archive's file and its line.

    Raises:
        Conflict: it is being written.
    """
    if run.state in AT_WORK:
        raise Conflict(msg("An archive is being written already."))
    archive_path(ctx.tenant.id, run.id).unlink(missing_ok=True)
    run.delete()
