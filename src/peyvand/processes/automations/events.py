"""Facts about automations: what one did for a record, and what it has people told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any, ClassVar

from peyvand.kernel.errors import Message, msg
from peyvand.platform.events.facts import Event, fact
from peyvand.processes.automations.reasons import all_said


@fact("automations.applied.v1", label=msg("An automation acted"), icon="gear")
class AutomationApplied(Event):
    """An automation did something for a record; ``deeds`` are as reasons.py keeps them, ``reason`` is why it acted."""

    automation_id: int = 0
    automation: str = ""
    deeds: list[dict[str, Any]] = field(default_factory=list)
    reason: str = ""

    def describe(self) -> Message:
        done = all_said(self.deeds) or ""
        if self.reason:
            return msg("by “%(name)s”: %(done)s (because: %(reason)s)", name=self.automation, done=done, reason=self.reason)  # fmt: skip
        return msg("by “%(name)s”: %(done)s", name=self.automation, done=done)


@fact("automations.told.v1", label=msg("An automation has somebody told"), icon="bell")
class AutomationTold(Event):
    """Users are to be told ``text`` of a record, filled in by their eyes: nobody else reads it."""

    only_to: ClassVar[Mapping[str, str]] = {"text": "user_ids"}

    user_ids: list[int] = field(default_factory=list)
    text: str = ""
    automation: str = ""

    def describe(self) -> Message:
        if self.text:
            return msg("told by “%(name)s”: %(text)s", name=self.automation, text=self.text)
        return msg("told by “%(name)s”", name=self.automation)
