"""`peyvand import`: data from spreadsheets and from the exports of other products."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import click

from peyvand.config.cli.application import application, tenant

if TYPE_CHECKING:
    from peyvand.integrations.transfer.report import FileReport, Report

_SHOWN = 10
_COUNTS = ("rows", "created", "updated", "unchanged", "refused")


@click.command("import")
@click.argument(
    "paths",
    nargs=-1,
    required=True,
    metavar="PATH…",
    type=click.Path(exists=True, path_type=Path),
)
@click.option("--workspace", "slug", required=True, help="The workspace's slug.")
@click.option(
    "--map",
    "map_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Says what the columns mean where their heads do not (JSON or TOML).",
)
@click.option(
    "--create",
    "create",
    multiple=True,
    metavar="OBJECT",
    help="Create records of this kind (stage, user, company, product, …) that rows name and that are not there.",
)
@click.option(
    "--refused",
    "refused",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for the files of refused rows; beside each file if not given.",
)
@click.option("--loud", is_flag=True, help="Let rules and notices answer to what is imported.")
@click.option("--dry-run", is_flag=True, help="Do everything but keep it.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document with every refused row.")
def import_(
    paths: tuple[Path, ...],
    slug: str,
    map_file: Path | None,
    create: tuple[str, ...],
    refused: Path | None,
    loud: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Import CSV files, workbooks and cards (vCard), or all those in a folder, into a workspace.

    Their objects and columns are recognised by their heads, or told by --map. Files are taken in the order of what they
    need: users, companies, products, people, deals. The same files again change nothing. Rows that cannot be taken go
    into FILE.refused.csv with their line and the reason; corrected, that file can be imported.

    \b
    Ends with 0 when every row went in, 2 when some were refused, 1 when nothing could be done.
    """  # fmt: skip
    with application():
        from peyvand.integrations.transfer import history
        from peyvand.integrations.transfer.mapping import MappingFile, read_mapping
        from peyvand.integrations.transfer.recognition import object_key
        from peyvand.integrations.transfer.running import Wish, run_import, say_in
        from peyvand.kernel.errors import PeyvandError
        from peyvand.platform.actions.context import Context
        from peyvand.platform.identity.actor import system_actor
        from peyvand.platform.workspaces.scope import workspace_scope

        files, here, run_id = _files(paths), tenant(slug), None
        ctx, say = Context(system_actor(here), "cli"), say_in(here.language)
        begun = time.monotonic()
        try:
            mapping = read_mapping(map_file) if map_file else MappingFile()
            wish = Wish(mapping, frozenset(map(object_key, create)), dry_run, refused, loud=loud)
            if not dry_run:
                with workspace_scope(here.id):
                    names = [path.name for path in files]
                    run_id = history.begin(ctx, names, mapping.files, state="running").id
                wish = replace(wish, run_id=run_id)
            report = run_import(ctx, files, wish, _silent if as_json else _progress)
        except PeyvandError as error:
            if run_id is not None:
                with workspace_scope(here.id):
                    history.fail(run_id, say(error.message))
            raise click.ClickException(say(error.message)) from error
        if run_id is not None:
            with workspace_scope(here.id):
                history.finish(ctx, run_id, report)
        if as_json:
            click.echo(json.dumps(report.to_json(say), ensure_ascii=False, indent=2))
        else:
            _table(report, time.monotonic() - begun)
            for file in report.files:
                _explain(
                    file,
                    [[(one.line, one.column, say(one.message)) for one in r.all] for r in file.refused],
                    say(file.problem) if file.problem else "",
                )
    if all(file.problem for file in report.files):
        raise SystemExit(1)
    if not report.is_complete:
        raise SystemExit(2)


def _files(paths: Sequence[Path]) -> list[Path]:
    """The files named, and the tables in the folders named; files of refused rows are not taken by themselves."""
    from peyvand.integrations.transfer.actions import ENDINGS

    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            tables = (
                f for f in sorted(path.iterdir()) if f.suffix.lower() in ENDINGS and ".refused." not in f.name
            )
            found += tables
        else:
            found.append(path)
    if not found:
        raise click.ClickException("There is no file to import in that folder.")
    return found


def _silent(file: FileReport, rows: int) -> None:
    """Programs read the one document at the end."""


def _progress(file: FileReport, rows: int) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r\033[K  {file.name}: {rows:,} rows", nl=False, err=True)


def _table(report: Report, seconds: float) -> None:
    if sys.stderr.isatty():
        click.echo("\r\033[K", nl=False, err=True)
    lines: list[tuple[str, ...]] = [("file", "object", *_COUNTS)]
    lines += [(f.name, f.object or "–", *(f"{getattr(f.tally, c):,}" for c in _COUNTS)) for f in report.files]
    total = report.totals
    lines.append(("total", "", *(f"{getattr(total, c):,}" for c in _COUNTS)))
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    for line in lines:
        cells = [
            cell.ljust(w) if i < 2 else cell.rjust(w)
            for i, (cell, w) in enumerate(zip(line, widths, strict=True))
        ]
        click.echo("  ".join(cells).rstrip())
    what = "Nothing was kept (dry run)" if report.dry_run else "Done"
    click.echo(f"{what} in {seconds:.1f} s, {total.rows / max(seconds, 0.001):,.0f} rows a second.")


def _explain(file: FileReport, refused: list[list[tuple[int, str, str]]], problem: str) -> None:
    """Say what became of a file; of each refused row every reason."""
    if problem:
        click.secho(f"{file.name}: {problem}", fg="red")
    if file.unused:
        click.echo(f"{file.name}: not imported: {', '.join(file.unused)}")
    for line, column, reason in chain.from_iterable(refused[:_SHOWN]):
        click.secho(f"{file.name}, line {line}{f', {column}' if column else ''}: {reason}", fg="yellow")
    if file.tally.refused > _SHOWN:
        click.echo(f"… and {file.tally.refused - _SHOWN:,} more.")
    if file.refused_file:
        click.echo(f"Refused rows to correct and import again: {file.refused_file}")
