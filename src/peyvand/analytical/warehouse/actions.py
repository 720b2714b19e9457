"""Verbs of outside sources: bring a file, say what its columns are, read it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from peyvand.analytical.warehouse.models import OutsideSource
from peyvand.analytical.warehouse.objects import OUTSIDE
from peyvand.analytical.warehouse.outside.reading import Look, Text, is_parquet, look
from peyvand.analytical.warehouse.outside.reasons import NO_FILE, NotTaken
from peyvand.analytical.warehouse.outside.taking import ask_to_take
from peyvand.kernel.errors import Invalid, RuleViolation, msg
from peyvand.platform.actions.action import action, perform
from peyvand.platform.actions.context import Context
from peyvand.platform.files.actions import attach_file
from peyvand.platform.files.encodings import encoding_of
from peyvand.platform.files.sniffing import ANYTHING
from peyvand.platform.files.storage import path_of
from peyvand.platform.objects.cleaning import clean
from peyvand.platform.objects.records import create_records, update_record

TYPES: Final = ("varchar", "bigint", "integer", "double", "boolean", "date", "timestamp")
ENCODINGS: Final = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1256", "iso-8859-1")
DELIMITERS: Final = (",", ";", "\t", "|")


@dataclass(frozen=True)
class Shape:
    """What somebody said a file is: how its text is written, the type of each column, and which column names customers."""

    text: Text
    types: Mapping[str, str]
    customer_column: str = ""
    customer_by: str = ""


@action(
    "outside_source.refresh",
    label=_("Read now"),
    icon="refresh",
    offered=lambda source: source.kind == OutsideSource.POSTGRES or bool(source.columns),
)
def refresh_source(ctx: Context, source: OutsideSource) -> None:
    """Read the source in the background, and take what it gives into the warehouse.

    Raises:
        RuleViolation: nobody said yet what the columns of its file are.
    """
    if source.kind == OutsideSource.FILE and not (source.columns and source.file_id):
        raise RuleViolation(msg("Confirm the columns of the file first."))
    ask_to_take(source, ctx.actor.user_id)
    ctx.touch(OUTSIDE.key, source.id)


def add_file(ctx: Context, told: Mapping[str, Any], name: str, chunks: Iterable[bytes]) -> OutsideSource:
    """Make a source of an uploaded file; its columns are to be confirmed (``confirm``) before it is read.

    Raises:
        Invalid: the name is taken or no name, or the file is none that is read, or is there already.
    """
    values = {**clean(ctx, OUTSIDE, told), "kind": OutsideSource.FILE}
    source: OutsideSource = create_records(ctx, OUTSIDE, [values])[0]
    _hang(ctx, source, name, chunks)
    return source


def replace_file(ctx: Context, source: OutsideSource, name: str, chunks: Iterable[bytes]) -> None:
    """Put a newer file in the place of a source's, and have it read if its columns were confirmed.

    Raises:
        Invalid: as ``add_file``. RuleViolation: it is no file.
    """
    if source.kind != OutsideSource.FILE:
        raise RuleViolation(msg("This source is a database."))
    _hang(ctx, source, name, chunks)
    if source.columns:
        refresh_source(ctx, source)


def look_at(ctx: Context, source: OutsideSource, text: Text) -> tuple[Look, str]:
    """What the file of a source seems to hold, and in which encoding; what ``text`` says is taken as said.

    Raises:
        NotTaken: it cannot be read.
    """
    path = path_of(ctx.tenant.id, source.file.sha256) if source.file is not None else None
    if path is None or not path.exists():
        raise NotTaken(NO_FILE)
    if is_parquet(path):
        return look(path, None), ""
    encoding = text.encoding if text.encoding in ENCODINGS else encoding_of(path)
    delimiter = text.delimiter if text.delimiter in DELIMITERS else ""
    return look(path, Text(encoding, delimiter, text.header)), encoding


def confirm(ctx: Context, source: OutsideSource, shape: Shape) -> None:
    """Say what the columns of a source's file are, and have it read.

    Raises:
        NotTaken: it cannot be read like this. Invalid: there is no such column or type.
    """
    found, encoding = look_at(ctx, source, shape.text)
    columns = [
        {**column, "type": shape.types.get(column["name"], column["type"])} for column in found.columns
    ]
    if any(column["type"] not in TYPES for column in columns):
        raise Invalid.of(msg("There is no such type."), "columns")
    if shape.customer_column and shape.customer_column not in (column["name"] for column in columns):
        raise Invalid.of(msg("There is no such column."), "customer_column")
    update_record(
        ctx,
        OUTSIDE,
        source,
        {
            "customer_column": shape.customer_column,
            "customer_by": shape.customer_by if shape.customer_column else None,
        },
    )

    def write() -> None:
        OutsideSource.objects.filter(id=source.id).update(
            encoding=encoding, delimiter=found.delimiter, has_header=found.header, columns=columns
        )
        source.refresh_from_db()
        ask_to_take(source, ctx.actor.user_id)
        ctx.touch(OUTSIDE.key, source.id)

    perform(ctx, "outside_source.refresh", [source], write, {"columns": columns})


def _hang(ctx: Context, source: OutsideSource, name: str, chunks: Iterable[bytes]) -> None:
    file = attach_file(ctx, OUTSIDE.key, source, name, chunks)
    if file.media_type != ANYTHING:
        raise Invalid.of(
            msg("This is not a CSV or Parquet file. Save a workbook as CSV first."), "file", "format"
        )
    twin = OutsideSource.objects.filter(file__sha256=file.sha256, deleted_at__isnull=True).first()
    if twin is not None:
        raise Invalid.of(msg("This file is already there, as %(name)s.", name=twin.name), "file", "duplicate")
    OutsideSource.objects.filter(id=source.id).update(file=file)
    source.file = file
