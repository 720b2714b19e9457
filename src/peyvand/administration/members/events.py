"""Facts about who works here and with which keys."""

from dataclasses import field
from typing import Any

from peyvand.kernel.errors import Message, msg
from peyvand.platform.events.facts import Event, fact


@fact("members.user_added.v1", label=msg("A user was added"), icon="uplus")
class UserAdded(Event):
    role: str = ""

    def describe(self) -> Message:
        return msg("added the user %(title)s", title=self.title)


@fact("members.token_created.v1", label=msg("An API token was created"), icon="key")
class TokenCreated(Event):
    token_id: int = 0
    name: str = ""

    def describe(self) -> Message:
        return msg("created the API token %(name)s for %(title)s", name=self.name, title=self.title)


@fact("members.token_revoked.v1", label=msg("An API token was revoked"), icon="key")
class TokenRevoked(Event):
    token_id: int = 0
    name: str = ""

    def describe(self) -> Message:
        return msg("revoked the API token %(name)s", name=self.name)


@fact("members.token_rotated.v1", label=msg("An API token got a new secret"), icon="key")
class TokenRotated(Event):
    token_id: int = 0
    name: str = ""

    def describe(self) -> Message:
        return msg("gave the API token %(name)s a new secret", name=self.name)


@fact("members.invitation_sent.v1", label=msg("An invitation was sent"), icon="mail")
class InvitationSent(Event):
    email: str = ""

    def describe(self) -> Message:
        return msg("invited %(title)s", title=self.title)


@fact("members.invitation_accepted.v1", label=msg("An invitation was accepted"), icon="check")
class InvitationAccepted(Event):
    def describe(self) -> Message:
        return msg("%(title)s joined", title=self.title)


@fact("members.invitation_revoked.v1", label=msg("An invitation was withdrawn"), icon="xc")
class InvitationRevoked(Event):
    def describe(self) -> Message:
        return msg("withdrew the invitation of %(title)s", title=self.title)


@fact("members.role_given.v1", label=msg("A user got a role"), icon="shield")
class RoleGiven(Event):
    before: str = ""
    after: str = ""

    def describe(self) -> Message:
        return msg("gave %(title)s the role %(role)s", title=self.title, role=self.after)


@fact("members.user_switched_off.v1", label=msg("A user was switched off"), icon="xc")
class UserSwitchedOff(Event):
    def describe(self) -> Message:
        return msg("switched off %(title)s", title=self.title)


@fact("members.user_switched_on.v1", label=msg("A user was switched on again"), icon="check")
class UserSwitchedOn(Event):
    def describe(self) -> Message:
        return msg("switched %(title)s on again", title=self.title)


@fact("members.role_changed.v1", label=msg("A role was changed"), icon="shield")
class RoleChanged(Event):
    grants: dict[str, Any] = field(default_factory=dict)

    def describe(self) -> Message:
        return msg("changed what the role %(title)s allows", title=self.title)


@fact("members.role_deleted.v1", label=msg("A role was deleted"), icon="trash")
class RoleDeleted(Event):
    def describe(self) -> Message:
        return msg("deleted the role %(title)s", title=self.title)


@fact("members.rights_lent.v1", label=msg("A role was lent"), icon="shield")
class RightsLent(Event):
    role: str = ""
    reason: str = ""
    ends_at: str = ""

    def describe(self) -> Message:
        return msg(
            "lent %(title)s the role %(role)s: %(reason)s",
            title=self.title,
            role=self.role,
            reason=self.reason,
        )


@fact("members.rights_taken_back.v1", label=msg("A lent role was taken back"), icon="shield")
class RightsTakenBack(Event):
    def describe(self) -> Message:
        return msg("took back the role that %(title)s had been lent", title=self.title)


@fact("members.looked_as.v1", label=msg("Somebody looked through another's eyes"), icon="eye")
class LookedAs(Event):
    def describe(self) -> Message:
        return msg("looked at the workspace through the eyes of %(title)s", title=self.title)


@fact("members.territory_changed.v1", label=msg("A territory was changed"), icon="pin")
class TerritoryChanged(Event):
    def describe(self) -> Message:
        return msg("changed the territory %(title)s", title=self.title)


@fact("members.territory_deleted.v1", label=msg("A territory was deleted"), icon="trash")
class TerritoryDeleted(Event):
    def describe(self) -> Message:
        return msg("deleted the territory %(title)s", title=self.title)
