"""What merging and taking apart elsewhere means for the queue."""

from __future__ import annotations

from collections.abc import Sequence

from peyvand.operational.duplicates.models import Pair
from peyvand.operational.duplicates.queue import DIFFERENT, MERGED
from peyvand.platform.events.facts import Event
from peyvand.platform.events.reactions import Cause, reaction
from peyvand.platform.merging.events import RecordMerged, RecordUnmerged


@reaction(RecordMerged, RecordUnmerged)
def follow_merges(cause: Cause, facts: Sequence[Event]) -> None:
    """A pair that was merged has its answer; one that was taken apart has the other."""
    for fact in facts:
        if isinstance(fact, RecordMerged | RecordUnmerged):
            one, other = sorted((fact.object_id, fact.loser_id))
            state = MERGED if isinstance(fact, RecordMerged) else DIFFERENT
            Pair.objects.filter(object=fact.object, one=one, other=other).update(state=state)
