"""Facts about sequences: who went in, and how they came out."""

from __future__ import annotations

from typing import ClassVar

from peyvand.collaborative.sequences.reasons import LABELS
from peyvand.kernel.errors import Message, msg
from peyvand.platform.events.facts import Event, fact


@fact("sequences.enrolled.v1", label=msg("Somebody was put into a sequence"), icon="flow")
class Enrolled(Event):
    """``title`` is the sequence's name."""

    person_id: int | None = None
    sequence_id: int = 0

    def describe(self) -> Message:
        return msg("began the sequence %(title)s", title=self.title)


@fact("sequences.ended.v1", label=msg("A sequence ended for somebody"), icon="flow")
class Ended(Event):
    """It was gone through to its end, or (``reason``) stopped before."""

    implies: ClassVar[tuple[str, ...]] = ("state",)

    person_id: int | None = None
    sequence_id: int = 0
    reason: str = ""

    def describe(self) -> Message:
        if not self.reason:
            return msg("came to the end of the sequence %(title)s", title=self.title)
        why = LABELS.get(self.reason, self.reason)
        return msg("stopped the sequence %(title)s: %(why)s", title=self.title, why=str(why))
