"""What stands before and behind a record in a list: found by key, so that the list's length does not matter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import F, Q
from django.db.models.expressions import OrderBy
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan, TupleLessThan

from peyvand.kernel.errors import NotFound
from peyvand.platform.objects.queries import ListQuery, SortKey, count_up_to, sort_keys, with_items

MOST_COUNTED: Final = 1000


@dataclass(frozen=True)
class Place:
    """Where a record stands: its neighbours' ids, and its number among so many, each counted no further than ``MOST_COUNTED``.

    ``number`` 0: further down than is counted.
    """

    before: int | None
    after: int | None
    number: int
    total: int
    is_exact: bool


def place_of(query: ListQuery, id: int) -> Place:
    """The place of a record in a list.

    Raises:
        NotFound: it is not in this list, or the actor may not see it.
    """
    keys = sort_keys(query)
    names = [key.column for key in keys]
    rows = with_items(query.spec, query.rows(), names)
    own = rows.filter(id=id).values_list(*names).first() if 0 < id < 2**63 else None
    if own is None:
        raise NotFound
    order = [OrderBy(F(k.column), descending=k.descending, nulls_last=k.may_be_null or None) for k in keys]
    back = [
        OrderBy(F(k.column), descending=not k.descending, nulls_first=k.may_be_null or None) for k in keys
    ]
    ahead = rows.filter(_beyond(keys, own, back=True))
    after = rows.filter(_beyond(keys, own, back=False)).order_by(*order).values_list("id", flat=True).first()
    before = ahead.order_by(*back).values_list("id", flat=True).first()
    passed = ahead.order_by()[: MOST_COUNTED + 1].count()
    total, is_exact = count_up_to(query, MOST_COUNTED)
    return Place(before, after, passed + 1 if passed < MOST_COUNTED else 0, total, is_exact)


def _beyond(keys: Sequence[SortKey], own: Sequence[Any], *, back: bool) -> Q:
    """Rows behind a place, or before it when ``back``; absent values are last whichever way a list is sorted."""
    if len({key.descending for key in keys}) == 1 and not any(key.may_be_null for key in keys):
        # A comparison of whole rows is found through an index, wherever in the list it is.
        compare = TupleLessThan if keys[0].descending != back else TupleGreaterThan
        if len(keys) == 1:
            return Q(**{f"{keys[0].column}__{'lt' if keys[0].descending != back else 'gt'}": own[0]})
        return Q(compare(Tuple(*(F(key.column) for key in keys)), tuple(own)))
    result, equal = Q(pk__in=[]), Q()
    for key, value in zip(keys, own, strict=True):
        if value is None:
            if back:
                result |= equal & Q(**{f"{key.column}__isnull": False})
            equal &= Q(**{f"{key.column}__isnull": True})
            continue
        beyond = Q(**{f"{key.column}__{'lt' if key.descending != back else 'gt'}": value})
        if key.may_be_null and not back:
            beyond |= Q(**{f"{key.column}__isnull": True})
        result |= equal & beyond
        equal &= Q(**{key.column: value})
    return result
