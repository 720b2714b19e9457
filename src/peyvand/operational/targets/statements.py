"""Statements over the deals that somebody may see: the deals' own query, and what is reckoned from it, as one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

from peyvand.platform.workspaces.scope import current_workspace_id

_PLACE: Final = re.compile(r"(?<!%)%s")


def reckon(
    deals: QuerySet[Any], columns: tuple[str, ...], statement: str, **values: Any
) -> list[tuple[Any, ...]]:
    """The rows of ``statement``, in which ``v`` are these deals with these columns and ``%(ws)s`` is the workspace. Sums of bigints
    are integers, however large."""
    try:
        text, given = deals.values(*columns).query.sql_with_params()
    except EmptyResultSet:
        return []
    named: Mapping[str, Any] = {f"v{n}": value for n, value in enumerate(given)}
    places = iter(named)
    with connection.cursor() as cursor:
        cursor.execute(
            f"with v as ({_PLACE.sub(lambda _: f'%({next(places)})s', text)}) {statement}",
            {**named, "ws": current_workspace_id(), **values},
        )
        return [tuple(map(_whole, row)) for row in cursor.fetchall()]


def _whole(value: Any) -> Any:
    """A sum of amounts as an integer: the database adds them up as numerics, so that no sum is too large for it."""
    return int(value) if isinstance(value, Decimal) and value.as_tuple().exponent == 0 else value
