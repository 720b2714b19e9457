"""Having notifications made inside a test's own transaction, as the worker would make them."""

from __future__ import annotations

from collections import defaultdict

from peyvand.platform.events import reactions
from peyvand.platform.events.models import EventRow
from peyvand.platform.identity.actor import Tenant


def tell_all(tenant: Tenant) -> None:
    """Run every notifying reaction for all events of the open workspace that it has not answered yet."""
    waiting: dict[str, list[int]] = defaultdict(list)
    for id, wire in EventRow.objects.order_by("id").values_list("id", "wire"):
        for name in reactions._by_wire.get(wire, ()):  # noqa: SLF001 what a worker would be sent
            if ".notifying." in name:
                waiting[name].append(id)
    for name, ids in waiting.items():
        reactions.react(tenant, reaction_name=name, event_ids=ids)
