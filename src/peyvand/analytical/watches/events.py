"""What watches see."""

from __future__ import annotations

from peyvand.kernel.errors import Message, msg
from peyvand.platform.events.facts import Event, fact


@fact("watches.crossed.v1", label=msg("A threshold was crossed"), icon="flag")
class MarkCrossed(Event):
    """A record came to the mark of a watch, or fell below it. It says which watch and no figure: who sees the record need
    not see all that was counted."""

    watch_id: int = 0
    watch: str = ""
    way: str = ""

    def describe(self) -> Message:
        if self.way == "down":
            return msg("saw it fall below the threshold “%(watch)s”", watch=self.watch)
        return msg("saw it reach the threshold “%(watch)s”", watch=self.watch)
