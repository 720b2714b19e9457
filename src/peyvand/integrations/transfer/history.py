"""The list of imports that were run: who, which files, what became of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.db.models import QuerySet

from peyvand.integrations.transfer.models import ImportRun
from peyvand.integrations.transfer.report import SHOWN, Report
from peyvand.integrations.transfer.running import say_in
from peyvand.kernel import clock
from peyvand.platform.actions.context import Context
from peyvand.platform.identity.actor import Actor
from peyvand.platform.identity.grants import Scope

# To see the imports of others besides one's own: for those who run the workspace.
OVERSEE: Final = "workspace.imports"


def begin(ctx: Context, names: Sequence[str], mapping: Mapping[str, Any], state: str = "draft") -> ImportRun:
    """Note an import that is begun or prepared; inside the workspace's scope."""
    run: ImportRun = ImportRun.objects.create(
        user_id=ctx.actor.user_id,
        via=ctx.via,
        names=list(names),
        mapping={"files": dict(mapping)},
        state=state,
    )
    return run


def finish(ctx: Context, run_id: int, report: Report) -> None:
    """Note what it came to; inside the workspace's scope."""
    told, total = report.to_json(say_in(ctx.actor.language)), report.totals
    for file in told["files"]:
        file["refused"] = file["refused"][:SHOWN]
        file["refused_file"] = file["refused_file"] and file["refused_file"].rpartition("/")[2]
        file["path"] = file["name"]
    failed = all(file.problem for file in report.files)
    ended = "draft" if report.dry_run and report.is_stopped else "checked" if report.dry_run else "done"
    state = (
        "failed"
        if failed and not report.is_stopped
        else "stopped"
        if report.is_stopped and ended == "done"
        else ended
    )
    ImportRun.objects.filter(id=run_id).update(
        state=state, report=told, ended_at=clock.now(), rows=total.rows, created=total.made,
        updated=total.updated, unchanged=total.unchanged, refused=total.refused,
    )  # fmt: skip


def fail(run_id: int, reason: str) -> None:
    """Note that it broke off; what was committed before stays."""
    ImportRun.objects.filter(id=run_id).update(
        state="failed", report={"problem": reason}, ended_at=clock.now()
    )


def seen_by(actor: Actor) -> QuerySet[Any]:
    """The imports that somebody may look at: their own; all, for whoever runs the workspace."""
    runs = ImportRun.objects.all()
    if actor.grants.scope(OVERSEE) is Scope.ALL:
        return runs
    return runs.filter(user_id=actor.user_id) if actor.user_id is not None else runs.none()
