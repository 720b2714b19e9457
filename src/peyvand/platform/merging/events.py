"""What merging tells."""

from __future__ import annotations

from peyvand.kernel.errors import Message, msg
from peyvand.platform.events.facts import Event, fact


@fact("objects.record_merged.v1", label=msg("Records were merged"), icon="merge")
class RecordMerged(Event):
    """Another record became part of this one."""

    merge_id: int = 0
    loser_id: int = 0
    loser: str = ""

    def describe(self) -> Message:
        return msg("merged %(loser)s into %(title)s", loser=self.loser, title=self.title)


@fact("objects.record_unmerged.v1", label=msg("A merge was taken apart"), icon="undo")
class RecordUnmerged(Event):
    """What was merged are two records again."""

    merge_id: int = 0
    loser_id: int = 0
    loser: str = ""

    def describe(self) -> Message:
        return msg("took %(loser)s out of %(title)s again", loser=self.loser, title=self.title)
