"""Attaching and removing files. The permission is that of changing the record they hang on."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _

from peyvand.kernel import clock
from peyvand.platform.access.decisions import demand
from peyvand.platform.actions.action import action
from peyvand.platform.actions.context import Context
from peyvand.platform.files import storage
from peyvand.platform.files.events import FileAttached, FileRemoved
from peyvand.platform.files.models import File
from peyvand.platform.jobs.scoped import defer

NAMELESS = "file"


@action("file.attach", label=_("Attach a file"), on="none", icon="clip", button=False)
def attach_file(ctx: Context, object_key: str, record: Any, name: str, chunks: Iterable[bytes]) -> File:
    """Hang a file on a record.

    Raises:
        NotAllowed, NotFound: the actor may not change the record.
        Invalid: the file is empty or too large.
    """
    demand(ctx.actor, f"{object_key}.update", record)
    return hang_file(ctx, object_key, record.id, name, chunks)


def hang_file(ctx: Context, object_key: str, record_id: int, name: str, chunks: Iterable[bytes]) -> File:
    """As attach_file, within an action that makes the record and was allowed to.

    Raises:
        Invalid: the file is empty or too large.
    """
    stored = storage.keep(ctx.tenant.id, chunks)
    file: File = File.objects.create(
        object=object_key, object_id=record_id, name=tidy_name(name), size=stored.size, media_type=stored.media_type,
        sha256=stored.sha256, uploaded_by_id=ctx.actor.user_id, uploaded_at=clock.now(),
    )  # fmt: skip
    defer("files.read", file_id=file.id)
    _tell(ctx, FileAttached, file)
    return file


@action("file.remove", label=_("Remove the file"), on="none", icon="trash", button=False)
def remove_file(ctx: Context, record: Any, file: File) -> None:
    """Take a file off its record; it can be restored."""
    demand(ctx.actor, f"{file.object}.update", record)
    file.removed_at = clock.now()
    file.save(update_fields=["removed_at"])
    _tell(ctx, FileRemoved, file)


@action("file.restore", label=_("Restore the file"), on="none", icon="undo", button=False)
def restore_file(ctx: Context, record: Any, file: File) -> None:
    """Hang a removed file on its record again."""
    demand(ctx.actor, f"{file.object}.update", record)
    file.removed_at = None
    file.save(update_fields=["removed_at"])
    _tell(ctx, FileAttached, file)


def tidy_name(name: str) -> str:
    """A file's name as it may be shown and saved: no folders, no control or direction characters, 200 characters."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    # Direction overrides could make "gpj.exe" read as "exe.jpg"; ZWNJ is an ordinary part of Persian names.
    plain = "".join(
        c for c in last if unicodedata.category(c) not in ("Cc", "Cf", "Cs") or c == "\u200c"
    ).strip(" .")
    stem, dot, ending = plain.rpartition(".")
    if len(plain) > 200 and dot and len(ending) < 20:
        return f"{stem[: 199 - len(ending)]}.{ending}"
    return plain[:200] or NAMELESS


def _tell(ctx: Context, fact: type[FileAttached] | type[FileRemoved], file: File) -> None:
    ctx.record(
        fact(object=file.object, object_id=file.object_id, title=file.name, file_id=file.id, name=file.name)
    )
    ctx.touch(file.object, file.object_id)
