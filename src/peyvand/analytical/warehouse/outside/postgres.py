"""Reading a table, a view or a SELECT of another PostgreSQL: in one transaction that only reads, cut off by the clock.

The address is judged as every address is that people chose (platform/outgoing), and the very one that was judged is called.
"""

from __future__ import annotations

import array
import fcntl
import hashlib
import os
import socket
import termios
import threading
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import psycopg
from cryptography.fernet import InvalidToken
from psycopg import errors, sql

from peyvand.analytical.warehouse.models import OutsideSource
from peyvand.analytical.warehouse.outside import reasons
from peyvand.analytical.warehouse.outside.columns import named
from peyvand.analytical.warehouse.outside.reading import BYTES, ROWS, SECONDS
from peyvand.analytical.warehouse.outside.reasons import NotTaken
from peyvand.kernel.numbers import format_size
from peyvand.platform.outgoing.judging import NotReached, judged
from peyvand.platform.sealing import unseal

PURPOSE: Final = "outside sources"
CONNECT_SECONDS: Final = 15
_ANSWER: Final = 300
# A row is held in memory as a whole, however large the other side makes it.
ROW: Final = 16 * 1024**2
# How often is told how far it is.
_STEP: Final = 50_000
# How PostgreSQL's types are kept, by their numbers; all others as text.
_TYPES: Final[Mapping[int, str]] = {
    16: "boolean", 20: "bigint", 21: "integer", 23: "integer", 700: "double", 701: "double", 1700: "double", 1082: "date",
    1114: "timestamp", 1184: "timestamp",
}  # fmt: skip
_MOMENT: Final = 1184


class _Bounded(psycopg.Connection[Any]):
    """Waits for no more than ROW bytes at once: an answer, or a row of what is copied."""

    def wait(self, gen: Generator[Any, Any, Any], *more: Any, **told: Any) -> Any:
        return super().wait(self._counted(gen), *more, **told)

    def _counted(self, gen: Generator[Any, Any, Any]) -> Generator[Any, Any, Any]:
        there, taken = array.array("i", [0]), 0
        try:
            state = next(gen)
            while True:
                ready = yield state
                fcntl.ioctl(self.fileno(), termios.FIONREAD, there)
                taken += there[0]
                if taken > ROW:
                    raise NotTaken(reasons.LONG_ROW % {"size": format_size(ROW, "en")})
                state = gen.send(ready)
        except StopIteration as done:
            return done.value


@dataclass(frozen=True)
class Copied:
    """What a database gave: the columns (head, name, type), and the SHA-256 of the text."""

    columns: list[dict[str, str]]
    checksum: str


def copy(source: OutsideSource, into: Path, progress: Callable[[int], None]) -> Copied:
    """Write what a source selects as CSV without a header. ``progress`` is told how many rows there are so far.

    Raises:
        NotTaken: it was not reached, refused, or gave too much.
    """
    with _connected(source) as connection, _told(source):
        cursor = connection.cursor()
        asked = _asked(source)
        # Described as a statement of its own: what is more than one SELECT is refused here.
        cursor.execute(sql.SQL("select * from ({}\n) x limit 0").format(asked), prepare=True)
        found = [(column.name, column.type_code) for column in cursor.description or ()]
        columns = _columns([name for name, _ in found], [code for _, code in found])
        listed = sql.SQL(", ").join(
            sql.SQL("x.{} at time zone 'UTC'" if code == _MOMENT else "x.{}").format(sql.Identifier(name))
            for name, code in found
        )
        statement = sql.SQL("copy (select {} from ({}\n) x) to stdout (format csv)").format(listed, asked)
        digest, rows, size = hashlib.sha256(), 0, 0
        with into.open("wb") as file, cursor.copy(statement) as lines:
            for line in lines:
                rows += 1
                size += len(line)
                if rows > ROWS:
                    raise NotTaken(reasons.TOO_MANY % {"rows": f"{ROWS:,}"})
                if size > BYTES:
                    raise NotTaken(reasons.TOO_LARGE % {"size": format_size(BYTES, "en")})
                digest.update(line)
                file.write(line)
                if rows % _STEP == 0:
                    progress(rows)
        return Copied(columns, digest.hexdigest())


def origin(source: OutsideSource) -> str:
    """Where the rows of a source come from, in a line."""
    what = source.relation or "SELECT"
    return f"{source.host}:{source.port}/{source.database} {what}"[:500]


@contextmanager
def _connected(source: OutsideSource) -> Iterator[psycopg.Connection[Any]]:
    try:
        address = judged(source.host, source.port, is_secure=source.sslmode != "disable")
    except NotReached as error:
        raise NotTaken(str(error)) from error
    try:
        password = unseal(PURPOSE, source.password) if source.password else ""
    except InvalidToken as error:
        raise NotTaken(reasons.NO_PASSWORD) from error
    try:
        connection = _Bounded.connect(
            host=source.host, hostaddr=address, port=source.port, dbname=source.database, user=source.username,
            # Nothing of this machine's own is offered: no file of passwords, no certificate, no ticket.
            password=password, passfile=os.devnull, sslcert="", sslkey="", gssencmode="disable", service=None,
            sslmode=source.sslmode, connect_timeout=CONNECT_SECONDS, client_encoding="utf8", application_name="peyvand",
            options=f"-c statement_timeout={SECONDS * 1000} -c default_transaction_read_only=on -c timezone=UTC -c datestyle=ISO",
            keepalives_idle=30, sslrootcert="system" if source.sslmode == "verify-full" else None,
        )  # fmt: skip
    except psycopg.Error as error:
        raise NotTaken(_not_connected(source, str(error))) from error
    # Whoever drips bytes is cut off all the same.
    clock = threading.Timer(SECONDS, _cut, [connection])
    clock.start()
    try:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        yield connection
    finally:
        clock.cancel()
        connection.close()


def _cut(connection: psycopg.Connection[Any]) -> None:
    try:
        with socket.socket(fileno=os.dup(connection.fileno())) as raw:
            raw.shutdown(socket.SHUT_RDWR)
    except (OSError, psycopg.Error):
        # It ended by itself meanwhile.
        return


def _asked(source: OutsideSource) -> sql.Composable:
    if source.query:
        # It is theirs, on their server; it runs in a transaction that only reads.
        return sql.SQL(source.query.strip().rstrip(";"))
    schema, dot, table = source.relation.rpartition(".")
    parts = (schema, table) if dot else (table,)
    return sql.SQL("select * from {}").format(sql.Identifier(*(part.strip('" ') for part in parts)))


def _columns(heads: list[str], codes: list[int]) -> list[dict[str, str]]:
    twice = next((head for head in heads if heads.count(head) > 1), None)
    if twice is not None:
        raise NotTaken(reasons.TWICE % {"name": twice})
    return named(heads, [_TYPES.get(code, "varchar") for code in codes])


@contextmanager
def _told(source: OutsideSource) -> Iterator[None]:
    """What a server answers, as a reason that people understand."""
    try:
        yield
    except (errors.UndefinedTable, errors.InvalidSchemaName) as error:
        raise NotTaken(reasons.NO_TABLE % {"name": source.relation or _line(error)}) from error
    except errors.InsufficientPrivilege as error:
        raise NotTaken(reasons.NO_RIGHT % {"answer": _line(error)}) from error
    except errors.QueryCanceled as error:
        raise NotTaken(reasons.TOO_LONG % {"minutes": SECONDS // 60}) from error
    except (psycopg.OperationalError, psycopg.InterfaceError) as error:
        raise NotTaken(reasons.UNREACHED % {"host": source.host, "answer": _line(error)}) from error
    except psycopg.Error as error:
        raise NotTaken(reasons.NO_SELECT % {"answer": _line(error)}) from error


def _not_connected(source: OutsideSource, answer: str) -> str:
    """Before it is signed in a server gives no codes, only words."""
    host = source.host
    if (
        "authentication failed" in answer
        or "no password supplied" in answer
        or ("role" in answer and "does not exist" in answer)
    ):
        return reasons.LOGIN % {"host": host}
    if "database" in answer and "does not exist" in answer:
        return reasons.NO_DATABASE % {"name": source.database}
    if "does not support SSL" in answer:
        return reasons.NO_TLS % {"host": host}
    line = answer.strip().splitlines()[-1][:_ANSWER] if answer.strip() else "–"
    if "certificate" in answer:
        return reasons.CERTIFICATE % {"host": host, "answer": line}
    return reasons.UNREACHED % {"host": host, "answer": line}


def _line(error: psycopg.Error) -> str:
    """What a server said, in one line."""
    text = error.diag.message_primary or str(error)
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:_ANSWER]
