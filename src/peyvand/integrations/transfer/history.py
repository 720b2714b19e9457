"""The list of imports that were run: who, which files, what became of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from peyvand.integrations.transfer.models import ImportRun
from peyvand.integrations.transfer.report import Report
from peyvand.integrations.transfer.running import say_in
from peyvand.kernel import clock
from peyvand.platform.actions.context import Context

# A page shows so many refused rows of a file; its file of refused rows has all.
SHOWN: Final = 200


def begin(ctx: Context, names: Sequence[str], mapping: Mapping[str, Any]) -> ImportRun:
    """Note an import that is begun or prepared; inside the workspace's scope."""
    run: ImportRun = ImportRun.objects.create(
        user_id=ctx.actor.user_id, via=ctx.via, names=list(names), mapping={"files": dict(mapping)}
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
    state = "failed" if failed else "checked" if report.dry_run else "done"
    ImportRun.objects.filter(id=run_id).update(
        state=state, report=told, ended_at=clock.now(), rows=total.rows, created=total.created,
        updated=total.updated, unchanged=total.unchanged, refused=total.refused,
    )  # fmt: skip


def fail(run_id: int, reason: str) -> None:
    """Note that it broke off; what was committed before stays."""
    ImportRun.objects.filter(id=run_id).update(
        state="failed", report={"problem": reason}, ended_at=clock.now()
    )
