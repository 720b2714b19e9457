"""The fact about minutes."""

from __future__ import annotations

from peyvand.kernel.errors import Message, msg
from peyvand.platform.events.facts import Event, fact


@fact("minutes.written.v1", label=msg("Minutes of a meeting were written"), icon="note")
class MinutesWritten(Event):
    decisions: int = 0
    items: int = 0

    def describe(self) -> Message:
        return msg("wrote the minutes of %(title)s", title=self.title)
