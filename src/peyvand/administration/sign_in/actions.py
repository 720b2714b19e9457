"""What everybody may change about themselves."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from peyvand.kernel.errors import Invalid, NotAllowed, msg
from peyvand.kernel.persian.text import tidy
from peyvand.platform.actions.action import action
from peyvand.platform.actions.context import Context
from peyvand.platform.events.facts import RecordUpdated
from peyvand.platform.identity.actor import access_changed
from peyvand.platform.identity.models import Account, User


@action("profile.rename", label=_("Change my name"), on="none", icon="user", button=False)
def rename_myself(ctx: Context, *, name: str) -> None:
    """Change how I am called, in this workspace and in letters.

    Raises:
        Invalid: the name is empty or longer than 200 letters.
    """
    name = tidy(name)
    if not name or len(name) > 200:
        raise Invalid.of(msg("Write your name, in 200 letters at most."), "name")
    if ctx.actor.user_id is None or ctx.actor.account_id is None:
        raise NotAllowed
    user = User.objects.get(id=ctx.actor.user_id)
    old, user.name = user.name, name
    user.version += 1
    user.save(update_fields=["name", "version", "updated_at"])
    Account.objects.filter(id=ctx.actor.account_id).update(name=name)
    access_changed(ctx.tenant.id)
    ctx.record(RecordUpdated(object="user", object_id=user.id, title=name, changes={"name": [old, name]}))
    ctx.touch("user", user.id)
