"""Facts about assignment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any, ClassVar

from peyvand.kernel.errors import Message, msg
from peyvand.operational.assignment.reasons import why
from peyvand.platform.events.facts import Event, fact


@fact("assignment.record_given.v1", label=msg("A record was given out by a rule"), icon="users")
class RecordGiven(Event):
    """A rule, an absence or a hand-over gave a record to somebody; ``reason`` is as reasons.py keeps it."""

    gives: ClassVar[bool] = True
    tells: ClassVar[Mapping[str, str]] = {
        "to_user": "owner",
        "to_user_id": "owner",
        "reason": "owner",
        "from_user_id": "owner",
    }

    to_user_id: int | None = None
    to_user: str = ""
    from_user_id: int | None = None
    rule: str = ""
    reason: dict[str, Any] = field(default_factory=dict)

    def describe(self) -> Message:
        if not self.to_user:
            return msg("found nobody who could take %(title)s", title=self.title)
        return msg(
            "gave %(title)s to %(name)s: %(why)s", title=self.title, name=self.to_user, why=why(self.reason)
        )
