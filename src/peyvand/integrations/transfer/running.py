"""A whole import: files in the order of what they need, each in sets of rows that commit one by one."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from django.db import connection, transaction
from django.utils import translation

from peyvand.integrations.transfer.adding import add_fields
from peyvand.integrations.transfer.beside import Beside
from peyvand.integrations.transfer.consenting import Consenting, has_answers
from peyvand.integrations.transfer.deals import Deals
from peyvand.integrations.transfer.drafts import Draft
from peyvand.integrations.transfer.journal import Journal
from peyvand.integrations.transfer.lanes import many_objects, side_by_side
from peyvand.integrations.transfer.links import Links
from peyvand.integrations.transfer.mapping import MappingFile, Shape, shapes_of, with_fixes
from peyvand.integrations.transfer.orders import Orders
from peyvand.integrations.transfer.planning import Custom, Plan
from peyvand.integrations.transfer.reading import Row, Table, open_tables
from peyvand.integrations.transfer.report import SHOWN, FileReport, RefusedRows, Report
from peyvand.integrations.transfer.roster import Roster
from peyvand.integrations.transfer.writing import Tally
from peyvand.kernel.errors import Invalid, Message, PeyvandError
from peyvand.platform.access.decisions import demand
from peyvand.platform.actions.action import perform
from peyvand.platform.actions.context import Context
from peyvand.platform.actions.long import begin_work, end_work, fresh
from peyvand.platform.fields.reader import said
from peyvand.platform.workspaces.scope import workspace_scope

PERMISSION: Final = "import.run"
SET: Final = 5000
# The report names so many refused rows of a file; the file of refused rows has them all.
NAMED: Final = 10_000
# What needs what: users own all, companies employ people, deals name every other.
ORDER: Final = (
    "team",
    "user",
    "tag",
    "company",
    "product",
    "person",
    "pipeline",
    "stage",
    "lost_reason",
    "competitor",
    "lead",
    "deal",
    "order",
)
_CUSTOM: Final[dict[str, Callable[[], Custom]]] = {"deal": Deals, "order": Orders, "user": Roster}
Progress = Callable[[FileReport, int], None]


@dataclass(frozen=True)
class Wish:
    """How an import is wanted. ``refused`` is the folder for files of refused rows; empty: beside each file."""

    mapping: MappingFile = field(default_factory=MappingFile)
    create: frozenset[str] = frozenset()
    dry_run: bool = False
    refused: Path | None = None
    # The ImportRun under which all that is done is kept, so that it can be undone; 0: it cannot.
    run_id: int = 0
    # Whether rules and notices answer to what is written, as if somebody had typed it.
    loud: bool = False


class Stopped(Exception):
    """Raised by whoever is told of the progress: no further set is begun; what was written stays."""


def run_import(
    ctx: Context, paths: Sequence[Path], wish: Wish, progress: Progress = lambda file, line: None
) -> Report:
    """Import files into the context's workspace, outside any scope: each set of rows is a transaction of its own.

    ``progress(file, rows)`` is called after each set. A dry run does all the same and takes all of it back.

    Raises:
        NotAllowed: the actor may not import, or not make the fields that the mapping calls new.
        Invalid: such a field cannot be made. OSError: a file cannot be read.
    """
    with many_objects(), _whole(ctx, take_back=wish.dry_run):
        report = Report(dry_run=wish.dry_run)
        with workspace_scope(ctx.tenant.id):
            demand(ctx.actor, PERMISSION)
            understood = _understood(ctx, paths, wish, report)
            ctx = replace(begin_work(ctx), silent=not wish.loud)
        links, beside = Links(ctx), dict[Table, Beside]()
        try:
            for table, shape, file in understood:
                report.files.append(file)
                mine = beside.setdefault(table, Beside())
                _import_table(ctx, table, shape, links, mine, wish, file, progress)
                links.forget(shape.spec.key)
        except Stopped:
            report.is_stopped = True
        finally:
            if not wish.dry_run:
                with workspace_scope(ctx.tenant.id):
                    _audit(ctx, report, wish.run_id)
        return report


def _audit(ctx: Context, report: Report, run_id: int) -> None:
    """One line for the whole, also where it broke off: what was committed before is there. It names the run."""
    total = report.totals
    objects = {file.object for file in report.files if file.tally.created or file.tally.updated}
    end_work(
        ctx,
        PERMISSION,
        objects.pop() if len(objects) == 1 else "import",
        total.made + total.updated,
        {"run": run_id, "files": [file.name for file in report.files], **total.to_json()},
    )


@contextmanager
def _whole(ctx: Context, *, take_back: bool) -> Iterator[None]:
    """Sets commit one by one; or all lie in one transaction that is rolled back."""
    if not take_back:
        yield
        return
    with workspace_scope(ctx.tenant.id):
        yield
        transaction.set_rollback(True)


def say_in(language: str) -> Callable[[Message], str]:
    """Renders messages in a language, with its digits."""

    def say(message: Message) -> str:
        with translation.override(language):
            return said(message)

    return say


def _understood(
    ctx: Context, paths: Sequence[Path], wish: Wish, report: Report
) -> list[tuple[Table, Shape, FileReport]]:
    found: list[tuple[Table, Shape, FileReport]] = []
    for path in paths:
        try:
            said = wish.mapping.of_path(path)
            tables = open_tables(path, encoding=said.get("encoding", ""), delimiter=said.get("delimiter", ""))
        except Invalid as error:
            report.files.append(FileReport(path, path.name, problem=error.problems[0].message))
            continue
        for table in tables:
            told = wish.mapping.of(table)
            try:
                shapes = shapes_of(table, told)
            except Invalid as error:
                report.files.append(FileReport(path, table.name, problem=error.problems[0].message))
                continue
            table = with_fixes(table, told)
            made = add_fields(ctx, table, shapes)
            if made:
                # They are there now, and known by their names.
                shapes = shapes_of(table, told)
            for shape in shapes:
                file = FileReport(
                    path, table.name, shape.spec.key, is_aside=shape.is_aside, unused=shape.unused
                )
                file.fields = () if shape.is_aside else made
                file.columns = {c.header: c.target for c in shape.columns}
                found.append((table, replace(shape, create=shape.create | wish.create), file))
    return sorted(
        found, key=lambda entry: ORDER.index(entry[1].spec.key) if entry[1].spec.key in ORDER else len(ORDER)
    )


def _import_table(
    ctx: Context,
    table: Table,
    shape: Shape,
    links: Links,
    beside: Beside,
    wish: Wish,
    file: FileReport,
    progress: Progress,
) -> None:
    custom = Consenting if has_answers(shape) else _CUSTOM.get(shape.spec.key)
    say = say_in(ctx.actor.language)
    try:
        with workspace_scope(ctx.tenant.id):
            plan = Plan(ctx, table, shape, links, custom() if custom else None, beside)
    except PeyvandError as error:
        file.problem = error.message
        return
    refused_rows = RefusedRows(table, wish.refused or _beside(table.path), say)
    # Inside someone's transaction there is one connection, and all goes through it.
    aside = plan.is_parallel and not connection.in_atomic_block

    def take(some: tuple[int, Sequence[Row]]) -> tuple[Tally, list[Draft]]:
        # A context gathers the facts of one set; the links write under the one that they were given.
        return _take(fresh(ctx) if aside else ctx, plan, *some, 0 if wish.dry_run else wish.run_id)

    sets = enumerate(plan.sets(SET))
    # What stands beside the object of the rows is refused with them, and written with them.
    keep = not (wish.dry_run or shape.is_aside)
    try:
        for tally, refused in side_by_side(sets, take) if aside else map(take, sets):
            _count(file, tally, refused, refused_rows, keep=keep)
            progress(file, file.tally.rows)
        _count(file, *plan.finish(), refused_rows, keep=keep)
    finally:
        file.refused_file = refused_rows.close()
    progress(file, file.tally.rows)


def _take(
    ctx: Context, plan: Plan, place: int, rows: Sequence[Row], run_id: int
) -> tuple[Tally, list[Draft]]:
    """One set as an action: its events, and what it takes to undo it, commit with it."""
    journal = Journal(run_id)

    def change() -> tuple[Tally, list[Draft]]:
        tally, refused = plan.take(ctx, place, rows, journal)
        made = journal.close(ctx.facts)
        # What the rows themselves are is counted by row; the rest was made because they name it.
        own = plan.shape.spec.key
        made[own] = made.get(own, 0) - tally.created
        tally.also = {object_key: count for object_key, count in made.items() if count > 0}
        return tally, refused

    try:
        with workspace_scope(ctx.tenant.id):
            return perform(ctx, PERMISSION, (), change)
    finally:
        plan.turns.end(place)


def _beside(path: Path) -> Path:
    """The file's folder; where nothing may be written there, the current one."""
    return path.parent if os.access(path.parent, os.W_OK) else Path.cwd()


def _count(
    file: FileReport, tally: Tally, refused: Sequence[Draft], rows: RefusedRows, *, keep: bool
) -> None:
    file.tally.add(tally)
    room = NAMED - len(file.refused)
    for draft in refused[: max(0, room)]:
        if draft.refusal is not None:
            cells = tuple(map(str, draft.row.cells)) if len(file.refused) < SHOWN else ()
            file.refused.append(replace(draft.refusal, cells=cells))
    if keep:
        rows.add(refused)
