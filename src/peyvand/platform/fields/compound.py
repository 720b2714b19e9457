"""Fields whose values lie in rows of another table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import orjson
from django.db.models import Q, QuerySet
from django.db.models.expressions import RawSQL

from peyvand.kernel.conditions import FieldType
from peyvand.platform.database.prepared import fetch
from peyvand.platform.fields.field import Field
from peyvand.platform.fields.reader import Reader
from peyvand.platform.workspaces.models import WorkspaceModel
from peyvand.platform.workspaces.scope import current_workspace_id

_AS_TEXT = "array_to_json(array({}))::text"
_RECORDS = "(select %s::bigint as workspace_id, unnest(%s::bigint[]) as id) r"


@dataclass(frozen=True, kw_only=True)
class Compound(Field):
    """A field whose values lie in rows of another table: tags, phones, lines.

    ``load`` and ``store`` work in sets. A value is a tuple of JSON-like items, described by the subclass.
    """

    # Its items are tags: each names one by its id.
    holds_tags: ClassVar[bool] = False
    # A record is found by its value as it was given, which what is stored adds nothing to.
    found_as_given: ClassVar[bool] = False
    # Its items {id, name} name records of this object.
    names: ClassVar[str] = ""
    # The table of those rows: what a merge joins and an unmerge puts back.
    table: ClassVar[type[WorkspaceModel] | None] = None
    is_compound: ClassVar[bool] = True
    sortable: ClassVar[bool] = False
    filters_itself: ClassVar[bool] = True
    type: ClassVar[FieldType] = FieldType.links

    def items_sql(self, record: str) -> str:
        """A query for the items of one record, in order, each as JSON; ``record`` names its row in the SQL around.

        A field that tells it is read by the very statement that reads the record; for another, load() is asked besides.
        """
        return ""

    @property
    def item_fields(self) -> tuple[Field, ...]:
        """The fields of an item, where it declares them."""
        return ()

    def says(self, item: Mapping[str, Any], reader: Reader) -> str:
        """What an item says of whom or what it names, in words."""
        return ""

    def columns(self) -> tuple[str, ...]:
        return (f"{self.key}_items",) if self.items_sql("r") else ()

    def as_column(self, table: str) -> RawSQL:
        """What its column holds in a query of this table: the items as JSON text."""
        return RawSQL(_AS_TEXT.format(self.items_sql(f'"{table}"')), [])  # noqa: S611 declared SQL

    def from_columns(self, values: Sequence[Any]) -> Any:
        return tuple(orjson.loads(values[0])) if values else ()

    def empty(self) -> Any:
        return ()

    def load(self, ids: Sequence[int]) -> Mapping[int, Any]:
        """The value of each record in ``ids``, in one query; records without any may be left out."""
        items = _AS_TEXT.format(self.items_sql("r"))
        rows = fetch(f"select r.id, {items} from {_RECORDS}", [current_workspace_id(), list(ids)])  # noqa: S608 declared SQL
        return {id: self.from_columns(found) for id, *found in rows}

    def store(self, ctx: Any, values: Mapping[int, Any]) -> None:
        """Replace the value of each record, in a few statements however many records there are."""
        raise NotImplementedError

    def add(self, ctx: Any, values: Mapping[int, Any]) -> None:
        """As store, for records just made: there is nothing to take away."""
        self.store(ctx, values)

    def holds(self, row: Mapping[str, Any]) -> bool:
        """Whether a row of the table, column by column, is of this field: two fields may share one table."""
        return True

    def search_text(self, value: Any) -> str:
        """What of this value is findable."""
        return ""

    def schema(self) -> dict[str, Any]:
        return {"type": "array", "items": {"type": "object"}}


def held_in(rows: QuerySet[Any], owner: str, column: str, op: str, values: Sequence[Any]) -> Q:
    """Records of whose rows in another table a column holds any of the values (``has_any``), all of them (``has_all``), or
    that have no rows there (``empty``). ``owner`` is the column that says whose a row is."""
    if op == "empty":
        return ~Q(id__in=rows.values(owner))
    if op == "has_all":
        q = Q()
        for value in values:
            q &= Q(id__in=rows.filter(**{column: value}).values(owner))
        return q
    return Q(id__in=rows.filter(**{f"{column}__in": values}).values(owner))
