"""What the planner knows of folded texts: without it, a filter by a city reads all of an owner's rows to find one page.

With it, the list is walked in its order until the page is full, where the text is frequent. Derived from the objects.
"""

from __future__ import annotations

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper

from peyvand.kernel.conditions import FieldType
from peyvand.platform.objects.spec import ObjectSpec, declared_objects


def keep_statistics(connection: BaseDatabaseWrapper) -> list[str]:
    """Have PostgreSQL gather statistics of every short text that is filtered folded; return the statements run.

    Idempotent; run as the role that owns the tables.
    """
    with connection.cursor() as cursor:
        statements = [line for spec in declared_objects() for line in _missing(cursor, spec)]
        for statement in statements:
            cursor.execute(statement)
    return statements


def _missing(cursor: CursorWrapper, spec: ObjectSpec) -> list[str]:
    table = spec.model._meta.db_table
    cursor.execute("select stxname from pg_statistic_ext where stxrelid = to_regclass(%s)", [table])
    present = {row[0] for row in cursor.fetchall()}
    out = [
        f'create statistics "{name}" on (peyvand_fold("{column}")) from "{table}"'
        for column in _columns(spec)
        if (name := f"{table}_{column}_folded"[:63]) not in present
    ]
    return [*out, f'analyze "{table}"'] if out else []


def _columns(spec: ObjectSpec) -> list[str]:
    """Columns of short texts; those that the search knows are found by its index instead."""
    columns = spec.model._meta.concrete_fields
    short = {f.column for f in columns if isinstance(f, models.CharField)}
    return [
        f.column
        for f in spec.stored_fields
        if f.type is FieldType.text
        and not (f.search or f.filters_itself)
        and f.column in short - {"external_id"}
    ]
