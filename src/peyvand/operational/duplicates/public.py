"""What other slices may use of duplicates."""

from __future__ import annotations

from django.db.models import QuerySet

from peyvand.operational.duplicates.actions import begin_search, searching_lock
from peyvand.operational.duplicates.kinds import KINDS
from peyvand.operational.duplicates.models import Pair
from peyvand.operational.duplicates.queue import LATER, OPEN


def undecided_pairs(object_key: str) -> QuerySet[Pair] | None:
    """Pairs of an object's records that nobody has decided about; None where no duplicates are looked for."""
    if object_key not in KINDS:
        return None
    found: QuerySet[Pair] = Pair.objects.filter(object=object_key, state__in=(OPEN, LATER))
    return found


__all__ = ["begin_search", "searching_lock", "undecided_pairs"]
