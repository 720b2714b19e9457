"""The line on a record's page that says it is on hold, or puts it there."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from peyvand.administration.retention.actions import HOLD
from peyvand.administration.retention.models import RetentionHold
from peyvand.platform.access.decisions import decide
from peyvand.platform.actions.context import Context
from peyvand.platform.database.compiled import Slot
from peyvand.platform.workspaces.lookups import lookup
from peyvand.web.objects.pages.access import Opened
from peyvand.web.objects.pages.cards import record_card
from peyvand.web.shell.today import Card


@lookup("text", "bigint")
def _hold_of(object: Slot, id: Slot) -> QuerySet[Any]:
    return RetentionHold.objects.filter(object=object, object_id=id).values_list("id")


@record_card("*", order=95)
def on_hold(ctx: Context, opened: Opened) -> Card | None:
    """Everybody who sees the record sees that it is on hold; why, only who may put it there."""
    if not opened.spec.has_bin:
        return None
    may = bool(decide(ctx.actor, HOLD))
    ids = [id for (id,) in _hold_of(opened.spec.key, opened.record.id)]
    hold = RetentionHold.objects.filter(id__in=ids).select_related("user").first() if ids else None
    if hold is None and not (may and opened.spec.menu is not None):
        return None
    at = f"/w/{ctx.tenant.slug}/settings/retention/hold/{opened.spec.key}/{opened.record.id}"
    return Card("retention/card.html", {"hold": hold, "may": may, "at": at})
