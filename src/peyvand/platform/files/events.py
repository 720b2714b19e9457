"""Facts about files."""

from __future__ import annotations

from peyvand.kernel.errors import Message, msg
from peyvand.platform.events.facts import Event, fact


@fact("files.file_attached.v1", label=msg("A file was attached"), icon="clip")
class FileAttached(Event):
    file_id: int = 0
    name: str = ""

    def describe(self) -> Message:
        return msg("attached the file “%(name)s”", name=self.name)


@fact("files.file_removed.v1", label=msg("A file was removed"), icon="trash")
class FileRemoved(Event):
    file_id: int = 0
    name: str = ""

    def describe(self) -> Message:
        return msg("removed the file “%(name)s”", name=self.name)
