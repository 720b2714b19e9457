"""Places in a list, told by the sort values of the last row: opaque to the caller, checked when they come back."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection, models
from django.db.models import F, Q
from django.db.models.expressions import OrderBy
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan, TupleLessThan

from peyvand.kernel.errors import Invalid, msg
from peyvand.platform.database.compiled import Slot


@dataclass(frozen=True)
class SortKey:
    """One column that a list is ordered by, as an ORM path or the name of a custom field's order. Absent values are last,
    whichever way it is sorted."""

    column: str
    descending: bool
    may_be_null: bool = False

    def order(self, *, back: bool = False) -> OrderBy:
        """The order of the list by this key, or the opposite when ``back``."""
        nulls = self.may_be_null or None
        return OrderBy(
            F(self.column),
            descending=self.descending != back,
            nulls_first=nulls if back else None,
            nulls_last=None if back else nulls,
        )


def behind(
    keys: Sequence[SortKey], place: Sequence[Any], is_none: Sequence[bool], *, back: bool = False
) -> Q:
    """Rows that come after a place in a list, or before it when ``back``.

    ``place`` are the sort values there, or slots for them; ``is_none`` says which of them are None.
    """
    steps = ["lt" if key.descending != back else "gt" for key in keys]
    if len(set(steps)) == 1 and not any(key.may_be_null for key in keys):
        # A comparison of whole rows is found through an index, wherever in the list it is.
        compare = TupleLessThan if steps[0] == "lt" else TupleGreaterThan
        if len(keys) == 1:
            return Q(**{f"{keys[0].column}__{steps[0]}": place[0]})
        return Q(compare(Tuple(*(F(key.column) for key in keys)), tuple(place)))
    result, equal = Q(pk__in=[]), Q()
    for key, step, value, absent in zip(keys, steps, place, is_none, strict=True):
        is_null = Q(**{f"{key.column}__isnull": True})
        if absent:
            # Only other absent values can follow, told apart by the keys after this.
            if back:
                result |= equal & ~is_null
            equal &= is_null
            continue
        beyond = Q(**{f"{key.column}__{step}": value})
        if key.may_be_null and not back:
            beyond |= is_null
        result |= equal & beyond
        equal &= Q(**{key.column: value})
    return result


def slots_of(fields: Sequence[models.Field[Any, Any]]) -> list[Slot]:
    """A slot for the value of each column that a list is ordered by."""
    return [Slot(at, _kind(field)) for at, field in enumerate(fields)]


def encode(values: Sequence[Any]) -> str:
    plain = [
        {"d": v.isoformat()} if isinstance(v, date) else {"n": str(v)} if isinstance(v, Decimal) else v
        for v in values
    ]
    return base64.urlsafe_b64encode(json.dumps(plain, ensure_ascii=False).encode()).decode().rstrip("=")


def decode(cursor: str, fields: Sequence[models.Field[Any, Any]]) -> list[Any]:
    """The sort values of a place, one for each column that the list is ordered by.

    Raises:
        Invalid: it is damaged, or of another list.
    """
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        out = [_typed(v) if isinstance(v, dict) else v for v in values]
    except (ValueError, KeyError, TypeError, ArithmeticError, RecursionError):
        out = []
    if (
        len(out) != len(fields)
        or not all(_fits(v, f) for v, f in zip(out, fields, strict=True))
        or out[-1] is None
    ):
        raise Invalid.of(msg("This place in the list is no longer known; start from its beginning."), "after")
    return out


def _kind(field: models.Field[Any, Any]) -> str:
    """The PostgreSQL type that values of a column are compared as."""
    kind = (
        (field.db_type(connection) or "text")
        .partition("(")[0]
        .partition(" GENERATED")[0]
        .partition(" COLLATE")[0]
    )
    return "text" if kind == "varchar" else kind


def _typed(value: dict[str, Any]) -> date | Decimal:
    return Decimal(value["n"]) if "n" in value else _moment(value["d"])


def _moment(text: str) -> date:
    return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)


def _fits(value: Any, field: models.Field[Any, Any]) -> bool:
    """Whether a column could hold this value: what the database cannot compare must not reach it."""
    held: Any = field.output_field if isinstance(field, models.GeneratedField) else field
    match held:
        case models.DateTimeField():
            return value is None or (isinstance(value, datetime) and value.tzinfo is not None)
        case models.DateField():
            return value is None or (isinstance(value, date) and not isinstance(value, datetime))
        case models.BooleanField():
            return value is None or isinstance(value, bool)
        case models.CharField() | models.TextField():
            return value is None or (isinstance(value, str) and "\x00" not in value)
        case models.DecimalField():
            return value is None or (isinstance(value, Decimal) and value.is_finite() and abs(value) < 2**63)
        case _:
            return value is None or (type(value) is int and abs(value) < 2**63)
