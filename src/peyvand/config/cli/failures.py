"""Failures an operator can mend are told in one sentence, never as a traceback."""

from __future__ import annotations

import errno
import sys
from typing import Any

import click


class PlainFailures(click.Group):
    """A command group that ends with one clear sentence and exit code 1 on the failures of ordinary life."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; unknown failures keep their traceback, because they are ours to mend."""
        try:
            return super().invoke(ctx)
        except Exception as failure:
            sentence = explain(failure)
            if sentence is None:
                raise
            raise click.ClickException(sentence) from failure


def explain(failure: BaseException) -> str | None:
    """The sentence for a failure that the operator can mend, or None for any other."""
    if isinstance(failure, OSError) and failure.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"The disk is full{_where(failure)}; free some space and start again."
    if isinstance(failure, OSError) and failure.errno in (errno.EACCES, errno.EROFS):
        return f"No permission to write{_where(failure)}."
    # Only what was already imported can have been raised; help and busy ports need not wait for these.
    database, django = sys.modules.get("peyvand.platform.database"), sys.modules.get("django.db.utils")
    if database and isinstance(failure, database.DatabaseUnusable):
        return str(failure)
    if django and isinstance(failure, django.OperationalError) and failure.__cause__ is not None:
        failure = failure.__cause__
    errors = sys.modules.get("peyvand.kernel.errors")
    if errors and isinstance(failure, errors.PeyvandError):
        return str(failure)
    psycopg = sys.modules.get("psycopg")
    if psycopg and isinstance(failure, psycopg.errors.DiskFull):
        return "The disk of the database server is full; free some space there."
    if psycopg and isinstance(failure, psycopg.OperationalError):
        return f"The database cannot be reached: {_first_line(failure)}."
    return None


def _where(failure: OSError) -> str:
    return f" at {failure.filename}" if failure.filename else ""


def _first_line(failure: BaseException) -> str:
    lines = str(failure).strip().splitlines() or ["no reason was given"]
    return lines[0].rstrip(".")
