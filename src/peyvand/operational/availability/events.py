"""Facts about absences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from peyvand.kernel.errors import Message, msg
from peyvand.platform.events.facts import Event, fact


@fact("availability.absence_approved.v1", label=msg("An absence was approved"), icon="check")
class AbsenceApproved(Event):
    implies: ClassVar[tuple[str, ...]] = ("state",)

    user_id: int = 0
    starts_on: str = ""
    ends_on: str = ""

    def describe(self) -> Message:
        return msg("approved the absence of %(title)s", title=self.title)


@fact("availability.absence_refused.v1", label=msg("An absence was refused"), icon="xc")
class AbsenceRefused(Event):
    implies: ClassVar[tuple[str, ...]] = ("state",)
    tells: ClassVar[Mapping[str, str]] = {"reason": "reason"}

    user_id: int = 0
    reason: str = ""

    def describe(self) -> Message:
        if self.reason:
            return msg("refused the absence of %(title)s (%(reason)s)", title=self.title, reason=self.reason)
        return msg("refused the absence of %(title)s", title=self.title)


@fact("availability.absence_asked.v1", label=msg("Approval of an absence was asked for"), icon="help")
class AbsenceAsked(Event):
    implies: ClassVar[tuple[str, ...]] = ("state",)

    def describe(self) -> Message:
        return msg("asked to approve the absence of %(title)s", title=self.title)
