"""Who is told of what happens to deals. That a big deal came up is told to its owner's manager as a task (reactions.py)."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from peyvand.kernel.errors import msg
from peyvand.operational.sales.events import DealAssigned
from peyvand.platform.events.reactions import Cause
from peyvand.platform.notifications.telling import Told, tells


@tells(
    DealAssigned,
    label=_("A deal is given to me"),
    group=_("Sales"),
    says=lambda fact, who, reader: msg("%(who)s gave you the deal %(title)s", who=who, title=fact.title),
    many=_("%(count)s deals were given to you"),
)
def new_owner(cause: Cause, facts: Sequence[DealAssigned]) -> Told:
    return [[fact.to_owner_id] for fact in facts]
