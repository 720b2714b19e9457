"""Looking through a user's eyes, to see what they see: announced in the audit, and without a hand to write."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from peyvand.administration.members.events import LookedAs
from peyvand.kernel.errors import RuleViolation, msg
from peyvand.platform.access.previews import OPERATION, seen_as
from peyvand.platform.actions.action import action
from peyvand.platform.actions.context import Context
from peyvand.platform.identity.actor import user_actor
from peyvand.platform.identity.models import User


@action(OPERATION, label=_("Look through a user's eyes"), icon="eye", button=False, admin=True)
def view_as(ctx: Context, user: User) -> None:
    """Note that the actor is about to look through this user's eyes.

    Raises:
        NotAllowed: that user sees more than the actor may. RuleViolation: it is the actor.
    """
    if user.id == ctx.actor.user_id:
        raise RuleViolation(msg("You look through your own eyes already."))
    seen_as(ctx.actor, user_actor(ctx.tenant.id, user.id))
    ctx.record(LookedAs(object="user", object_id=user.id, title=user.name))
