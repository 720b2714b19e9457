"""Who may read what a webhook was told: its messages hold what the user it is seen as sees, and nobody smaller."""

from __future__ import annotations

from peyvand.integrations.webhooks.models import Delivery, Webhook
from peyvand.kernel import clock
from peyvand.platform.identity.actor import Actor
from peyvand.platform.identity.grants import Scope
from peyvand.platform.objects.spec import all_objects


def may_read(actor: Actor, webhook: Webhook) -> bool:
    """Whether the actor is the one through whose eyes it is told, or sees every record and field themselves."""
    if actor.user_id is not None and actor.user_id == webhook.seen_as_id:
        return True
    grants = actor.grants
    return not grants.fields and all(
        grants.scope(spec.permission("view")) is Scope.ALL
        for spec in all_objects()
        if spec.key not in grants.objects_off
    )


def forget_messages(webhook: Webhook) -> None:
    """Empty the messages made so far: whoever takes the webhook over neither reads them nor has them sent elsewhere."""
    mine = Delivery.objects.filter(webhook_id=webhook.id)
    mine.filter(state=Delivery.WAITING).update(state=Delivery.FAILED, ended_at=clock.now(), next_at=None)
    mine.update(body="", response_body="", by_hand=False)
