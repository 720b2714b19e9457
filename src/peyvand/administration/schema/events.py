"""Facts about what a workspace defined for itself."""

from __future__ import annotations

from dataclasses import field
from typing import Any

from peyvand.kernel.errors import Message, msg
from peyvand.platform.events.facts import Event, fact


@fact("schema.changed.v1", label=msg("Fields and objects were changed"), icon="sliders")
class SchemaChanged(Event):
    """A field, an object or a layout was defined, changed, archived or restored; ``what`` is its key."""

    what: str = ""
    verb: str = ""
    changes: dict[str, Any] = field(default_factory=dict)

    def describe(self) -> Message:
        return msg("changed the fields and objects of the workspace")
