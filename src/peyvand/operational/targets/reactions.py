"""Quotas keep in step with deals that are won, reopened or given away."""

from __future__ import annotations

from collections.abc import Sequence

from peyvand.kernel import clock
from peyvand.operational.sales.events import DealAssigned, DealReopened, DealWon
from peyvand.operational.targets.hooks import keep_reached
from peyvand.operational.targets.models import Quota
from peyvand.platform.actions.action import perform
from peyvand.platform.actions.context import reaction_context
from peyvand.platform.events.facts import Event
from peyvand.platform.events.reactions import Cause, reaction


@reaction(DealWon, DealReopened, DealAssigned, objects=("deal",), always=True)
def renew_quotas(cause: Cause, facts: Sequence[Event]) -> None:
    """Reckon the quotas under way anew, once for all that happened together; the evening sees to the rest."""
    today = clock.today(cause.tenant.tz)
    rows = Quota.objects.filter(
        deleted_at__isnull=True, starts_on__lte=today, ends_on__gte=today, measure__startswith="won"
    )
    quotas = list(rows.order_by("id"))
    if quotas:
        ctx = reaction_context(cause)
        perform(ctx, "quota.update", (), lambda: keep_reached(ctx, quotas))
