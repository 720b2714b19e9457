"""What assignment does because something happened: new records without an owner are given out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import partial

from peyvand.operational.assignment.assigning import give_out, held
from peyvand.operational.assignment.fields import KINDS
from peyvand.operational.assignment.pools import open_rows
from peyvand.operational.assignment.rules import kind_named
from peyvand.platform.actions.action import perform
from peyvand.platform.actions.context import reaction_context
from peyvand.platform.events.facts import Event, RecordCreated
from peyvand.platform.events.reactions import Cause, reaction


@reaction(RecordCreated, objects=KINDS)
def give_new(cause: Cause, facts: Sequence[Event]) -> None:
    """Give those of the new records to somebody that nobody has."""
    ctx = reaction_context(cause)
    made: dict[str, set[int]] = defaultdict(set)
    for fact in facts:
        made[fact.object].add(fact.object_id)
    for key, ids in sorted(made.items()):
        spec = kind_named(key)
        held(key)
        # What was closed before anybody had it needs nobody any more.
        records = list(open_rows(ctx, spec).filter(id__in=ids, owner__isnull=True).order_by("id"))
        if records:
            perform(ctx, spec.permission("assign_now_many"), records, partial(give_out, ctx, spec, records))
