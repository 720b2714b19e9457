"""What happens to reports that are sent."""

from __future__ import annotations

from peyvand.kernel.errors import Message, msg
from peyvand.platform.events.facts import Event, fact


@fact("reports.not_sent.v1", label=msg("A report could not be sent"), icon="alert")
class ReportNotSent(Event):
    """A report did not reach somebody, however often it was tried."""

    whom: str = ""

    def describe(self) -> Message:
        return msg("could not send “%(title)s” to %(whom)s", title=self.title, whom=self.whom)
