"""Facts about applications and what people let them do."""

from peyvand.kernel.errors import Message, msg
from peyvand.platform.events.facts import Event, fact


@fact("applications.application_registered.v1", icon="box")
class ApplicationRegistered(Event):
    name: str = ""

    def describe(self) -> Message:
        return msg("registered the application %(name)s", name=self.name)


@fact("applications.application_removed.v1", icon="trash")
class ApplicationRemoved(Event):
    name: str = ""

    def describe(self) -> Message:
        return msg("removed the application %(name)s", name=self.name)


@fact("applications.access_given.v1", icon="key")
class AccessGiven(Event):
    name: str = ""
    scopes: tuple[str, ...] = ()

    def describe(self) -> Message:
        return msg("let the application %(name)s act for them", name=self.name)


@fact("applications.access_ended.v1", icon="xc")
class AccessEnded(Event):
    name: str = ""

    def describe(self) -> Message:
        return msg("ended what the application %(name)s may do", name=self.name)
