"""What a superuser prepares once in the embedded cluster: roles, database, extensions, leakproof marks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg
from psycopg import sql

DATABASE = "peyvand"
OWNER_ROLE = "peyvand_owner"
APP_ROLE = "peyvand_app"
EXTENSIONS = ("pg_trgm", "btree_gin", "unaccent")

# Under row security only leakproof functions may serve as index conditions. These are safe to mark:
# their errors, if any, do not depend on the values of rows hidden from the reader in a way it could see.
LEAKPROOF_FUNCTIONS = (
    "textlike(text,text)",
    "texticlike(text,text)",
    "textregexeq(text,text)",
    "ts_match_vq(tsvector,tsquery)",
    "jsonb_contains(jsonb,jsonb)",
    "jsonb_object_field_text(jsonb,text)",
    "arraycontains(anyarray,anyarray)",
    "arrayoverlap(anyarray,anyarray)",
    "numeric_eq(numeric,numeric)",
    "numeric_lt(numeric,numeric)",
    "numeric_le(numeric,numeric)",
    "numeric_gt(numeric,numeric)",
    "numeric_ge(numeric,numeric)",
    "lower(text)",
    "word_similarity_op(text,text)",
    "word_similarity_commutator_op(text,text)",
    "similarity_op(text,text)",
)

# What these really cost, in comparisons of numbers: the planner then looks at a row's owner before it looks at its text.
COSTS = {
    "textlike(text,text)": 10,
    "word_similarity_op(text,text)": 100,
    "word_similarity_commutator_op(text,text)": 100,
}

Connection = psycopg.Connection[tuple[Any, ...]]


def bootstrap(connect: Callable[[str], Connection]) -> None:
    """Bring the cluster to the state Peyvand expects; does nothing when it is already there.

    `connect(database)` opens an autocommit superuser connection. `template1` is prepared as well, so that
    databases made later (the tests' own) inherit extensions and leakproof marks.
    """
    with connect("template1") as template:
        _create_roles(template)
        _prepare(template)
        missing = not template.execute("select 1 from pg_database where datname = %s", [DATABASE]).fetchone()
    if missing:
        with connect("postgres") as admin:
            admin.execute(_format("create database {} owner {}", DATABASE, OWNER_ROLE))
    with connect(DATABASE) as database:
        _prepare(database)
        database.execute(_format("alter schema public owner to {}", OWNER_ROLE))
        database.execute(_format("revoke all on database {} from public", DATABASE))
        database.execute(_format("grant connect, temporary on database {} to {}", DATABASE, APP_ROLE))
        database.execute(_format("grant usage on schema public to {}", APP_ROLE))


def mark_leakproof(connection: Connection) -> list[str]:
    """Mark the functions that search and filters need as LEAKPROOF in this database; needs a superuser.

    Returns the signatures newly marked. A function that this server does not have is passed over.
    """
    rows = connection.execute(
        "select signature from unnest(%s::text[]) signature"
        " join pg_proc on pg_proc.oid = to_regprocedure(signature) where not proleakproof",
        [list(LEAKPROOF_FUNCTIONS)],
    ).fetchall()
    marked = [str(row[0]) for row in rows]
    for signature in marked:
        connection.execute(sql.SQL("alter function {} leakproof").format(sql.SQL(signature)))
    return marked


def tell_costs(connection: Connection) -> None:
    """Tell the planner what search's functions cost; needs a superuser."""
    for signature, cost in COSTS.items():
        known = connection.execute(
            "select procost from pg_proc where oid = to_regprocedure(%s)", [signature]
        ).fetchone()
        if known and known[0] != cost:
            connection.execute(
                sql.SQL("alter function {} cost {}").format(sql.SQL(signature), sql.Literal(cost))
            )


def trigrams_work(connection: Connection) -> bool:
    """Whether pg_trgm sees Persian letters; with a C character type it silently sees none."""
    row = connection.execute("select show_trgm('علی') <> '{}'").fetchone()
    return bool(row and row[0])


def _create_roles(connection: Connection) -> None:
    present = {row[0] for row in connection.execute("select rolname from pg_roles")}
    if OWNER_ROLE not in present:
        connection.execute(_format("create role {} login nosuperuser nobypassrls createdb", OWNER_ROLE))
    if APP_ROLE not in present:
        connection.execute(_format("create role {} login nosuperuser nobypassrls noinherit", APP_ROLE))


def _prepare(connection: Connection) -> None:
    present = {row[0] for row in connection.execute("select extname from pg_extension")}
    for extension in EXTENSIONS:
        if extension not in present:
            connection.execute(_format("create extension {}", extension))
    mark_leakproof(connection)
    tell_costs(connection)


def _format(statement: str, *names: str) -> sql.Composed:
    return sql.SQL(statement).format(*map(sql.Identifier, names))
