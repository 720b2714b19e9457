"""What transactions hold against each other: what two at once would do wrong though each is right by itself."""

from __future__ import annotations

from typing import TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Model, QuerySet

from peyvand.platform.database.prepared import fetch

M = TypeVar("M", bound=Model)

# In the order of the numbers, so that two who hold several of the same names never wait for each other.
_HOLD = "select pg_advisory_xact_lock(n) from (select hashtextextended(t, 0) n from unnest(%s::text[]) t order by 1) locks"


def hold(workspace_id: int, *names: str) -> None:
    """Hold these names of a workspace until the transaction ends; whoever else wants one of them waits for it."""
    if names:
        fetch(_HOLD, [sorted({f"{workspace_id}:{name}" for name in names})])


def kept(rows: QuerySet[M]) -> list[M]:
    """These rows, in the order of their ids; until the transaction ends nobody locks one of them to remove it, throw it away
    or merge it, and whoever is about to is waited for. Other changes go on: it is the lock that a key to a row takes."""
    try:
        sql, params = rows.order_by("pk").query.sql_with_params()
    except EmptyResultSet:
        return []
    table = connection.ops.quote_name(rows.model._meta.db_table)
    return list(rows.raw(f"{sql} for key share of {table}", params))
