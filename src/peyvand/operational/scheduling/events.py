"""Facts about what comes again."""

from __future__ import annotations

from peyvand.kernel.errors import Message, msg
from peyvand.platform.events.facts import Event, fact


@fact("scheduling.series_started.v1", label=msg("A repetition was set"), icon="refresh")
class SeriesStarted(Event):
    series_id: int = 0

    def describe(self) -> Message:
        return msg("made %(title)s come again and again", title=self.title)


@fact("scheduling.series_changed.v1", label=msg("A series was changed"), icon="refresh")
class SeriesChanged(Event):
    series_id: int = 0
    records: int = 0

    def describe(self) -> Message:
        return msg("changed the series of %(title)s", title=self.title)


@fact("scheduling.series_ended.v1", label=msg("A series was ended"), icon="xc")
class SeriesEnded(Event):
    series_id: int = 0

    def describe(self) -> Message:
        return msg("ended the series of %(title)s", title=self.title)
