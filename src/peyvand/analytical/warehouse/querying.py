"""Questions in SQL and whole tables, for whoever may see all that they tell."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING, Final, Literal

from peyvand.analytical.warehouse import store
from peyvand.analytical.warehouse.objects import OUTSIDE
from peyvand.analytical.warehouse.outside.adding import SCHEMA, table_of
from peyvand.analytical.warehouse.outside.looking import outside_of
from peyvand.analytical.warehouse.star import TABLES
from peyvand.analytical.warehouse.wording import own_words, why
from peyvand.kernel.errors import Invalid, NotAllowed, NotFound, Problem, RuleViolation, msg
from peyvand.platform.access.decisions import demand
from peyvand.platform.access.rules import reaches_all
from peyvand.platform.actions.context import Context
from peyvand.platform.identity.actor import Actor
from peyvand.platform.identity.grants import Scope
from peyvand.platform.identity.operations import declare_verb
from peyvand.platform.objects.spec import ObjectSpec, object_named
from peyvand.platform.workspaces.scope import current_workspace_id

if TYPE_CHECKING:
    import pyarrow as pa

QUERY: Final = "warehouse.query"
declare_verb(QUERY, admin=True)

Format = Literal["arrow", "parquet", "csv"]
KINDS: Final[Mapping[Format, str]] = {
    "arrow": "application/vnd.apache.arrow.stream",
    "parquet": "application/vnd.apache.parquet",
    "csv": "text/csv; charset=utf-8",
}
SECONDS: Final = 20
MEMORY: Final = 512 * 1024**2
# Rows that are shown, and that are written into a file.
SHOWN: Final = 500
MOST: Final = 1_000_000
LONGEST: Final = 20_000
# Bytes of an answer that this process reads, and of one that is written into a file.
_READ: Final = 8 * 1024**2
_FILE: Final = 4 * 1024**3
# With this it says that a question cannot be answered.
_REFUSED: Final = 2
# Not imported: it loads DuckDB, and this process shall not.
_PROGRAM: Final = Path(__file__).with_name("asking.py")

# Of these nobody sees what is another's alone: private mails, notices to colleagues. In the tables there is none of it.
_PARTLY: Final = ("mail_message", "sms_message")


class Busy(RuleViolation):
    """Somebody else's question is being answered."""

    code = "busy"


class Unanswered(Invalid):
    """It is no question that can be answered. ``own_words`` are the engine's, in English, without a path."""

    def __init__(self, reason: str) -> None:
        super().__init__([Problem("sql", why(reason))])
        self.own_words = own_words(reason)


class TooLong(RuleViolation):
    """A question took longer than one may."""

    code = "too_long"


def missing(actor: Actor, table: str) -> list[ObjectSpec]:
    """The kinds of records that keep this table from the actor, because they do not see all of them or of their fields."""
    tells = (OUTSIDE.key,) if table.startswith(f"{SCHEMA}.") else TABLES[table].tells
    return [spec for spec in map(object_named, tells) if not _sees_all(actor, spec)]


def tables_there() -> list[str]:
    """The tables that the open workspace's warehouse has: the star's, and ``outside.<name>``."""
    return [*TABLES, *(f"{SCHEMA}.{name}" for name in outside_of(current_workspace_id()))]


def _sees_all(actor: Actor, spec: ObjectSpec) -> bool:
    operation = spec.permission("view")
    rows = (
        actor.grants.scope(operation) is Scope.ALL if spec.key in _PARTLY else reaches_all(actor, operation)
    )
    return rows and not actor.grants.hides(spec.key)


def ask(ctx: Context, sql: str, rows: int = SHOWN) -> pa.Table:
    """The answer to one SELECT over the open workspace's tables, cut off after so many rows.

    Raises:
        NotAllowed: the actor may not ask, or a table tells of what they do not see.
        Unanswered: it is no question that can be answered, or its answer is too large. Invalid: it is too long.
        Busy: another question is being answered.
        TooLong: the answer took longer than SECONDS.
    """
    from pyarrow import ipc

    with answered(ctx, sql, "arrow", rows, _READ) as file:
        return ipc.open_stream(file).read_all()


def answered(ctx: Context, sql: str, format: Format, rows: int = MOST, most: int = _FILE) -> IO[bytes]:
    """The same as a file at its beginning, to be closed by whoever asked."""
    demand(ctx.actor, QUERY)
    if kept := {spec.key: spec for table in tables_there() for spec in missing(ctx.actor, table)}:
        raise _kept(list(kept.values()))
    if len(sql) > LONGEST:
        raise Invalid.of(msg("This is too long."), "sql")
    with store.one_question(ctx.tenant.id) as is_free:
        if not is_free:
            raise Busy(msg("Another question is being answered; ask again in a moment."), "sql")
        return _answer(sql, format, rows, most)


def whole(ctx: Context, table: str, format: Format) -> IO[bytes]:
    """All rows of one table as a file.

    Raises:
        NotFound: there is no such table.
        NotAllowed: the actor may not ask, or it tells of what they do not see.
    """
    demand(ctx.actor, QUERY)
    if table not in tables_there():
        raise NotFound
    if kept := missing(ctx.actor, table):
        raise _kept(kept)
    place = table_of(table.removeprefix(f"{SCHEMA}.")) if table not in TABLES else table
    return _answer(f"select * from {place}", format, 2**62, _FILE)


def _kept(specs: Sequence[ObjectSpec]) -> NotAllowed:
    names = ", ".join(str(spec.label_plural) for spec in specs)
    return NotAllowed(
        msg("Only whoever sees all records and all fields of these may read this: %(kinds)s.", kinds=names)
    )


def _answer(sql: str, format: Format, rows: int, most: int) -> IO[bytes]:
    version = store.published(current_workspace_id())
    if version is None:
        raise RuleViolation(msg("The warehouse was not filled yet."), code="not_ready")
    asked = {
        "version": version.name, "sql": sql, "format": format, "rows": rows, "bytes": most, "seconds": SECONDS,
        "memory": MEMORY,
    }  # fmt: skip
    out = TemporaryFile()  # noqa: SIM115 whoever asked closes it
    try:
        subprocess.run(
            [sys.executable, "-I", _PROGRAM],
            input=json.dumps(asked).encode(),
            stdout=out,
            stderr=subprocess.PIPE,
            cwd=version.parent,
            env={"PATH": os.defpath},
            timeout=SECONDS,
            check=True,
        )
    except subprocess.TimeoutExpired as error:
        out.close()
        raise TooLong(
            msg("This took longer than %(seconds)s seconds and was stopped.", seconds=SECONDS), "sql"
        ) from error
    except subprocess.CalledProcessError as error:
        out.close()
        if not version.exists():
            # Another was published before this one was opened.
            return _answer(sql, format, rows, most)
        if error.returncode != _REFUSED:
            raise TooLong(
                msg("This took more memory or time than there is and was stopped."), "sql"
            ) from error
        reason = error.stderr.decode(errors="replace").strip().replace(str(version.parent.resolve()), "…")
        raise Unanswered(reason) from error
    out.seek(0)
    return out
