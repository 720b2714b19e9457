"""Facts about applications and what people let them do."""

from peyvand.kernel.errors import Message, msg
from peyvand.platform.events.facts import Event, fact


@fact("applications.application_registered.v1", label=msg("An application was registered"), icon="box")
class ApplicationRegistered(Event):
    name: str = ""

    def describe(self) -> Message:
        return msg("registered the application %(name)s", name=self.name)


@fact("applications.application_removed.v1", label=msg("An application was removed"), icon="trash")
class ApplicationRemoved(Event):
    name: str = ""

    def describe(self) -> Message:
        return msg("removed the application %(name)s", name=self.name)


@fact("applications.access_given.v1", label=msg("An application was given access"), icon="key")
class AccessGiven(Event):
    name: str = ""
    scopes: tuple[str, ...] = ()

    def describe(self) -> Message:
        return msg("let the application %(name)s act for them", name=self.name)


@fact("applications.access_ended.v1", label=msg("An application's access was ended"), icon="xc")
class AccessEnded(Event):
    name: str = ""

    def describe(self) -> Message:
        return msg("ended what the application %(name)s may do", name=self.name)
