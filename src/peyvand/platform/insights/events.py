"""What happens to insights."""

from __future__ import annotations

from dataclasses import field
from typing import Any, ClassVar

from peyvand.kernel.errors import Message, msg
from peyvand.platform.events.facts import Event, fact

_SAYS = {
    "up": msg("saw %(insight)s rise from “%(was)s” to “%(now)s”"),
    "down": msg("saw %(insight)s fall from “%(was)s” to “%(now)s”"),
    "": msg("saw %(insight)s change from “%(was)s” to “%(now)s”"),
}


@fact("insights.level_changed.v1", label=msg("An insight changed its level"), icon="chart")
class InsightLevelChanged(Event):
    """A customer's risk rose, a deal's score fell, a segment changed. ``was`` and ``now`` are keys of the levels."""

    names_field: ClassVar[str] = "insight"

    insight: str
    was: str
    now: str
    # up, down, or empty where the levels are no ranks.
    direction: str = ""
    # As telling.py reads them.
    reasons: list[Any] = field(default_factory=list)
    # How the insight and its levels are called, in the words of the catalogue.
    names: dict[str, str] = field(default_factory=dict)

    def describe(self) -> Message:
        named = {key: Message(self.names.get(key, getattr(self, key))) for key in ("insight", "was", "now")}
        return Message(_SAYS.get(self.direction, _SAYS[""]).template, named)
