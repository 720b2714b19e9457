"""Nobody gives away more than they have: by a role, an invitation or a key, however the grants are written."""

from __future__ import annotations

from typing import Any

import pytest

from peyvand.administration.members.actions import create_token
from peyvand.administration.members.invitations import invite_user, resend, revoke
from peyvand.administration.members.roles import give_role
from peyvand.kernel.errors import NotAllowed
from peyvand.platform.identity.grants import Grants
from peyvand.platform.identity.models import Role, User
from peyvand.platform.identity.roles import BUILTIN_ROLES
from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.testing.programs import program_of


def grants(operations: dict[str, str], fields: dict[str, str] | None = None) -> Grants:
    return Grants.from_json(operations, fields or {})


def test_a_verb_denied_everywhere_is_not_given_back_by_an_object() -> None:
    clerk = grants({"*": "all", "*.export": "none"})
    assert not clerk.covers(grants({"deal.*": "all"}))
    assert clerk.covers(grants({"deal.*": "all", "deal.export": "none"}))


def test_a_hidden_field_is_not_given_back_by_another_role() -> None:
    clerk = grants({"*": "all"}, {"deal.amount": "hidden", "deal.name": "read"})
    assert not clerk.covers(grants({"*": "all"}))
    assert not clerk.covers(grants({"*": "all"}, {"deal.amount": "read", "deal.name": "read"}))
    assert clerk.covers(grants({"*": "all"}, {"deal.amount": "hidden", "deal.name": "hidden"}))


def test_a_clerk_who_invites_and_makes_keys_stays_a_clerk(cast: Any, acting: Any) -> None:
    """A role of one's own with a few verbs must not become an administrator by way of a colleague."""
    verbs = dict.fromkeys(
        ("user.view", "user.invite", "user.create", "user.resend", "user.revoke", "token.create"), "all"
    )
    with workspace_scope(cast.arman.id):
        Role.objects.create(key="clerk", name="Clerk", grants={**BUILTIN_ROLES["member"][1], **verbs})
        pending = invite_user(acting(cast.sara), email="boss@arman.example", role="admin").user
        give_role(acting(cast.sara), cast.babak, role="clerk")
        clerk = acting(cast.babak)
        assert invite_user(clerk, email="friend@arman.example", role="member").secret
        assert create_token(clerk, User.objects.get(id=cast.babak.id))
    for attempt in (
        lambda: invite_user(clerk, email="me@evil.example", role="admin"),
        lambda: create_token(clerk, cast.sara),
        lambda: resend(clerk, pending),
        lambda: revoke(clerk, pending),
    ):
        with workspace_scope(cast.arman.id), pytest.raises(NotAllowed):
            attempt()


def test_an_admin_makes_no_key_of_an_owner(cast: Any, acting: Any) -> None:
    with workspace_scope(cast.arman.id):
        give_role(acting(cast.sara), cast.mina, role="admin")
        assert create_token(acting(cast.mina), cast.babak)
    with workspace_scope(cast.arman.id), pytest.raises(NotAllowed):
        create_token(acting(cast.mina), cast.sara)


def test_a_member_leaves_what_belongs_to_everybody(cast: Any) -> None:
    sara, babak = program_of(cast.sara, cast.arman), program_of(cast.babak, cast.arman)
    for plural in ("tags", "competitors"):
        id = sara.post(plural, {"name": "Ours"}).json["id"]
        assert babak.get(f"{plural}/{id}").status == 200
        assert babak.patch(f"{plural}/{id}", {"name": "Mine"}).status == 403
        assert babak.delete(f"{plural}/{id}").status == 403
        assert babak.post(plural, {"name": "New"}).status == 201
