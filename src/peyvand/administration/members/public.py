"""What other slices may use of members: the people of a workspace, the ways in, the letters they get."""

from peyvand.administration.members import letters
from peyvand.administration.members.actions import add_user, create_workspace, set_password
from peyvand.administration.members.invitations import accept_invitation, open_invitation

__all__ = [
    "accept_invitation",
    "add_user",
    "create_workspace",
    "letters",
    "open_invitation",
    "set_password",
]
