"""The tables of outside sources in a version of the warehouse: what was taken last, joined to the customers there are now.

They are written anew each time from what was laid down, so that a version is the same whatever it was built upon.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from peyvand.analytical.warehouse import store
from peyvand.analytical.warehouse.extracting import copied
from peyvand.analytical.warehouse.models import OutsideSource, OutsideTaking
from peyvand.analytical.warehouse.outside.keys import KEY
from peyvand.analytical.warehouse.outside.kinds import text
from peyvand.analytical.warehouse.outside.taking import UNDER_WAY, key_column, newest, place_of
from peyvand.analytical.warehouse.star import Column, Table

if TYPE_CHECKING:
    import duckdb

SCHEMA: Final = "outside"
CUSTOMER: Final = "customer"
_KEYS: Final = Table("keys", "key", "", (Column("key", "varchar", ""), Column("customer", "bigint", "")))
_POINTS: Final = """
    select {form}, case p.object when 'company' then 2 * p.object_id + 1 else 2 * p.object_id end
    from contact_point p where p.workspace_id = %(here)s and p.kind = '{kind}' and p.object in ('company', 'person')
"""
_PEOPLE: Final = """
    select {person}, 2 * r.id from person r where r.workspace_id = %(here)s and r.deleted_at is null
    union all select {company}, 2 * r.id + 1 from company r where r.workspace_id = %(here)s and r.deleted_at is null
"""


def _both(column: str) -> str:
    return _PEOPLE.format(person=column, company=column)


# What customers are known by, in the forms of keys.py; who is not there any more is passed over below.
_KNOWN: Final = {
    "email": f"{_POINTS.format(form='lower(p.value)', kind='email')} union all {_both('lower(r.email)')}",
    "phone": f"{_POINTS.format(form='p.value', kind='phone')} union all {_both('r.phone')}",
    "code": f"{_both('lower(r.external_id)')} union all {_both('r.national_id')}",
    "name": _both("peyvand_compact(r.name)"),
}


@dataclass(frozen=True)
class Laid:
    """A source with what was taken of it. ``by``: what of a customer its key column held when it was read; empty: it had none."""

    name: str
    place: Path
    columns: tuple[str, ...]
    by: str


def laid(workspace_id: int) -> list[Laid]:
    """The sources whose data are there, by name."""
    found = []
    for source in OutsideSource.objects.filter(deleted_at__isnull=True, taken_at__isnull=False).order_by(
        "name"
    ):
        taking = newest(source)
        if taking is not None and (place := place_of(workspace_id, source.id, taking.id)).exists():
            columns = tuple(column["name"] for column in taking.columns)
            key = key_column(taking)
            found.append(Laid(source.name, place, columns, key["by"] if key else ""))
    return found


def add(new: duckdb.DuckDBPyConnection, sources: Sequence[Laid], workspace_id: int, old: str = "") -> None:
    """Write the tables of these sources into a version that has the customers already.

    ``old`` names the attached version before: a table of the same reading and the same customers is taken from there.
    """
    new.execute(f"create schema {SCHEMA}")
    known = {by: _know_customers(new, by, workspace_id) for by in sorted({s.by for s in sources if s.by})}
    there = _made_of(new, old) if old else {}
    for source in sources:
        made_of = f"{source.place.name} {known.get(source.by, '')}"
        if there.get(source.name) == made_of:
            new.execute(f"create table {table_of(source.name)} as from {old}.{table_of(source.name)}")
        else:
            _read(new, source)
        new.execute(f"comment on table {table_of(source.name)} is {text(made_of)}")


def _read(new: duckdb.DuckDBPyConnection, source: Laid) -> None:
    """A table of what was laid down, joined to the customers."""
    listed = ", ".join(f"t.{quoted(name)}" for name in source.columns)
    place = str(source.place).replace("'", "''")
    joined = ""
    if source.by:
        listed += f", k.customer as {CUSTOMER}"
        joined = f"left join keys_{source.by} k on k.key = t.{KEY}"
    new.execute(
        f"create table {table_of(source.name)} as select {listed} from read_parquet('{place}') t {joined}"
    )


def _made_of(new: duckdb.DuckDBPyConnection, version: str) -> dict[str, str]:
    """Of each outside table of a version of which reading and of which customers it was made."""
    rows = new.execute(
        "select table_name, comment from duckdb_tables() where database_name = ? and schema_name = ?",
        [version, SCHEMA],
    ).fetchall()
    return dict(rows)


def tidy(workspace_id: int, kept: Iterable[Laid]) -> None:
    """Remove what was taken and is in no version any more, and what is left of readings that died.

    To be called by who is alone with the warehouse, in the workspace's scope.
    """
    places = {source.place for source in kept}
    # Listed first: what lies there is of readings that are known by now.
    there = list(store.outside(workspace_id).iterdir())
    taken = OutsideTaking.objects.filter(state__in=UNDER_WAY).values_list("source_id", "id")
    at_work = {place_of(workspace_id, *ids).stem for ids in taken}
    for path in there:
        name, _, kind = path.name.partition(".")
        if path not in places if kind == "parquet" else name not in at_work:
            # A reading that ends just now removes its own.
            with suppress(FileNotFoundError):
                store.remove(path)


def table_of(name: str) -> str:
    """What a source's table is called in SQL."""
    return f"{SCHEMA}.{quoted(name)}"


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _know_customers(new: duckdb.DuckDBPyConnection, by: str, workspace_id: int) -> str:
    """Whom each key means; one that could mean several means nobody. What tells this state of them from others."""
    new.execute("create temp table known (key varchar, customer bigint)")
    for piece in copied(_KNOWN[by], {"here": workspace_id}, _KEYS):
        new.register("piece", piece)
        new.execute("insert into known select key, customer from piece where key <> ''")
        new.unregister("piece")
    new.execute(
        f"create temp table keys_{by} as select key, any_value(customer) as customer "
        "from known semi join customer using (customer) group by key having count(distinct customer) = 1"
    )
    new.execute("drop table known")
    count, mark = new.execute(
        f"select count(*), coalesce(bit_xor(hash(key, customer)), 0) from keys_{by}"
    ).fetchone() or (0, 0)
    return f"{by} {count} {mark}"
