"""The engine behind every list: one query for a page, whatever the size of the table.

A page is found by key (the last row's sort values), never by offset. It reads only the columns asked for, compound
fields (tags, phones) among them; one that cannot tell its SQL costs one more query for the page's ids.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db import models
from django.db.models import Q, QuerySet
from django.db.models.expressions import RawSQL

from peyvand.kernel.conditions import Condition, EvalContext
from peyvand.kernel.errors import Invalid, NotFound, msg
from peyvand.platform.access.decisions import visible
from peyvand.platform.access.rules import owners_only, shared_ids
from peyvand.platform.database.compiled import Slot, Statement, in_slot, statement
from peyvand.platform.fields.masks import mask
from peyvand.platform.fields.types import Field
from peyvand.platform.identity.actor import Actor
from peyvand.platform.objects.cursors import SortKey, behind, decode, encode, slots_of
from peyvand.platform.objects.expressions import expressions, output_of
from peyvand.platform.objects.filters import compile_condition, eval_context
from peyvand.platform.objects.sight import named, without_names, without_titles
from peyvand.platform.objects.spec import ObjectSpec
from peyvand.platform.schema.reading import schema_version
from peyvand.platform.search.find import candidates, candidates_by_text
from peyvand.platform.search.permitted import kept_while
from peyvand.platform.workspaces.scope import current_workspace_id

PAGE = 50
MOST = 500
# Asking this many one by one costs less than a millisecond each ten.
FEW_OWNERS = 50


@dataclass(frozen=True)
class Row:
    """One record of a page: values by field key, as Field.show wants them."""

    id: int
    version: int
    title: str
    values: dict[str, Any]


@dataclass(frozen=True)
class Page:
    rows: list[Row]
    # Cursor of the page that follows; None at the end.
    next: str | None


@dataclass(frozen=True)
class Sort:
    field: Field = dataclasses.field(hash=False)
    descending: bool


@dataclass(frozen=True)
class ListQuery:
    """What a list shows: the same value for screens, the API, bulk actions and exports."""

    spec: ObjectSpec
    actor: Actor
    columns: tuple[str, ...]
    condition: Condition | None = None
    sort: tuple[Sort, ...] = ()
    text: str = ""
    in_bin: bool = False
    # Ids of the records that were chosen out of what matches; empty: all of it.
    only: tuple[int, ...] = ()

    def rows(self, operation: str = "view") -> QuerySet[Any]:
        """The records the actor may apply ``operation`` to, that match; unordered."""
        spec = self.spec
        found = spec.rows.filter(deleted_at__isnull=not self.in_bin)
        found = visible(self.actor, spec.key, found, operation)
        if self.condition is not None:
            found = found.filter(compile_condition(self.condition, spec, self.actor))
        if self.text:
            if spec.found_by_text:
                named = candidates_by_text(self.actor, spec.key, self.text)
            else:
                named = candidates(self.actor, spec.key, self.text, operation)
            found = found.filter(id__in=named)
        if self.only:
            found = found.filter(id__in=self.only)
        return found

    def visible_fields(self) -> list[Field]:
        hidden = self.actor.grants.hides(self.spec.key)
        return [self.spec.field(key) for key in self.columns if key not in hidden]

    def shown_fields(self) -> list[Field]:
        """The visible fields, and those of which only the mask is shown."""
        unknown = self.actor.grants.hides(self.spec.key) - self.actor.grants.masks(self.spec.key)
        return [self.spec.field(key) for key in self.columns if key not in unknown]


def parse_sort(text: str, spec: ObjectSpec) -> tuple[Sort, ...]:
    """Sort keys from "-amount,name".

    Raises:
        Invalid: a key that does not exist or cannot be sorted by.
    """
    keys: list[Sort] = []
    for part in filter(None, (p.strip() for p in text.split(","))):
        key = part.lstrip("-")
        field = spec.all_fields.get(key)
        if field is None or not field.sortable:
            raise Invalid.of(msg("There is nothing to sort by under the name “%(name)s”.", name=key), "sort")
        keys.append(Sort(field, part.startswith("-")))
    if len(keys) > 4:
        raise Invalid.of(msg("A list can be sorted by at most four fields."), "sort")
    return tuple(keys)


def fetch_page(query: ListQuery, after: str | None = None, limit: int = PAGE) -> Page:
    """The page behind the cursor ``after``, of at most ``limit`` rows.

    Raises:
        Invalid: the cursor is damaged or belongs to another sort.
    """
    found, cursor = fetch_values(query, _columns_of(query), after, limit)
    return Page(_rows_of(query, found), cursor)


def fetch_values(
    query: ListQuery, columns: tuple[str, ...], after: str | None = None, limit: int = PAGE
) -> tuple[list[tuple[Any, ...]], str | None]:
    """The values of ``columns`` (ORM paths) on the page behind ``after``, and the cursor of the page that follows.

    Raises:
        Invalid: the cursor is damaged or belongs to another sort.
    """
    keys = sort_keys(query)
    last = decode(after, _compared(query.spec, keys)) if after is not None else None
    is_none = tuple(value is None for value in last) if last is not None else None
    found = _page_statement(query, columns, limit, is_none, _moment_of(query)).run(*last or ())
    more, found = len(found) > limit, found[:limit]
    cursor = encode(found[-1][-len(keys) :]) if more and found else None
    return without_titles(query.actor, query.spec, columns, found), cursor


def fetch_linked(
    query: ListQuery,
    links: tuple[str, ...],
    id: int,
    *,
    where: tuple[tuple[str, Any], ...] = (),
    limit: int = PAGE,
) -> Page:
    """The first page of those records of a query of which one of ``links`` (columns) holds this id, and whose other
    columns are as ``where`` says: what hangs on a record, by the same statement for every record.
    """
    columns = _columns_of(query)
    width = len(columns)
    found = _linked_statement(query, columns, links, where, limit, _moment_of(query)).run(id)
    kept = without_titles(query.actor, query.spec, columns, [row[:width] for row in found[:limit]])
    return Page(_rows_of(query, kept), encode(found[limit - 1][width:]) if len(found) > limit else None)


def fetch_value(query: ListQuery, columns: tuple[str, ...], id: int) -> tuple[Any, ...]:
    """The values of ``columns`` (ORM paths) of one record.

    Raises:
        NotFound: there is none, or the query's actor may not see it.
    """
    found = _one_statement(query, columns, _moment_of(query)).run(id) if 0 < id < 2**63 else []
    if not found:
        raise NotFound
    return without_titles(query.actor, query.spec, columns, found)[0]


def fetch_several(query: ListQuery, columns: tuple[str, ...], ids: Sequence[int]) -> list[tuple[Any, ...]]:
    """As fetch_value, for several ids by one statement: those that the query's actor may see, in no particular order."""
    found = _several_statement(query, columns, _moment_of(query)).run(list(ids)) if ids else []
    return without_titles(query.actor, query.spec, columns, found)


def _moment_of(query: ListQuery) -> tuple[int, int, EvalContext | None]:
    """What the SQL of a query depends on beside the query itself: the open workspace and what it defined, and the day
    for a condition of the query or of what the actor may see."""
    return current_workspace_id(), schema_version(), day_of(query)


def day_of(query: ListQuery) -> EvalContext | None:
    """Whose day and eyes the conditions in a query's SQL were worked out for; None where there are none."""
    return eval_context(query.actor) if query.condition else _day_of_rules(query.actor)


def _day_of_rules(actor: Actor) -> EvalContext | None:
    return eval_context(actor) if actor.grants.conditions or actor.grounds else None


kept_while(lambda actor: (schema_version(), _day_of_rules(actor)))


@lru_cache(maxsize=1024)
def _page_statement(
    query: ListQuery, columns: tuple[str, ...], limit: int, is_none: tuple[bool, ...] | None, moment: Any
) -> Statement:
    keys = sort_keys(query)
    names = [key.column for key in keys]
    rows = with_items(query.spec, query.rows(), (*columns, *names))
    if is_none is not None:
        rows = rows.filter(behind(keys, slots_of(_compared(query.spec, keys)), is_none))
    if names == ["id"] and (owners := _few_owners(query)):
        newest = _newest_of(query, owners, limit + 1, keys[0].descending, is_none is not None)
        rows = rows.filter(id__in=newest)
    return statement(rows.order_by(*(key.order() for key in keys))[: limit + 1], (*columns, *names))


@lru_cache(maxsize=1024)
def _linked_statement(
    query: ListQuery,
    columns: tuple[str, ...],
    links: tuple[str, ...],
    where: tuple[tuple[str, Any], ...],
    limit: int,
    moment: Any,
) -> Statement:
    keys = sort_keys(query)
    names = [key.column for key in keys]
    rows = with_items(query.spec, query.rows(), (*columns, *names)).filter(**dict(where))
    leads_there = Q()
    for link in links:
        leads_there |= Q(**{link: Slot(0, "bigint")})
    rows = rows.filter(leads_there).order_by(*(key.order() for key in keys))
    return statement(rows[: limit + 1], (*columns, *names), shared=True)


def _few_owners(query: ListQuery) -> list[int]:
    """The owners whose records the actor sees, where nothing else decides and they are few enough to be asked one by one."""
    if query.spec.base is not None or query.condition is not None or query.text or query.only:
        return []
    owners = owners_only(query.actor, query.spec.key)
    return sorted(owners) if owners and len(owners) <= FEW_OWNERS else []


def _newest_of(query: ListQuery, owners: list[int], limit: int, down: bool, is_behind: bool) -> RawSQL:
    """Ids of the page, found owner by owner: walking the table would pass all that others made, an import's 100,000 rows first."""
    order = "desc" if down else "asc"
    place = f"and r.id {'<' if down else '>'} %s" if is_behind else ""
    newest = f"""
        select r.id from "{query.spec.model._meta.db_table}" r
        where r.workspace_id = %s and {{which}} and r.deleted_at is {"not " if query.in_bin else ""}null {place}
        order by r.id {order} limit {limit}"""  # noqa: S608 names come from models
    here = [current_workspace_id()]
    behind_it = [Slot(0, "bigint").place] if is_behind else []
    parts = f"""
        select f.id from unnest(%s::bigint[]) o cross join lateral ({newest.format(which="r.owner_id = o")}) f"""  # noqa: S608
    values: list[Any] = [owners, *here, *behind_it]
    if shared := shared_ids(query.actor, query.spec.key):
        parts = f"{parts} union ({newest.format(which=f'r.id = any({shared[0]})')})"
        values += [*here, *shared[1], *behind_it]
    return RawSQL(f"select id from ({parts}) n order by id {order} limit {limit}", values)  # noqa: S608, S611 as above


@lru_cache(maxsize=1024)
def _one_statement(
    query: ListQuery, columns: tuple[str, ...], moment: Any, operation: str = "view"
) -> Statement:
    rows = with_items(query.spec, query.rows(operation), columns)
    return statement(rows.filter(id=Slot(0, "bigint")), columns, shared=True)


@lru_cache(maxsize=1024)
def _several_statement(query: ListQuery, columns: tuple[str, ...], moment: Any) -> Statement:
    return statement(
        with_items(query.spec, query.rows(), columns).filter(in_slot("id", Slot(0, "bigint[]"))),
        columns,
        shared=True,
    )


def with_items(spec: ObjectSpec, rows: QuerySet[Any], columns: Sequence[str]) -> QuerySet[Any]:
    """The rows with those of ``columns`` that compound fields put there, and those that no column of the model holds."""
    table = spec.model._meta.db_table
    compounds = ((c, f) for f in spec.compound_fields for c in f.columns())
    named = {column: f.as_column(table) for column, f in compounds if column in columns}
    found: QuerySet[Any] = rows.annotate(**named, **expressions(spec, columns))
    return found


def sort_keys(query: ListQuery) -> list[SortKey]:
    """What a list is ordered by: its keys, and the id that tells equal ones apart."""
    spec = query.spec
    sort = query.sort or parse_sort(spec.default_sort, spec)
    keys = [(s.field.sort_column, s.descending) for s in sort if s.field.key != "id"]
    keys.append(("id", sort[0].descending if sort else True))
    return [SortKey(column, down, _may_be_null(spec, column)) for column, down in keys]


def _compared(spec: ObjectSpec, keys: Sequence[SortKey]) -> list[models.Field[Any, Any]]:
    """What the values of the keys are like."""
    return [_model_field(spec, key.column) for key in keys]


def fetch_rows(query: ListQuery, ids: Sequence[int]) -> dict[int, Row]:
    """Rows of these ids, those that the query's actor may see, by id."""
    found = fetch_several(query, _columns_of(query), ids)
    return {row.id: row for row in _rows_of(query, found)}


def fetch_own(query: ListQuery, choose: Callable[[QuerySet[Any]], QuerySet[Any]], limit: int) -> list[Row]:
    """Those of the actor's own records that ``choose`` puts first. Sight is asked of these few alone: to work it out for
    all of the records would cost more than the rest."""
    own = query.spec.rows.filter(deleted_at__isnull=True, owner_id=query.actor.user_id)
    return fetch_in_order(query, list(choose(own).values_list("id", flat=True)[:limit]))


def fetch_in_order(query: ListQuery, ids: Sequence[int]) -> list[Row]:
    """As fetch_rows, in the order of the ids."""
    found = fetch_rows(query, ids)
    return [found[id] for id in ids if id in found]


def fetch_row(
    spec: ObjectSpec, actor: Actor, id: int, columns: Sequence[str] | None = None, *, in_bin: bool = False
) -> Row:
    """One record with the values of its fields.

    Raises:
        NotFound: there is none, or the actor may not see it.
    """
    chosen = columns if columns is not None else [f.key for f in spec.all_fields.values() if not f.on_request]
    query = ListQuery(spec, actor, tuple(chosen), in_bin=in_bin)
    [row] = _rows_of(query, [fetch_value(query, _columns_of(query), id)])
    return row


def load_record(
    spec: ObjectSpec,
    actor: Actor,
    id: int,
    operation: str = "view",
    *,
    in_bin: bool = False,
    lock: bool = False,
) -> Any:
    """The model instance of one record that the actor may see, locked for the transaction if asked.

    Raises:
        NotFound: there is none, or the actor may not see it.
    """
    query = ListQuery(spec, actor, (), in_bin=in_bin)
    if lock:
        record = query.rows(operation).filter(id=id).select_for_update(of=("self",)).first()
        if record is None:
            raise NotFound
        return record
    columns = tuple(field.attname for field in spec.model._meta.concrete_fields)
    found = _one_statement(query, columns, _moment_of(query), operation).run(id) if 0 < id < 2**63 else []
    if not found:
        raise NotFound
    return spec.model.from_db(query.rows().db, columns, found[0])


def load_records(
    spec: ObjectSpec,
    actor: Actor,
    ids: Sequence[int],
    operation: str = "view",
    *,
    in_bin: bool = False,
    lock: bool = False,
) -> list[Any]:
    """The model instances of several records that the actor may see, in the order of ``ids``.

    Raises:
        NotFound: one of them is not there, or the actor may not see it.
    """
    rows = ListQuery(spec, actor, (), in_bin=in_bin).rows(operation).filter(id__in=list(ids)).order_by("id")
    found = {r.id: r for r in (rows.select_for_update(of=("self",)) if lock else rows)}
    if found.keys() != set(ids):
        raise NotFound
    return [found[id] for id in ids]


def count_up_to(query: ListQuery, most: int = 1000) -> tuple[int, bool]:
    """How many records match, counting no further than ``most``; and whether that is exact."""
    count = query.rows().order_by()[: most + 1].count()
    return min(count, most), count <= most


def _columns_of(query: ListQuery) -> tuple[str, ...]:
    """The ORM paths that rows of this query are made of."""
    return ("id", "version", query.spec.title, *(c for f in query.shown_fields() for c in f.columns()))


def _rows_of(query: ListQuery, found: Sequence[Sequence[Any]]) -> list[Row]:
    """The rows of what ``_columns_of`` fetched."""
    plain = [f for f in query.shown_fields() if f.columns()]
    rows = [_row(values, plain) for values in found]
    _add_compounds(rows, query)
    return rows


def _row(values: Sequence[Any], fields: Sequence[Field]) -> Row:
    shown: dict[str, Any] = {}
    at = 3
    for field in fields:
        width = len(field.columns())
        shown[field.key] = field.from_columns(values[at : at + width])
        at += width
    return Row(values[0], values[1], values[2] or "", shown)


def _add_compounds(rows: Sequence[Row], query: ListQuery) -> None:
    wanted = {field.key for field in query.shown_fields()}
    ids = [row.id for row in rows]
    for field in query.spec.compound_fields:
        if field.key in wanted and ids and not field.columns():
            loaded = without_names(query.actor, field, field.load(ids))
            for row in rows:
                row.values[field.key] = loaded.get(row.id, field.empty())
    _add_titles(rows, query)
    for key in query.actor.grants.masks(query.spec.key) & wanted:
        for row in rows:
            row.values[key] = mask(query.spec.field(key), row.values[key])


def _add_titles(rows: Sequence[Row], query: ListQuery) -> None:
    """Name the records that these are about, as far as the actor may see them."""
    for field in query.visible_fields():
        if field.untitled:
            found = named(query.actor, (ref for row in rows if (ref := row.values[field.key])))
            for row in rows:
                ref = row.values[field.key]
                row.values[field.key] = found[ref] if ref else None


def _may_be_null(spec: ObjectSpec, path: str) -> bool:
    return "__" in path or path in spec.shape.by_column or bool(_model_field(spec, path).null)


def _model_field(spec: ObjectSpec, path: str) -> models.Field[Any, Any]:
    """The model field at the end of an ORM path, or what the expression of a field without a column is like."""
    if path in spec.shape.by_column:
        return output_of(spec, path)
    model: Any = spec.model
    *links, last = path.split("__")
    for name in links:
        model = model._meta.get_field(name).related_model
    field: models.Field[Any, Any] = model._meta.get_field(last)
    return field
