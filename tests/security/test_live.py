"""Whoever was switched off hears no more of what changes."""

from __future__ import annotations

from typing import Any

from peyvand.administration.members.roles import switch_off
from peyvand.platform.actions.context import Context
from peyvand.platform.identity.actor import user_actor
from peyvand.platform.identity.models import Membership, User
from peyvand.platform.identity.sessions import ACCOUNT, SessionStore
from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.web.live import _workspace_of


def test_the_stream_opens_to_members_who_are_on(committed: Any) -> None:
    arman, sara, babak = committed.arman.id, committed.sara.id, committed.babak.id
    session = SessionStore()
    session[ACCOUNT] = Membership.objects.get(workspace_id=arman, user_id=babak).account_id
    session.create()
    scope = {"headers": [(b"cookie", f"peyvand_session={session.session_key}".encode())]}
    assert _workspace_of(scope, "arman") == arman
    assert _workspace_of(scope, "rival") is None
    with workspace_scope(arman):
        switch_off(Context(user_actor(arman, sara), "web"), User.objects.get(id=babak))
    assert _workspace_of(scope, "arman") is None
