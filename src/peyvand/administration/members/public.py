"""What other slices may use of members: the people of a workspace, the ways in, the letters they get, small dialogs."""

from peyvand.administration.members import letters
from peyvand.administration.members.actions import add_user, create_workspace, set_password
from peyvand.administration.members.invitations import accept_invitation, open_invitation
from peyvand.administration.members.scopes import EVERYTHING, SCOPES, clean_scopes, in_words, scope_options
from peyvand.administration.members.web.dialogs import MENDABLE, dialog, done, typed

__all__ = [
    "EVERYTHING",
    "MENDABLE",
    "SCOPES",
    "accept_invitation",
    "add_user",
    "clean_scopes",
    "create_workspace",
    "dialog",
    "done",
    "in_words",
    "letters",
    "open_invitation",
    "scope_options",
    "set_password",
    "typed",
]
