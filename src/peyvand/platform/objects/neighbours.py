"""What stands before and behind a record in a list: found by key, so that the list's length does not matter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from peyvand.kernel.errors import NotFound
from peyvand.platform.objects.cursors import behind
from peyvand.platform.objects.queries import ListQuery, count_up_to, sort_keys, with_items

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
    is_none = [value is None for value in own]
    ahead = rows.filter(behind(keys, own, is_none, back=True))
    rest = rows.filter(behind(keys, own, is_none))
    before = ahead.order_by(*(key.order(back=True) for key in keys)).values_list("id", flat=True).first()
    after = rest.order_by(*(key.order() for key in keys)).values_list("id", flat=True).first()
    passed = ahead.order_by()[: MOST_COUNTED + 1].count()
    total, is_exact = count_up_to(query, MOST_COUNTED)
    return Place(before, after, passed + 1 if passed < MOST_COUNTED else 0, total, is_exact)
