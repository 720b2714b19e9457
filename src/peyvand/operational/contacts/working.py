"""Who works with a customer, by the records that other slices say make somebody do so."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet

from peyvand.platform.objects.spec import ObjectSpec, object_named

Rows = Callable[[], QuerySet[Any]]


@dataclass(frozen=True)
class Business:
    """The records of an object that make somebody work with a customer: those that are open, and those that were won."""

    open: Rows
    won: Rows | None = None


_business: dict[str, Business] = {}


def works_with(object_key: str, business: Business) -> None:
    """Say that whoever owns such a record works with its person and company."""
    _business[object_key] = business


def objects_with_customers() -> list[str]:
    """The objects whose customers go along."""
    return list(_business)


@dataclass
class Work:
    """Who works with each customer, by its id."""

    open: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    won: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))


def work_of(column: str, ids: Collection[int], spec: ObjectSpec, apart: Sequence[Any]) -> Work:
    """Who else works with these customers, apart from what changes hands now."""
    work, hands = Work(), [r.id for r in apart]
    if not ids:
        return work
    for key, business in _business.items():
        for source, found in ((business.open, work.open), (business.won, work.won)):
            if source is None:
                continue
            rows = source().filter(**{f"{column}__in": ids}, owner__is_active=True)
            if key == spec.key:
                rows = rows.exclude(id__in=hands)
            for id, owner in rows.order_by().values_list(column, "owner_id").distinct():
                found[id].add(owner)
    return work


def holding(column: str, pairs: Collection[tuple[int, int]], apart: Sequence[Any]) -> set[tuple[int, int]]:
    """Those of the pairs (customer, user) where the user has any record of the customer's, apart from what changes hands now."""
    found: set[tuple[int, int]] = set()
    for key in _business:
        rows = object_named(key).rows.filter(
            **{f"{column}__in": {id for id, _ in pairs}},
            owner_id__in={user for _, user in pairs},
            deleted_at__isnull=True,
        )
        rows = rows.exclude(id__in=[r.id for r in apart if r._meta.model_name == key])
        found |= set(rows.order_by().values_list(column, "owner_id").distinct())
    return found & set(pairs)


def goes(has: int | None, to: int, gave: Collection[int | None], work: Work, id: int) -> bool:
    """Whether a customer that ``has`` looks after goes along to ``to`` with what those in ``gave`` gave away."""
    if has is None:
        return True
    if has in gave:
        return has not in work.open[id]
    return not (work.open[id] - {to}) and has not in work.won[id]
