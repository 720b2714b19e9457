"""Facts about who works here and with which keys."""

from peyvand.kernel.errors import Message, msg
from peyvand.platform.events.facts import Event, fact


@fact("members.user_added.v1", icon="uplus")
class UserAdded(Event):
    role: str = ""

    def describe(self) -> Message:
        return msg("added the user %(title)s", title=self.title)


@fact("members.token_created.v1", icon="key")
class TokenCreated(Event):
    token_id: int = 0
    name: str = ""

    def describe(self) -> Message:
        return msg("created the API token %(name)s for %(title)s", name=self.name, title=self.title)


@fact("members.token_revoked.v1", icon="key")
class TokenRevoked(Event):
    token_id: int = 0
    name: str = ""

    def describe(self) -> Message:
        return msg("revoked the API token %(name)s", name=self.name)


@fact("members.invitation_sent.v1", icon="mail")
class InvitationSent(Event):
    email: str = ""

    def describe(self) -> Message:
        return msg("invited %(title)s", title=self.title)


@fact("members.invitation_accepted.v1", icon="check")
class InvitationAccepted(Event):
    def describe(self) -> Message:
        return msg("%(title)s joined", title=self.title)


@fact("members.invitation_revoked.v1", icon="xc")
class InvitationRevoked(Event):
    def describe(self) -> Message:
        return msg("withdrew the invitation of %(title)s", title=self.title)
