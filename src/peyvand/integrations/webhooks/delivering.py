"""The messages of one webhook, sent one after another by one process at a time; no transaction waits for a receiver."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db.models import Q, QuerySet

import peyvand
from peyvand.integrations.webhooks.models import Delivery, Webhook
from peyvand.integrations.webhooks.outbox import send_after
from peyvand.integrations.webhooks.outcomes import attempt, write_down
from peyvand.integrations.webhooks.reasons import SWITCHED_OFF, UNSEEN
from peyvand.integrations.webhooks.signing import signed_headers
from peyvand.kernel import clock
from peyvand.kernel.errors import NotAllowed
from peyvand.platform.identity.actor import Actor, ActorKind, Tenant, user_actor
from peyvand.platform.outgoing.posting import SECONDS
from peyvand.platform.workspaces.scope import workspace_scope

# How long whoever sends has the webhook for itself; a process that died keeps it no longer.
HELD: Final = timedelta(seconds=SECONDS + 10)
# Then others get their turn in this worker, and the rest is sent by another job.
MOST_AT_ONCE: Final = 200


def send_waiting(tenant: Tenant, webhook_id: int) -> None:
    """Send what is due."""
    for _ in range(MOST_AT_ONCE):
        with workspace_scope(tenant.id):
            webhook = _free(webhook_id)
            # Whoever else wants it waits for this look to end: a message that comes now is found by them.
            delivery = _next(webhook) if webhook else None
            if webhook is None or delivery is None:
                return
            _hold(webhook_id, clock.now() + HELD)
            headers = _headers(webhook, delivery)
        outcome = attempt(webhook.url, headers, delivery.body)
        with workspace_scope(tenant.id):
            write_down(tenant, webhook, delivery, headers, outcome)
            _hold(webhook_id, None)
    with workspace_scope(tenant.id):
        send_after(webhook_id, 0)


def due(webhook: Webhook) -> QuerySet[Delivery]:
    """Messages to be sent now: those asked for by hand, and if the receiver is not being waited for, those whose time came."""
    now = clock.now()
    its_time = Q(by_hand=True)
    if webhook.retry_at is None or webhook.retry_at <= now:
        its_time |= Q(next_at__lte=now)
    waiting: QuerySet[Delivery] = Delivery.objects.filter(webhook=webhook, state=Delivery.WAITING)
    return waiting.filter(its_time)


def eyes_of(webhook: Webhook) -> Actor | None:
    """The user whose rights decide what is told; None where they are gone, and then nothing is."""
    if webhook.seen_as_id is None:
        return None
    try:
        return user_actor(webhook.workspace_id, webhook.seen_as_id, ActorKind.TOKEN)
    except NotAllowed:
        return None


def _free(webhook_id: int) -> Webhook | None:
    """The webhook, locked; None where it is gone, or held by another: then it is looked at again when their time is over."""
    webhook: Webhook | None = (
        Webhook.objects.filter(id=webhook_id, deleted_at__isnull=True).select_for_update().first()
    )
    if webhook is None:
        return None
    now = clock.now()
    if webhook.busy_until is not None and now < webhook.busy_until:
        send_after(webhook_id, int((webhook.busy_until - now).total_seconds()) + 1)
        return None
    return webhook


def _hold(webhook_id: int, until: datetime | None) -> None:
    Webhook.objects.filter(id=webhook_id).update(busy_until=until)


def _next(webhook: Webhook) -> Delivery | None:
    """The next message that is due; those that nobody may be told any more are given up."""
    is_seen = eyes_of(webhook) is not None
    if not (is_seen and webhook.is_active):
        refused = Q() if not is_seen else Q(by_hand=False)
        Delivery.objects.filter(refused, webhook=webhook, state=Delivery.WAITING).update(
            state=Delivery.FAILED, ended_at=clock.now(), next_at=None,
            error=SWITCHED_OFF if is_seen else UNSEEN,
        )  # fmt: skip
    return due(webhook).order_by("id").first()


def _headers(webhook: Webhook, delivery: Delivery) -> dict[str, str]:
    return {
        "content-type": "application/json",
        "user-agent": f"Peyvand/{peyvand.__version__}",
        **signed_headers(webhook, delivery.message_id, delivery.body, clock.now()),
    }
