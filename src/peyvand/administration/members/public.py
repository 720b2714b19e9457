"""What other slices may use of members: the people of a workspace, the ways in, the letters they get."""

from peyvand.administration.members import letters
from peyvand.administration.members.actions import add_user, create_workspace, set_password
from peyvand.administration.members.elevation import elevate, end_elevation
from peyvand.administration.members.invitations import accept_invitation, open_invitation
from peyvand.administration.members.scopes import EVERYTHING, SCOPES, clean_scopes, in_words, scope_options
from peyvand.administration.members.territories import create_territory, draw_territory

__all__ = [
    "EVERYTHING",
    "SCOPES",
    "accept_invitation",
    "add_user",
    "clean_scopes",
    "create_territory",
    "create_workspace",
    "draw_territory",
    "elevate",
    "end_elevation",
    "in_words",
    "letters",
    "open_invitation",
    "scope_options",
    "set_password",
]
