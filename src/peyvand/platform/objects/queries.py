"""The engine behind every list: one query for a page, whatever the size of the table.

A page is found by key (the last row's sort values), never by offset. It reads only the columns asked for; compound
fields (tags, phones) cost one more query each for the page's ids.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.db.models import F, Q, QuerySet
from django.db.models.expressions import OrderBy
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan, TupleLessThan

from peyvand.kernel.conditions import Condition
from peyvand.kernel.errors import Invalid, NotFound, msg
from peyvand.platform.access.decisions import visible
from peyvand.platform.fields.types import Field
from peyvand.platform.identity.actor import Actor
from peyvand.platform.objects.filters import compile_condition, eval_context
from peyvand.platform.objects.spec import ObjectSpec
from peyvand.platform.search.find import candidates

PAGE = 50
MOST = 500


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
    field: Field
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

    def rows(self, operation: str = "view") -> QuerySet[Any]:
        """The records the actor may apply ``operation`` to, that match; unordered."""
        spec = self.spec
        found = spec.model.objects.filter(deleted_at__isnull=not self.in_bin)
        if spec.base is not None:
            found = found.filter(spec.base)
        found = visible(self.actor, spec.key, found, operation)
        if self.condition is not None:
            found = found.filter(compile_condition(self.condition, spec, eval_context(self.actor)))
        if self.text:
            found = found.filter(id__in=candidates(spec.key, self.text))
        return found

    def visible_fields(self) -> list[Field]:
        hidden = self.actor.grants.hides(self.spec.key)
        return [self.spec.field(key) for key in self.columns if key not in hidden]


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
    spec, sort = query.spec, query.sort or parse_sort(query.spec.default_sort, query.spec)
    keys = [*(s.field.sort_column for s in sort if s.field.key != "id"), "id"]
    down = [*(s.descending for s in sort if s.field.key != "id"), sort[0].descending if sort else True]
    rows = query.rows()
    nullable = [_may_be_null(spec, k) for k in keys]
    if after is not None:
        rows = rows.filter(_behind(keys, down, nullable, _decode(after, keys)))
    order = [OrderBy(F(k), descending=d, nulls_last=n or None) for k, d, n in zip(keys, down, nullable, strict=True)]
    fields = query.visible_fields()
    plain = [f for f in fields if not f.is_compound]
    columns = ["id", "version", spec.title, *keys, *(c for f in plain for c in f.columns())]
    found = list(rows.order_by(*order).values_list(*columns)[: limit + 1])
    more, found = len(found) > limit, found[:limit]
    page = [_row(values, plain, 3 + len(keys)) for values in found]
    _add_compounds(page, query)
    cursor = _encode(found[-1][3 : 3 + len(keys)]) if more and found else None
    return Page(page, cursor)


def fetch_rows(query: ListQuery, ids: Sequence[int]) -> dict[int, Row]:
    """Rows of these ids, those that the query's actor may see, by id."""
    fields = query.visible_fields()
    plain = [f for f in fields if not f.is_compound]
    columns = ["id", "version", query.spec.title, *(c for f in plain for c in f.columns())]
    page = [_row(values, plain, 3) for values in query.rows().filter(id__in=list(ids)).values_list(*columns)]
    _add_compounds(page, query)
    return {row.id: row for row in page}


def fetch_row(spec: ObjectSpec, actor: Actor, id: int, columns: Sequence[str] | None = None, *, in_bin: bool = False) -> Row:
    """One record with the values of its fields.

    Raises:
        NotFound: there is none, or the actor may not see it.
    """
    query = ListQuery(spec, actor, tuple(columns if columns is not None else spec.all_fields), in_bin=in_bin)
    row = fetch_rows(query, [id]).get(id)
    if row is None:
        raise NotFound()
    return row


def load_record(spec: ObjectSpec, actor: Actor, id: int, operation: str = "view", *, in_bin: bool = False, lock: bool = False) -> Any:
    """The model instance of one record that the actor may see, locked for the transaction if asked.

    Raises:
        NotFound: there is none, or the actor may not see it.
    """
    rows = ListQuery(spec, actor, (), in_bin=in_bin).rows(operation).filter(id=id)
    record = (rows.select_for_update(of=("self",)) if lock else rows).first()
    if record is None:
        raise NotFound()
    return record


def count_up_to(query: ListQuery, most: int = 1000) -> tuple[int, bool]:
    """How many records match, counting no further than ``most``; and whether that is exact."""
    count = query.rows().order_by()[: most + 1].count()
    return min(count, most), count <= most


def estimate(query: ListQuery) -> int:
    """About how many records match, from the planner's statistics: costs the same for any table."""
    sql, params = query.rows().order_by().values_list("id").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(f"explain (format json) {sql}", params)
        plan = cursor.fetchone()[0]
    plan = json.loads(plan) if isinstance(plan, str) else plan
    return int(plan[0]["Plan"]["Plan Rows"])


def _row(values: Sequence[Any], fields: Sequence[Field], start: int) -> Row:
    shown: dict[str, Any] = {}
    at = start
    for field in fields:
        width = len(field.columns())
        shown[field.key] = field.from_columns(values[at : at + width])
        at += width
    return Row(values[0], values[1], values[2] or "", shown)


def _add_compounds(rows: Sequence[Row], query: ListQuery) -> None:
    wanted = set(query.columns) - query.actor.grants.hides(query.spec.key)
    ids = [row.id for row in rows]
    for field in query.spec.compound_fields:
        if field.key in wanted and ids:
            loaded = field.load(ids)
            for row in rows:
                row.values[field.key] = loaded.get(row.id, field.empty())


def _may_be_null(spec: ObjectSpec, path: str) -> bool:
    return "__" in path or bool(spec.model._meta.get_field(path.removesuffix("_id") if path != "external_id" else path).null)


def _behind(keys: Sequence[str], down: Sequence[bool], nullable: Sequence[bool], last: Sequence[Any]) -> Q:
    """Rows that come after ``last`` in the order."""
    if len(set(down)) == 1 and not any(nullable):
        compare = TupleLessThan if down[0] else TupleGreaterThan
        if len(keys) == 1:
            return Q(**{f"{keys[0]}__{'lt' if down[0] else 'gt'}": last[0]})
        return Q(compare(Tuple(*(F(k) for k in keys)), tuple(last)))
    result, equal = Q(pk__in=[]), Q()
    for key, descending, may_be_null, value in zip(keys, down, nullable, last, strict=True):
        if value is None:
            # NULLs are last in both directions: only other NULLs can follow, told apart by the keys after this.
            equal &= Q(**{f"{key}__isnull": True})
            continue
        beyond = Q(**{f"{key}__{'lt' if descending else 'gt'}": value})
        if may_be_null:
            beyond |= Q(**{f"{key}__isnull": True})
        result |= equal & beyond
        equal &= Q(**{key: value})
    return result


def _encode(values: Sequence[Any]) -> str:
    plain = [{"d": v.isoformat()} if isinstance(v, date) else v for v in values]
    return base64.urlsafe_b64encode(json.dumps(plain, ensure_ascii=False).encode()).decode().rstrip("=")


def _decode(cursor: str, keys: Sequence[str]) -> list[Any]:
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        out = [_moment(v["d"]) if isinstance(v, dict) else v for v in values]
    except (ValueError, KeyError, TypeError):
        out = []
    if len(out) != len(keys) or not isinstance(out[-1], int):
        raise Invalid.of(msg("This place in the list is no longer known; start from its beginning."), "after")
    return out


def _moment(text: str) -> date:
    return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)
