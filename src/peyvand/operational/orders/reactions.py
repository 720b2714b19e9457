"""What orders do because something happened to others: what came back of them is kept in step."""

from __future__ import annotations

from collections.abc import Sequence

from peyvand.operational.orders.models import Order
from peyvand.operational.orders.returning import renew_originals
from peyvand.platform.actions.context import reaction_context
from peyvand.platform.events.facts import Event, RecordDeleted, RecordRestored
from peyvand.platform.events.reactions import Cause, reaction


@reaction(RecordDeleted, RecordRestored, objects=("order",), always=True)
def renew(cause: Cause, facts: Sequence[Event]) -> None:
    """What was taken back by a return that goes to the bin is sold again, until the return comes out of it."""
    returns = Order.objects.filter(id__in=[fact.object_id for fact in facts], original__isnull=False)
    renew_originals(reaction_context(cause), list(returns))
