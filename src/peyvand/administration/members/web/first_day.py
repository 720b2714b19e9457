"""The step of the checklist that brings in the colleagues."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from peyvand.platform.access.decisions import decide
from peyvand.platform.actions.context import Context
from peyvand.platform.identity.models import User
from peyvand.web.shell.first_day import FirstStep, first_step


@first_step(order=20)
def invite_colleagues(ctx: Context) -> FirstStep | None:
    if not decide(ctx.actor, "user.invite"):
        return None
    others = User.objects.filter(is_active=True, deleted_at__isnull=True).exclude(id=ctx.actor.user_id)
    return FirstStep(
        _("Invite your colleagues"), _("Each gets a letter, a role, and sees what their role allows."), "uplus", "settings/users",
        others.exists(),
    )  # fmt: skip
