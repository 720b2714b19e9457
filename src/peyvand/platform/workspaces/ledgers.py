"""Tables to which rows are only added. PostgreSQL itself refuses to change what such a row says, and to remove it, by
triggers that the table's migration makes; they stand aside for what forgets for good, and for nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

FORGETTING = "peyvand.forgetting"


@contextmanager
def forgetting() -> Iterator[None]:
    """Let the open transaction remove rows of ledgers, or take somebody's marks out of them; not to be nested."""
    _say("on")
    yield
    # Where the body failed its savepoint takes the word back too.
    _say("")


def _say(word: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select set_config(%s, %s, true)", [FORGETTING, word])
