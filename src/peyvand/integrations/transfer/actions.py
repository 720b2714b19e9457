"""Importing from the web: files are laid down, looked at, and worked off by a job."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from peyvand.integrations.transfer import history
from peyvand.integrations.transfer.exporting import MOST_IN_SHEET, export_of, file_of, write_list
from peyvand.integrations.transfer.mapping import mapping_of
from peyvand.integrations.transfer.models import ExportRun, ImportChange, ImportRun
from peyvand.integrations.transfer.reading import CARDS, WORKBOOKS
from peyvand.integrations.transfer.running import PERMISSION
from peyvand.integrations.transfer.undo import PERMISSION as UNDO
from peyvand.kernel import clock
from peyvand.kernel.errors import Conflict, Invalid, msg
from peyvand.kernel.numbers import format_size
from peyvand.platform.actions.action import action, perform
from peyvand.platform.actions.context import Context
from peyvand.platform.files.actions import tidy_name
from peyvand.platform.files.storage import most_bytes
from peyvand.platform.jobs.scoped import defer
from peyvand.platform.objects.queries import count_up_to
from peyvand.platform.objects.spec import ObjectSpec

ENDINGS = WORKBOOKS | {".csv", ".tsv", ".txt", CARDS}
MOST_FILES = 20
# So many rows are exported while one waits.
AT_ONCE = 2000


@action(PERMISSION, label=_("Import data"), on="none", icon="down", button=False)
def start_import(
    ctx: Context, run: ImportRun, mapping: Mapping[str, Any], *, dry_run: bool, total: int = 0
) -> None:
    """Have the files of a prepared import worked off; ``dry_run`` only says what would become of them.

    It runs with the rights of the actor, whoever laid the files down.

    ``mapping`` says what columns mean, and under "loud" whether rules and notices answer. ``total`` rows are expected.

    Raises:
        Conflict: it is under way or done already. Invalid: the mapping says something without meaning.
    """
    mapping_of({"files": mapping.get("files", {})})
    ready = ImportRun.objects.filter(id=run.id, state__in=("draft", "checked", "failed", "stopped"))
    if not folder_of(ctx.tenant.id, run.id).is_dir() or not ready.update(
        state="waiting",
        mapping={**mapping, "by": ctx.actor.user_id},
        dry_run=dry_run,
        report={},
        total=total,
        rows=0,
        created=0,
        updated=0,
        unchanged=0,
        refused=0,
    ):
        raise Conflict(msg("This import is under way or done already."))
    defer("transfer.import", lock=f"import:{ctx.tenant.id}", run_id=run.id)


@action("import.stop", label=_("Stop an import"), on="none", icon="x", button=False)
def stop_import(ctx: Context, run: ImportRun) -> None:
    """Have an import end after the sets that are under way; what was written stays, and can be undone."""
    asked = ImportRun.objects.filter(id=run.id)
    if not asked.filter(state="waiting").update(state="stopped", ended_at=clock.now()):
        asked.filter(state="running").update(state="stopping")


@action(UNDO, label=_("Undo an import"), on="none", icon="undo", button=False)
def undo_import(ctx: Context, run: ImportRun) -> None:
    """Have all that an import did taken back, but for what someone worked on since.

    Raises:
        Conflict: it is not over, was undone, or is too old.
    """
    ready = ImportRun.objects.filter(id=run.id, state__in=("done", "stopped", "failed"), dry_run=False)
    sets = ImportChange.objects.filter(run_id=run.id).count()
    undoing = {"by": ctx.actor.user_id}
    if not sets or not ready.update(state="undoing", undoing=undoing, rows=0, total=sets):
        raise Conflict(msg("This import can no longer be undone."))
    defer("transfer.undo", lock=f"import:{ctx.tenant.id}", run_id=run.id)


def can_undo(run: ImportRun) -> bool:
    """Whether what a run did is still kept, and nobody undoes it already."""
    return (
        run.state in ("done", "stopped", "failed")
        and not run.dry_run
        and ImportChange.objects.filter(run_id=run.id).exists()
    )


def start_export(ctx: Context, spec: ObjectSpec, query: str, format: str) -> ExportRun:
    """Have a list written into a file: at once where it is small, else by a job.

    Raises:
        NotAllowed: the actor may not take such records away. Invalid: a sheet has no room for so many.
    """

    def begin() -> ExportRun:
        asked = export_of(ctx, spec, query)
        total, _exact = count_up_to(asked.state.query, MOST_IN_SHEET + 1)
        if format == "xlsx" and total > MOST_IN_SHEET:
            raise Invalid.of(
                msg("A workbook has no room for so many rows; choose CSV."), "format", "too_large"
            )
        run: ExportRun = ExportRun.objects.create(
            object=spec.key, query=query, format=format, total=total, user_id=ctx.actor.user_id
        )
        if total > AT_ONCE:
            defer("transfer.export", lock=f"export:{ctx.tenant.id}", run_id=run.id)
            return run
        run.rows = write_list(asked, file_of(ctx.tenant.id, run.id, format))
        run.state, run.ended_at = "done", clock.now()
        run.save()
        return run

    return perform(ctx, spec.permission("export"), (), begin, {"query": query, "format": format})


def stop_export(ctx: Context, run: ExportRun) -> None:
    """Have an export of one's own end where it is."""
    ExportRun.objects.filter(id=run.id, state="waiting").update(state="stopped", ended_at=clock.now())
    ExportRun.objects.filter(id=run.id, state="running").update(state="stopping")


def lay_down(ctx: Context, uploads: Sequence[tuple[str, Iterable[bytes]]]) -> ImportRun:
    """Keep uploaded files for an import that is still to be looked at.

    Raises:
        Invalid: no file, too many or too large ones, or of a kind that is not read.
    """
    if not uploads or len(uploads) > MOST_FILES:
        raise Invalid.of(msg("Choose one to %(most)s files.", most=MOST_FILES), "files")
    names = [tidy_name(name) for name, _ in uploads]
    for name in names:
        if Path(name).suffix.lower() not in ENDINGS:
            raise Invalid.of(msg("“%(name)s” is no CSV file, workbook or file of cards.", name=name), "files")
    if len(set(names)) < len(names):
        raise Invalid.of(msg("Two of the files have the same name."), "files")
    run = history.begin(ctx, names, {})
    folder = folder_of(ctx.tenant.id, run.id)
    folder.mkdir(parents=True, mode=0o700)
    room = most_bytes()
    try:
        for name, (_name, chunks) in zip(names, uploads, strict=True):
            with (folder / name).open("wb") as file:
                for chunk in chunks:
                    room -= len(chunk)
                    if room < 0:
                        size = format_size(most_bytes(), ctx.actor.language)
                        raise Invalid.of(
                            msg("The files are larger than %(most)s.", most=size), "files", "too_large"
                        )
                    file.write(chunk)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return run


def can_put_away(run: ImportRun) -> bool:
    """Whether nothing came of a run yet: it was laid down, looked at or checked, or failed before its first set."""
    return (
        run.state in ("draft", "checked", "failed")
        and not ImportChange.objects.filter(run_id=run.id).exists()
    )


def put_away(ctx: Context, run: ImportRun) -> None:
    """Forget an import that wrote nothing, with its files: the opposite of `lay_down`.

    Raises:
        Conflict: it is under way, or records came of it.
    """
    if not can_put_away(run) or not ImportRun.objects.filter(id=run.id, state=run.state).delete()[0]:
        raise Conflict(msg("This import is under way or done already."))
    folder = folder_of(ctx.tenant.id, run.id)
    transaction.on_commit(lambda: shutil.rmtree(folder, ignore_errors=True))


def folder_of(workspace_id: int, run_id: int) -> Path:
    """Where the files of an import and of its refused rows lie."""
    return Path(settings.MEDIA_ROOT) / str(int(workspace_id)) / "imports" / str(int(run_id))


def paths_of(workspace_id: int, run: ImportRun) -> list[Path]:
    return [folder_of(workspace_id, run.id) / name for name in run.names]
