"""Who every test starts with."""

from __future__ import annotations

from dataclasses import dataclass

from peyvand.administration.members.actions import add_user, create_workspace
from peyvand.platform.actions.context import job_context
from peyvand.platform.identity.actor import Tenant
from peyvand.platform.identity.models import Team, User
from peyvand.platform.workspaces.scope import workspace_scope


@dataclass(frozen=True)
class Cast:
    """Who every test starts with. Sara owns Arman; Babak is a member of its sales team under Mina, a manager; Cyrus
    owns another workspace, Rival. All values are users' ids but for the tenants."""

    arman: Tenant
    rival: Tenant
    sara: User
    mina: User
    babak: User
    viewer: User
    cyrus: User


def build_cast() -> Cast:
    """Make both workspaces and everybody in them."""
    arman = create_workspace("arman", "Arman")
    rival = create_workspace("rival", "Rival")
    with workspace_scope(arman.id):
        ctx = job_context(arman)
        team = Team.objects.create(name="Sales")
        sara = add_user(
            ctx, name="Sara Moini", email="sara@arman.example", role="owner", password="correct horse 1"
        )
        mina = add_user(
            ctx,
            name="Mina Sadeghi",
            email="mina@arman.example",
            role="manager",
            team=team,
            password="correct horse 2",
        )
        babak = add_user(
            ctx,
            name="Babak Naderi",
            email="babak@arman.example",
            role="member",
            team=team,
            manager=mina,
            password="correct horse 3",
        )
        viewer = add_user(
            ctx, name="Vida Viewer", email="vida@arman.example", role="viewer", password="correct horse 4"
        )
    with workspace_scope(rival.id):
        cyrus = add_user(
            job_context(rival),
            name="Cyrus",
            email="cyrus@rival.example",
            role="owner",
            password="correct horse 5",
        )
    return Cast(arman, rival, sara, mina, babak, viewer, cyrus)
