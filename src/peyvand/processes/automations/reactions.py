"""What automations do because something happened that one of them waits for."""

from __future__ import annotations

from collections.abc import Sequence

from peyvand.platform.events.facts import Event
from peyvand.platform.events.reactions import Cause, reaction_to_awaited
from peyvand.processes.automations.rules import active, awaited
from peyvand.processes.automations.running import answer


@reaction_to_awaited(awaited)
def act(cause: Cause, facts: Sequence[Event]) -> None:
    """Have every active automation answer to those of the facts that it waits for."""
    wires = {fact.wire for fact in facts}
    for automation in active().filter(event__in=wires):
        pairs = [(f, id) for f, id in zip(facts, cause.event_ids, strict=True) if f.wire == automation.event]
        answer(cause, automation, [fact for fact, _ in pairs], [id for _, id in pairs])
