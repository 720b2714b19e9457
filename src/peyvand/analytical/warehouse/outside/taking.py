"""Taking what an outside source holds: read, laid down as Parquet beside the warehouse, and then part of its next version.

What was laid down stays until the next is: a source that cannot be read keeps the data that it had. The rows are joined to
customers whenever a version is written (adding.py), for customers change as well.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from django.db.models import Exists, OuterRef, Q

from peyvand.analytical.warehouse import store
from peyvand.analytical.warehouse.models import OutsideSource, OutsideTaking
from peyvand.analytical.warehouse.outside import postgres, reasons
from peyvand.analytical.warehouse.outside.reading import Taken, Text, is_parquet, take
from peyvand.analytical.warehouse.outside.reasons import NotTaken
from peyvand.kernel import clock
from peyvand.platform.files.models import File
from peyvand.platform.files.storage import path_of
from peyvand.platform.identity.actor import Tenant
from peyvand.platform.jobs.scoped import defer
from peyvand.platform.workspaces.scope import workspace_scope

TAKE: Final = "warehouse.take"
UNDER_WAY: Final = (OutsideTaking.WAITING, OutsideTaking.RUNNING)
# Of each source, so many takings are remembered.
KEPT: Final = 30


@dataclass(frozen=True)
class _Read:
    columns: list[dict[str, str]]
    checksum: str
    taken: Taken


def ask_to_take(source: OutsideSource, user_id: int | None) -> OutsideTaking:
    """Have a source read in the background, in the caller's transaction; one that waits already is enough."""
    waiting: OutsideTaking | None = OutsideTaking.objects.filter(
        source=source, state=OutsideTaking.WAITING
    ).first()
    if waiting is not None:
        return waiting
    origin = source.file.name if source.file is not None else postgres.origin(source)
    asked: OutsideTaking = OutsideTaking.objects.create(source=source, user_id=user_id, origin=origin)
    defer(TAKE, lock=f"{TAKE}:{source.id}", taking_id=asked.id)
    return asked


def ready() -> Any:
    """The sources that can be read: a file's columns were confirmed."""
    return OutsideSource.objects.filter(deleted_at__isnull=True).exclude(
        Q(kind=OutsideSource.FILE) & (Q(file=None) | Q(columns=[]))
    )


def ask_for_missing(workspace_id: int) -> None:
    """Have those sources read again whose data are gone, as after a restore; not those that failed meanwhile."""
    under_way = OutsideTaking.objects.filter(source_id=OuterRef("id"), state__in=UNDER_WAY)
    for source in ready().filter(~Exists(under_way), taken_at__isnull=False, problem=""):
        taking = newest(source)
        if taking is None or not place_of(workspace_id, source.id, taking.id).exists():
            ask_to_take(source, None)


def newest(source: OutsideSource) -> OutsideTaking | None:
    """The last time that a source was read."""
    done: OutsideTaking | None = (
        OutsideTaking.objects.filter(source=source, state=OutsideTaking.DONE).order_by("-id").first()
    )
    return done


def key_column(taking: OutsideTaking) -> Mapping[str, str] | None:
    """The column that named customers when a source was read, and by what (``by``); None: none did."""
    return next((column for column in taking.columns if column.get("by")), None)


def is_read_otherwise(source: OutsideSource) -> bool:
    """Whether a source was read as naming its customers otherwise than is said by now."""
    taking = newest(source)
    if taking is None:
        return False
    key = key_column(taking)
    if key is None:
        return bool(source.customer_column)
    return source.customer_column not in (key["name"], key["head"]) or source.customer_by != key["by"]


def place_of(workspace_id: int, source_id: int, taking_id: int) -> Path:
    """Where lies what was taken."""
    return store.outside(workspace_id) / f"{source_id}-{taking_id}.parquet"


def carry_out(tenant: Tenant, taking_id: int) -> bool:
    """Read what was asked for, outside any transaction; whether there is something new. One that died or failed is begun again."""
    with workspace_scope(tenant.id):
        asked = OutsideTaking.objects.filter(id=taking_id).exclude(state=OutsideTaking.DONE)
        taking = asked.select_related("source", "source__file").first()
        if taking is None:
            return False
        source: OutsideSource = taking.source
        # One that was under way with its worker's end: there is one reading of a source at a time.
        OutsideTaking.objects.filter(source=source, state=OutsideTaking.RUNNING).exclude(id=taking_id).update(
            state=OutsideTaking.FAILED, ended_at=clock.now(), problem=reasons.ENDED
        )
        asked.update(state=OutsideTaking.RUNNING, ended_at=None, problem="")

    def progress(rows: int) -> None:
        with workspace_scope(tenant.id):
            asked.update(rows=rows)

    place = place_of(tenant.id, source.id, taking_id)
    part = place.with_suffix(".part")
    for rest in place.parent.glob(f"{source.id}-*.part*"):
        store.remove(rest)
    try:
        read = (_of_file if source.kind == OutsideSource.FILE else _of_database)(
            tenant, source, part, progress
        )
        _laid_down(tenant, taking, part, read)
    except NotTaken as error:
        _failed(tenant, taking, error)
        return False
    except Exception as error:
        # Raised, the job tries again, and in the end rests where people see it.
        _failed(tenant, taking, NotTaken(reasons.UNREADABLE % {"answer": type(error).__name__}))
        raise
    finally:
        part.with_suffix(".part.csv").unlink(missing_ok=True)
    return True


def _laid_down(tenant: Tenant, taking: OutsideTaking, part: Path, read: _Read) -> None:
    """Let what was read be there, in the place of what was."""
    source = taking.source
    with store.alone(tenant.id):
        # No version is written meanwhile: it would look for what is not there yet, or tidy away what nobody told it of.
        part.replace(place_of(tenant.id, source.id, taking.id))
        with workspace_scope(tenant.id):
            now = clock.now()
            OutsideTaking.objects.filter(id=taking.id).update(
                state=OutsideTaking.DONE, ended_at=now, rows=read.taken.rows, columns=read.columns, checksum=read.checksum,
                refused=read.taken.refused, refused_count=read.taken.refused_count,
            )  # fmt: skip
            OutsideSource.objects.filter(id=source.id).update(taken_at=now, rows=read.taken.rows, problem="")
            _forget_old(source)


def _of_file(tenant: Tenant, source: OutsideSource, part: Path, progress: Callable[[int], None]) -> _Read:
    file: File | None = source.file
    path = path_of(tenant.id, file.sha256) if file is not None else None
    if file is None or path is None or not path.exists():
        raise NotTaken(reasons.NO_FILE)
    text = None if is_parquet(path) else Text(source.encoding, source.delimiter, source.has_header)
    key = _key(source, source.columns)
    taken = take(path, text, part, source.columns, key, heads=True)
    return _Read(_with_key(source.columns, key), file.sha256, taken)


def _of_database(tenant: Tenant, source: OutsideSource, part: Path, progress: Callable[[int], None]) -> _Read:
    written = part.with_suffix(".part.csv")
    copied = postgres.copy(source, written, progress)
    text = Text(delimiter=",", header=False, is_copy=True)
    key = _key(source, copied.columns)
    taken = take(written, text, part, copied.columns, key, heads=False)
    return _Read(_with_key(copied.columns, key), copied.checksum, taken)


def _key(source: OutsideSource, columns: list[dict[str, str]]) -> tuple[str, str] | None:
    if not source.customer_column:
        return None
    for column in columns:
        if source.customer_column in (column["name"], column["head"]):
            return column["name"], source.customer_by
    listed = ", ".join(column["name"] for column in columns)
    raise NotTaken(reasons.NO_COLUMN % {"name": source.customer_column, "columns": listed})


def _with_key(columns: list[dict[str, str]], key: tuple[str, str] | None) -> list[dict[str, str]]:
    """The columns as a taking remembers them: of the one that names customers also by what (``by``)."""
    return [{**c, "by": key[1]} if key and c["name"] == key[0] else c for c in columns]


def _failed(tenant: Tenant, taking: OutsideTaking, why: NotTaken) -> None:
    problem = str(why)
    with workspace_scope(tenant.id):
        OutsideTaking.objects.filter(id=taking.id).update(
            state=OutsideTaking.FAILED, ended_at=clock.now(), problem=problem, refused=why.refused,
            refused_count=why.refused_count,
        )  # fmt: skip
        OutsideSource.objects.filter(id=taking.source_id).exclude(problem=problem).update(problem=problem)
        _forget_old(taking.source)


def _forget_old(source: OutsideSource) -> None:
    """Earlier takings, but for the one whose data are there."""
    there = newest(source)
    rows = OutsideTaking.objects.filter(source=source).order_by("-id").values_list("id", flat=True)
    old = [id for id in rows[KEPT:] if there is None or id != there.id]
    OutsideTaking.objects.filter(id__in=old).delete()
