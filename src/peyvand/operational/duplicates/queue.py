"""The queue of likely pairs: what the actor may see of it, and merging one of its pairs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.db.models import QuerySet

from peyvand.kernel import clock
from peyvand.kernel.errors import NotFound
from peyvand.operational.duplicates.kinds import kind_of
from peyvand.operational.duplicates.models import Pair
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import is_empty
from peyvand.platform.merging.merging import merge_records
from peyvand.platform.merging.models import Merge
from peyvand.platform.objects.queries import ListQuery
from peyvand.platform.objects.spec import ObjectSpec

OPEN, LATER, DIFFERENT, MERGED = "open", "later", "different", "merged"
MOST_COUNTED: Final = 1000


def pairs_for(ctx: Context, spec: ObjectSpec, state: str = OPEN) -> QuerySet[Pair]:
    """Pairs of which the actor may merge both records, surest first; pairs with a record in the bin are left out."""
    may = ListQuery(spec, ctx.actor, ()).rows("merge")
    found: QuerySet[Pair] = Pair.objects.filter(
        object=spec.key, state=state, one__in=may.values("id"), other__in=may.values("id")
    )
    return found.order_by("-score", "id")


def load_pair(ctx: Context, spec: ObjectSpec, id: int, *, lock: bool = False) -> Pair:
    """
    Raises:
        NotFound: there is no such pair, or the actor may not merge its records.
    """
    may = ListQuery(spec, ctx.actor, ()).rows("merge")
    found = Pair.objects.filter(id=id, object=spec.key, one__in=may.values("id"), other__in=may.values("id"))
    pair: Pair | None = (found.select_for_update() if lock else found).first()
    if pair is None:
        raise NotFound
    return pair


def sure_pairs(ctx: Context, spec: ObjectSpec, least: int) -> QuerySet[Pair]:
    """Those of the queue's undecided pairs with a score of ``least`` percent or more."""
    return pairs_for(ctx, spec).filter(score__gte=least * 10)


def better_of(ctx: Context, spec: ObjectSpec, pair: Pair) -> int:
    """The record that says more, which the other had better become part of; of equals the older."""
    rows = {r.id: r for r in spec.rows.filter(id__in=[pair.one, pair.other])}
    loaded = [f.load([pair.one, pair.other]) for f in spec.compound_fields]

    def filled(id: int) -> int:
        single = sum(not is_empty(f.read(rows[id])) for f in spec.stored_fields) if id in rows else 0
        return single + sum(len(values.get(id, ())) for values in loaded)

    return pair.other if filled(pair.other) > filled(pair.one) else pair.one


def merge_pair(
    ctx: Context, pair: Pair, winner: int | None = None, choices: Mapping[str, int] | None = None
) -> list[Merge]:
    """Make one record of a pair; ``winner`` is the better of the two where none is named."""
    spec = kind_of(pair.object).spec
    kept = winner if winner in (pair.one, pair.other) else better_of(ctx, spec, pair)
    merges = merge_records(ctx, spec, kept, [pair.other if kept == pair.one else pair.one], choices)
    note_decision(ctx, pair, MERGED)
    return merges


def note_decision(ctx: Context, pair: Pair, state: str) -> None:
    """Write what was decided of a pair, and by whom."""
    changes: dict[str, Any] = {"state": state, "decided_by_id": ctx.actor.user_id, "decided_at": clock.now()}
    Pair.objects.filter(id=pair.id).update(**changes)
