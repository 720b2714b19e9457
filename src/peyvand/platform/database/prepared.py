"""Statements that run over and over, planned once for each connection: under row security planning costs more than running.

Parameters go to the server apart from the text, so the text must say their types: ``%s::bigint``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import psycopg
from django.conf import settings
from django.db import connections
from django.db.backends.utils import CursorWrapper
from psycopg.pq import Format

# The plan of a list takes a quarter of a megabyte in each connection, most others a tenth of that. Ten teams at work on a
# pipeline ask 180 different ones: with room for half of them PostgreSQL worked three times as long on each page.
KEPT = 200
ONLY_WHEN_ASKED = 2**31


class _Cursor(psycopg.Cursor[Any]):
    def execute(
        self, query: Any, params: Any = None, *, prepare: bool | None = None, binary: bool | None = None
    ) -> Any:
        return super().execute(
            query, params, prepare=settings.PREPARE_STATEMENTS if prepare is None else prepare, binary=binary
        )


def prepared_cursor(*, binary: bool = True) -> CursorWrapper:
    """A cursor of Django's connection whose statements are prepared. ``binary``: values come in their binary form,
    read several times faster; not for jsonb, which Django's fields want as text."""
    wrapper = connections["default"]
    wrapper.ensure_connection()
    raw = wrapper.connection
    if raw.prepare_threshold is None:
        # Django switches preparing off, and then a statement that asks for it is not heard either.
        raw.prepare_threshold, raw.prepared_max = ONLY_WHEN_ASKED, KEPT
    cursor: Any = _Cursor(raw)
    cursor.format = Format.BINARY if binary else Format.TEXT
    made: CursorWrapper = (
        wrapper.make_debug_cursor(cursor) if wrapper.queries_logged else wrapper.make_cursor(cursor)
    )
    return made


def fetch(sql: str, params: Sequence[Any] | None = None) -> list[tuple[Any, ...]]:
    """The rows of a prepared statement."""
    with prepared_cursor() as cursor:
        cursor.execute(sql, params)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def run(sql: str, params: Sequence[Any] | None = None) -> int:
    """Carry out a prepared statement; return how many rows it touched."""
    with prepared_cursor() as cursor:
        cursor.execute(sql, params)
        return int(cursor.rowcount)
