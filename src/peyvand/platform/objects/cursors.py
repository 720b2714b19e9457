"""Places in a list, told by the sort values of the last row: opaque to the caller, checked when they come back."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import connection, models
from django.db.models import F, Q
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan, TupleLessThan

from peyvand.kernel.errors import Invalid, msg
from peyvand.platform.objects.compiled import Slot


def behind(
    keys: Sequence[str],
    fields: Sequence[models.Field[Any, Any]],
    down: Sequence[bool],
    nullable: Sequence[bool],
    is_none: Sequence[bool],
) -> Q:
    """Rows that come after the place whose sort values are in the slots; ``is_none`` says which of those are None."""
    last = [Slot(at, _kind(field)) for at, field in enumerate(fields)]
    if len(set(down)) == 1 and not any(nullable):
        compare = TupleLessThan if down[0] else TupleGreaterThan
        if len(keys) == 1:
            return Q(**{f"{keys[0]}__{'lt' if down[0] else 'gt'}": last[0]})
        return Q(compare(Tuple(*(F(k) for k in keys)), tuple(last)))
    result, equal = Q(pk__in=[]), Q()
    for key, descending, may_be_null, value, absent in zip(keys, down, nullable, last, is_none, strict=True):
        if absent:
            # NULLs are last in both directions: only other NULLs can follow, told apart by the keys after this.
            equal &= Q(**{f"{key}__isnull": True})
            continue
        beyond = Q(**{f"{key}__{'lt' if descending else 'gt'}": value})
        if may_be_null:
            beyond |= Q(**{f"{key}__isnull": True})
        result |= equal & beyond
        equal &= Q(**{key: value})
    return result


def encode(values: Sequence[Any]) -> str:
    plain = [{"d": v.isoformat()} if isinstance(v, date) else v for v in values]
    return base64.urlsafe_b64encode(json.dumps(plain, ensure_ascii=False).encode()).decode().rstrip("=")


def decode(cursor: str, fields: Sequence[models.Field[Any, Any]]) -> list[Any]:
    """The sort values of a place, one for each column that the list is ordered by.

    Raises:
        Invalid: it is damaged, or of another list.
    """
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        out = [_moment(v["d"]) if isinstance(v, dict) else v for v in values]
    except (ValueError, KeyError, TypeError, RecursionError):
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
        case _:
            return value is None or (type(value) is int and abs(value) < 2**63)
