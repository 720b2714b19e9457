"""Lookups: what pages ask of the open workspace's rows again and again. The ORM makes their SQL once, PostgreSQL plans it once
for each connection; asked through the ORM each time, a question of one row costs more work of both than its answer."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any

from django.db.models import QuerySet

from peyvand.platform.database.compiled import Slot, Statement, statement
from peyvand.platform.workspaces.scope import current_workspace_id

Asking = Callable[..., list[Any]]
# Of so many workspaces a process keeps the SQL.
WORKSPACES = 256


def lookup(*kinds: str) -> Callable[[Callable[..., QuerySet[Any]]], Asking]:
    """Make a function that says which rows are wanted, given slots, one that fetches them, given values of these PostgreSQL types.

        @lookup("bigint")
        def ticks_of(deal: Slot) -> QuerySet[Any]:
            return PlaybookTick.objects.filter(deal_id=deal).values_list("item_id", "at")

    ``ticks_of(83)`` is a list of tuples; of objects, where no ``values_list`` names columns. What it says must follow from its
    slots and the open workspace alone, for it is called once for each workspace.
    """

    def declare(wanted: Callable[..., QuerySet[Any]]) -> Asking:
        @lru_cache(maxsize=WORKSPACES)
        def made(workspace_id: int) -> tuple[Statement, Callable[[Any], Any] | None]:
            rows = wanted(*(Slot(at, kind) for at, kind in enumerate(kinds)))
            if columns := list(rows.query.values_select):
                return statement(rows, columns), None
            columns = [field.attname for field in rows.model._meta.concrete_fields]
            return statement(rows, columns), lambda row: rows.model.from_db("default", columns, row)

        @wraps(wanted)
        def ask(*values: Any) -> list[Any]:
            said, as_object = made(current_workspace_id())
            found = said.run(*values)
            return found if as_object is None else [as_object(row) for row in found]

        return ask

    return declare
