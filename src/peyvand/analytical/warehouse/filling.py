"""Filling the warehouse: everything the first time, and from then on what changed since.

A refresh sees one state of the database. It takes the changes that this state knows of, writes a new version in which the
rows of the changed records are as they are now, publishes it, and only then forgets those changes. Wherever it is ended,
nothing is lost, and what is done twice does no harm.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from django.db import connection, transaction

from peyvand.analytical.warehouse import store
from peyvand.analytical.warehouse.days import days
from peyvand.analytical.warehouse.engines import hand_over, is_elsewhere
from peyvand.analytical.warehouse.extracting import changed, rows_of, touched
from peyvand.analytical.warehouse.models import Change
from peyvand.analytical.warehouse.opening import bounds
from peyvand.analytical.warehouse.outside.adding import Laid, add, laid, tidy
from peyvand.analytical.warehouse.outside.taking import ask_for_missing
from peyvand.analytical.warehouse.sources import FOLLOWS, SOURCES, WATCHES, Source
from peyvand.analytical.warehouse.star import CALENDAR_DAY, TABLES, Table
from peyvand.kernel import clock
from peyvand.platform.identity.actor import Tenant
from peyvand.platform.live.notices import tell
from peyvand.platform.workspaces.models import Workspace
from peyvand.platform.workspaces.scope import SETTING, adopted_scope, workspace_scope

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

HOUR_COST: Final = "hour_cost"
"""The key of the workspace's settings that says what an hour of work costs, in minor units."""
PUBLISHED: Final = "warehouse"
"""What live pages are told when there is a new version: figures that they show may be others."""
# What a table's columns get from another table of the star, whose rows are there already.
_FROM_OTHERS: Final = {
    "sale_line": ("left join product p on p.product = t.product", {"list_price": "p.price"}),
}


@dataclass(frozen=True)
class Filled:
    """What a refresh did: ``records`` is how many changed ones it looked at; None: all there are."""

    version: Path
    records: int | None


def refresh(tenant: Tenant, *, whole: bool = False) -> Filled | None:
    """Bring a workspace's warehouse to the present; None: nothing has changed since. ``whole``: make all of it anew.

    Outside a transaction it sees one state of the database; inside one it sees what that one sees.
    """
    with store.alone(tenant.id) as here:
        with _state(tenant.id):
            at = clock.now()
            taken = list(Change.objects.values_list("id", flat=True))
            known = _known(tenant)
            signature = _signature(known, tenant)
            old = None if whole else _usable(tenant.id, signature)
            if old is not None and not taken and _same_day(store.moment_of(old), at, tenant):
                return None
            again = touched(changed(tenant.id), tenant.id) if old is not None else None
            version = store.new_version(here, at, signature)
            outside = laid(tenant.id)
            _write(version, old, again, tenant, known, at, outside)
        if is_elsewhere():
            hand_over(version, tenant.id)
        store.publish(version)
        with workspace_scope(tenant.id):
            Change.objects.filter(id__in=taken).delete()
            ask_for_missing(tenant.id)
            tidy(tenant.id, outside)
            tell({PUBLISHED: ()})
        return Filled(version, None if again is None else sum(map(len, again.values())))


def pass_over(tenant: Tenant) -> None:
    """Forget the changes of a workspace that has no warehouse: its first filling will take everything."""
    with store.alone(tenant.id), workspace_scope(tenant.id):
        if store.published(tenant.id) is None:
            Change.objects.all().delete()


@contextmanager
def _state(workspace_id: int) -> Iterator[None]:
    """One state of the database, in the workspace's scope."""
    if connection.in_atomic_block:
        with workspace_scope(workspace_id):
            yield
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("set transaction isolation level repeatable read, read only")
            cursor.execute("set local statement_timeout = 0")
            cursor.execute("select set_config(%s, %s, true)", [SETTING, str(workspace_id)])
        with adopted_scope(workspace_id):
            yield


def _known(tenant: Tenant) -> dict[str, Any]:
    hour = Workspace.objects.values_list("settings", flat=True).get(id=tenant.id).get(HOUR_COST)
    return {"here": tenant.id, "zone": tenant.timezone, "hour": hour}


def _signature(known: Mapping[str, Any], tenant: Tenant) -> str:
    """A version made by other declarations or settings is no ground to build on."""
    told = repr(
        (
            SOURCES,
            WATCHES,
            FOLLOWS,
            list(TABLES.values()),
            sorted(_DATED),
            sorted(known.items()),
            tenant.language,
        )
    )
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def _usable(workspace_id: int, signature: str) -> Path | None:
    path = store.published(workspace_id)
    return path if path is not None and store.made_by(path) == signature else None


def _same_day(one: datetime, other: datetime, tenant: Tenant) -> bool:
    return one.astimezone(tenant.tz).date() == other.astimezone(tenant.tz).date()


def _write(
    version: Path, old: Path | None, again: Mapping[str, pa.ChunkedArray] | None, tenant: Tenant,
    known: Mapping[str, Any], at: datetime, outside: Sequence[Laid],
) -> None:  # fmt: skip
    import duckdb

    by_table: dict[str, list[Source]] = defaultdict(list)
    for source in SOURCES:
        by_table[source.table].append(source)
    spill = version.with_suffix(".spill")
    config = {**bounds(), "temp_directory": str(spill), "preserve_insertion_order": "false"}
    with duckdb.connect(str(version), config=config) as new:
        if old is not None:
            place = str(old).replace("'", "''")
            new.execute(f"attach '{place}' as old (read_only)")
        # Each piece in a transaction of its own: one for all of them would hold every piece in memory to its end. Half a version is
        # never published.
        for table in TABLES.values():
            new.execute(_made(table))
            if table is not CALENDAR_DAY:
                _fill(new, table, by_table[table.name], again if old is not None else None, known)
        add(new, outside, tenant.id, "old" if old is not None else "")
        today = at.astimezone(tenant.tz).date()
        calendar = days(tenant, _first_day(new), today)
        _insert(new, CALENDAR_DAY, calendar)
        if old is not None:
            new.execute("detach old")
        new.execute("checkpoint")


def _made(table: Table) -> str:
    columns = ", ".join(f'"{c.name}" {c.type}' for c in table.columns)
    return f"create table {table.name} ({columns})"


def _fill(
    new: duckdb.DuckDBPyConnection, table: Table, sources: Sequence[Source],
    again: Mapping[str, pa.ChunkedArray] | None, known: Mapping[str, Any],
) -> None:  # fmt: skip
    """The rows of a table: of all records, or (``again``) those of the former version with the rows of these records anew."""
    import pyarrow as pa

    if again is None:
        for source in sources:
            for piece in rows_of(source, known):
                _insert(new, table, piece)
        return
    chosen = [(source, again[source.unit]) for source in sources if len(again.get(source.unit, ()))]
    kept = f"old.{table.name}"
    if chosen:
        new.execute(f"create temp table gone as select {sources[0].column} as key from {table.name} limit 0")
        for source, ids in chosen:
            new.register("changed", pa.table({"id": ids}))
            new.execute(f"insert into gone select distinct {source.key} from changed")
            new.unregister("changed")
        kept = f"(select o.* from old.{table.name} o anti join gone on gone.key = o.{sources[0].column})"
    new.execute(_insertion(table, kept))
    if chosen:
        new.execute("drop table gone")
        for source, ids in chosen:
            for piece in rows_of(source, known, ids):
                _insert(new, table, piece)


def _insert(new: duckdb.DuckDBPyConnection, table: Table, rows: pa.Table) -> None:
    new.register("piece", rows)
    new.execute(_insertion(table, "piece"))
    new.unregister("piece")


def _insertion(table: Table, rows: str) -> str:
    joined, replaced = _FROM_OTHERS.get(table.name, ("", {}))
    columns = ", ".join(replaced.get(c.name, f't."{c.name}"') for c in table.columns)
    return f"insert into {table.name} select {columns} from {rows} t {joined}"


# Days by which measures date facts that have no day of their own.
_DATED: Final = {("subscription", "started")}


def _first_day(new: duckdb.DuckDBPyConnection) -> Any:
    """The day of the first fact; None: there are no facts."""
    days = " union all ".join(
        f"select min({column.name}) as day from {table.name}"
        for table in TABLES.values()
        for column in table.columns
        if column.to == CALENDAR_DAY.name or (table.name, column.name) in _DATED
    )
    return (new.execute(f"select min(day) from ({days})").fetchone() or (None,))[0]
