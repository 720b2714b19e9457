"""Which events a webhook is told of, and what of them: nothing that the user whose rights it has may not see."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from peyvand.api.endpoint import dumps
from peyvand.api.serializers import Item, serializer
from peyvand.integrations.webhooks.hooks import condition_of
from peyvand.integrations.webhooks.models import Webhook
from peyvand.platform.access.decisions import visible
from peyvand.platform.access.rules import reaches_all
from peyvand.platform.events.log import Recorded
from peyvand.platform.identity.actor import Actor
from peyvand.platform.objects.filters import compile_condition
from peyvand.platform.objects.spec import find_object
from peyvand.platform.objects.telling import may_hear, told_to, with_seen_titles


def chosen(webhook: Webhook, actor: Actor, events: Sequence[Recorded]) -> list[Recorded]:
    """Those of the events that the webhook asks for and its user may know of; a query for each kind of record."""
    asked = [
        e
        for e in events
        if e.id > webhook.since_id
        and (not webhook.events or e.wire in webhook.events)
        and (not webhook.objects_told or e.object in webhook.objects_told)
        and may_hear(actor, e.object, e.wire)
    ]
    ids: dict[str, set[int]] = defaultdict(set)
    for event in asked:
        ids[event.object].add(event.object_id)
    told = {key: _told(webhook, actor, key, found) for key, found in ids.items()}
    return [e for e in asked if e.object_id in told[e.object]]


def bodies(webhook: Webhook, actor: Actor, events: Sequence[Recorded]) -> list[str]:
    """The message for each event, as JSON text; a full one has the record as it is now, a query for each kind."""
    records: dict[tuple[str, int], Item] = {}
    if webhook.payload == "full":
        ids: dict[str, set[int]] = defaultdict(set)
        for event in events:
            ids[event.object].add(event.object_id)
        for key, found in ids.items():
            if spec := find_object(key):
                items = serializer(spec, actor).several(actor, sorted(found))
                records |= {(key, item["id"]): item for item in items}
    return [_body(webhook, actor, event, records.get((event.object, event.object_id))) for event in events]


def _told(webhook: Webhook, actor: Actor, key: str, ids: set[int]) -> set[int]:
    """Ids of those records that the user may see, also in the bin, and that meet the condition."""
    spec = find_object(key)
    if reaches_all(actor, f"{key}.view") and (spec is None or not webhook.condition):
        return ids
    if spec is None:
        return set()
    rows: Any = spec.model.objects.filter(id__in=ids)
    if asked := condition_of(webhook):
        rows = rows.filter(compile_condition(asked[1], spec, actor))
    return set(visible(actor, key, rows).values_list("id", flat=True))


def _body(webhook: Webhook, actor: Actor, event: Recorded, record: Item | None) -> str:
    data: dict[str, Any] = {"event": event.id, "object": event.object, "id": event.object_id}
    if webhook.payload == "full":
        told = told_to(actor, event.object, event.wire, event.data) or {}
        [told] = with_seen_titles(actor, [(event.object, told)])
        data |= {"title": told.pop("title", ""), "by": event.actor_id, "change": told, "record": record}
    return dumps({"type": event.wire, "timestamp": event.at, "data": data}).decode()
