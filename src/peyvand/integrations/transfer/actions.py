"""Importing from the web: files are laid down, looked at, and worked off by a job."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from peyvand.integrations.transfer import history
from peyvand.integrations.transfer.mapping import mapping_of
from peyvand.integrations.transfer.models import ImportRun
from peyvand.integrations.transfer.reading import WORKBOOKS
from peyvand.integrations.transfer.running import PERMISSION
from peyvand.kernel.errors import Conflict, Invalid, msg
from peyvand.kernel.numbers import format_size
from peyvand.platform.actions.action import action
from peyvand.platform.actions.context import Context
from peyvand.platform.files.actions import tidy_name
from peyvand.platform.files.storage import most_bytes
from peyvand.platform.jobs.scoped import defer

ENDINGS = WORKBOOKS | {".csv", ".tsv", ".txt"}
MOST_FILES = 20


@action(PERMISSION, label=_("Import data"), on="none", icon="down", button=False)
def start_import(ctx: Context, run: ImportRun, mapping: Mapping[str, Any], *, dry_run: bool) -> None:
    """Have the files of a prepared import worked off; ``dry_run`` only says what would become of them.

    Raises:
        Conflict: it is under way or done already. Invalid: the mapping says something without meaning.
    """
    mapping_of(mapping)
    ready = ImportRun.objects.filter(id=run.id, state__in=("draft", "checked", "failed"))
    if not folder_of(ctx.tenant.id, run.id).is_dir() or not ready.update(
        state="waiting",
        mapping=mapping,
        dry_run=dry_run,
        report={},
        rows=0,
        created=0,
        updated=0,
        unchanged=0,
        refused=0,
    ):
        raise Conflict(msg("This import is under way or done already."))
    defer("transfer.import", lock=f"import:{ctx.tenant.id}", run_id=run.id)


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
            raise Invalid.of(msg("“%(name)s” is neither a CSV file nor a workbook.", name=name), "files")
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


def folder_of(workspace_id: int, run_id: int) -> Path:
    """Where the files of an import and of its refused rows lie."""
    return Path(settings.MEDIA_ROOT) / str(int(workspace_id)) / "imports" / str(int(run_id))


def paths_of(workspace_id: int, run: ImportRun) -> list[Path]:
    return [folder_of(workspace_id, run.id) / name for name in run.names]
