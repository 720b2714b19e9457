"""Facts about the workspace itself."""

from __future__ import annotations

from dataclasses import field
from typing import Any

from peyvand.kernel.errors import Message, msg
from peyvand.platform.events.facts import Event, fact


@fact("settings.module_switched.v1", label=msg("A module was switched on or off"), icon="box")
class ModuleSwitched(Event):
    module: str = ""
    is_on: bool = True

    def describe(self) -> Message:
        return msg("switched on a module") if self.is_on else msg("switched off a module")


@fact("settings.workspace_updated.v1", label=msg("The workspace's settings were changed"), icon="gear")
class WorkspaceUpdated(Event):
    changes: dict[str, Any] = field(default_factory=dict)

    def describe(self) -> Message:
        return msg("changed the settings of the workspace")
