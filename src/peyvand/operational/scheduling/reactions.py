"""What scheduling does because something happened: what is done or called off is followed by the next of its series."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import F

from peyvand.operational.scheduling.models import Occurrence
from peyvand.operational.scheduling.series import carry_on
from peyvand.platform.actions.context import reaction_context
from peyvand.platform.events.facts import Event, all_facts
from peyvand.platform.events.reactions import Cause, reaction

_OVER = [all_facts()[f"activities.{name}.v1"] for name in (
    "task_completed", "task_cancelled", "meeting_held", "meeting_cancelled",
)]  # fmt: skip


@reaction(*_OVER, always=True)
def follow(cause: Cause, facts: Sequence[Event]) -> None:
    """Make the next record of those series whose latest record is over."""
    ids: set[int] = set()
    for kind in ("task", "meeting"):
        over = {fact.object_id for fact in facts if fact.object == kind}
        latest = Occurrence.objects.filter(object=kind, object_id__in=over, on=F("series__last_on"))
        ids |= set(latest.values_list("series_id", flat=True))
    if ids:
        carry_on(reaction_context(cause), ids)
