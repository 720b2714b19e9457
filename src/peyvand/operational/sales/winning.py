"""Signs that an open deal is sold, as the slices above know them: its quote was accepted, its invoice is paid."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection
from typing import Any

from django.db.models import Q, QuerySet

from peyvand.platform.fields.types import Label

Source = Callable[[], QuerySet[Any]]
_signs: list[tuple[Label, Source]] = []


def sign_of_winning(says: Label) -> Callable[[Source], Source]:
    """Have a function give the rows that are such a sign, each with its ``deal_id``; ``says`` is the reason for people."""

    def register(source: Source) -> Source:
        _signs.append((says, source))
        return source

    return register


def with_signs() -> Q:
    """The condition on deals for which there is a sign."""
    found = Q(pk__in=[])
    for _says, source in _signs:
        found |= Q(id__in=source().filter(deal_id__isnull=False).values("deal_id"))
    return found


def signs_of(deals: Collection[int]) -> dict[int, list[Label]]:
    """Why each of these deals seems won, of those that do; one query for each kind of sign."""
    found: dict[int, list[Label]] = defaultdict(list)
    for says, source in _signs:
        for id in source().filter(deal_id__in=deals).values_list("deal_id", flat=True).distinct():
            found[id].append(says)
    return found
