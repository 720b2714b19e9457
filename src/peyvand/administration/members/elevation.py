"""Another role for a while: what support is given instead of a permanent superuser.

It has a reason, ends by itself within a day, can be taken back at any moment, marks every line of the audit that it made
possible, and cannot be handed on.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from peyvand.administration.members.actions import role_named
from peyvand.administration.members.cover import demand_cover
from peyvand.administration.members.events import RightsLent, RightsTakenBack
from peyvand.kernel import clock
from peyvand.kernel.errors import Invalid, NotFound, RuleViolation, msg
from peyvand.kernel.persian.text import tidy
from peyvand.platform.actions.action import action
from peyvand.platform.actions.context import Context
from peyvand.platform.identity.models import Elevation, User

MOST_HOURS: Final = 24


@action("user.elevate", label=_("Lend a role"), icon="shield", button=False, admin=True)
def elevate(ctx: Context, user: User, *, role: str, hours: int, reason: str) -> Elevation:
    """Lend a user another role for some hours; what was lent to them before ends.

    Raises:
        NotAllowed: the role, or the user's own, allows more than the actor may, or the actor's own is lent. Invalid: no
        reason, too long, or less than the user may already.
    """
    lent, reason = role_named(role), tidy(reason)
    demand_cover(ctx, lent)
    demand_cover(ctx, user.role)
    if not lent.rights.covers(user.role.rights):
        # A lent role stands in for the user's own; a smaller one would shut them out.
        raise Invalid.of(msg("This role allows less than the user may already."), "role")
    if not reason:
        raise Invalid.of(msg("Say why; it stays in the audit."), "reason", "required")
    if not 1 <= hours <= MOST_HOURS:
        raise Invalid.of(msg("A role is lent for at most %(hours)s hours.", hours=MOST_HOURS), "hours")
    if not user.is_active or user.deleted_at is not None:
        raise RuleViolation(msg("This user is switched off."))
    now = clock.now()
    lasting(user.id).update(ended_at=now)
    made: Elevation = Elevation.objects.create(
        user=user, role=lent, reason=reason[:500], granted_by_id=ctx.actor.user_id, ends_at=now + timedelta(hours=hours)
    )  # fmt: skip
    ctx.record(
        RightsLent(
            object="user", object_id=user.id, title=user.name, role=lent.key, reason=made.reason, ends_at=made.ends_at.isoformat()
        )
    )  # fmt: skip
    ctx.touch("user", user.id)
    return made


@action("user.end_elevation", label=_("Take a lent role back"), icon="xc", button=False, admin=True)
def end_elevation(ctx: Context, user: User) -> None:
    """Take back what was lent to a user.

    Raises:
        NotFound: nothing is. NotAllowed: the user's own role allows more than the actor may.
    """
    if user.id != ctx.actor.user_id:
        demand_cover(ctx, user.role)
    if not lasting(user.id).update(ended_at=clock.now()):
        raise NotFound
    ctx.record(RightsTakenBack(object="user", object_id=user.id, title=user.name))
    ctx.touch("user", user.id)


def lasting(user_id: int | None = None) -> QuerySet[Any]:
    """What is lent now, to one user or to anybody."""
    found = Elevation.objects.filter(ended_at=None, ends_at__gt=clock.now())
    return found if user_id is None else found.filter(user_id=user_id)
