"""Nobody hands out more than they have: by a role, an invitation or a key."""

from __future__ import annotations

from peyvand.kernel.errors import Message, NotAllowed, msg
from peyvand.platform.access.decisions import demand_lasting
from peyvand.platform.actions.context import Context
from peyvand.platform.identity.grants import Grants
from peyvand.platform.identity.models import Role
from peyvand.platform.identity.roles import OWNER

TOO_MUCH: Message = msg("This role allows more than you may yourself.")


def demand_cover(ctx: Context, role: Role) -> None:
    """Raises:
    NotAllowed: the role allows more than the actor may.
    """
    if role.key == OWNER and ctx.actor.role not in (OWNER, "system"):
        raise NotAllowed(msg("Only an owner can do this to an owner."))
    demand_cover_of(ctx, role.rights)


def demand_cover_of(ctx: Context, grants: Grants) -> None:
    """As demand_cover, for grants that no role has yet."""
    demand_lasting(ctx.actor)
    if ctx.actor.grants.only is not None:
        raise NotAllowed(TOO_MUCH)
    if ctx.actor.role != OWNER and not ctx.actor.grants.covers(grants):
        raise NotAllowed(TOO_MUCH)
