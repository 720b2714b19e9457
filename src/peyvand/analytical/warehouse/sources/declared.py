"""How a table of the star says where its rows come from, and which tables of the product are watched for changes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Source:
    """Rows of a table of the star that come of records of one kind, its unit.

    ``sql`` selects the star's columns in their order. It knows ``%(here)s`` (the workspace), ``%(zone)s`` (its time zone) and
    ``%(hour)s`` (what an hour of work costs, or null), and says where it is narrowed to some records: ``{only:x.id}``.
    ``column`` of the star's row equals ``key`` for a record's ``id``, in DuckDB's words: so the rows of a record are found.
    """

    table: str
    unit: str
    column: str
    key: str
    sql: str


@dataclass(frozen=True)
class Watch:
    """That a change of a row of ``table`` is one of the record of ``unit`` whose id stands in ``column``.

    ``kind``: the column that names the unit, where rows are about records of several kinds; then ``unit`` lists those that
    count. ``inserts``: whether new rows count, which they need not where they only come together with the record's own.
    """

    table: str
    unit: str
    column: str = "id"
    kind: str = ""
    inserts: bool = True


@dataclass(frozen=True)
class Follow:
    """That a change of a record of ``unit`` changes rows that come of other records: ``sql`` finds those of ``%(ids)s``."""

    unit: str
    to: str
    sql: str


def customer(of: str) -> str:
    """The key of the customer of a row that names a company, a person, or a person of a company."""
    return f"coalesce(2 * {of}.company_id + 1, 2 * {of}.person_id)"


def moment(column: str) -> str:
    """A moment in UTC without its zone, as the star keeps it."""
    return f"{column} at time zone 'UTC'"


def day(column: str) -> str:
    """The day of a moment on the workspace's wall."""
    return f"({column} at time zone %(zone)s)::date"
