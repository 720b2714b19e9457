"""Verbs of webhooks: try one, send again, show and change its secret, switch it off."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from peyvand.api.endpoint import dumps
from peyvand.integrations.webhooks.events import SecretRotated, SecretShown, WebhookDisabled
from peyvand.integrations.webhooks.fields import TEST
from peyvand.integrations.webhooks.models import Delivery, Webhook
from peyvand.integrations.webhooks.outbox import new_message_id, send_soon
from peyvand.integrations.webhooks.signing import new_secret, readable
from peyvand.kernel import clock
from peyvand.kernel.errors import NotFound
from peyvand.platform.actions.action import action
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import Instant, Number
from peyvand.platform.jobs.scoped import defer
from peyvand.platform.objects.changes import record_changes
from peyvand.platform.objects.spec import object_named

# How long the old secret goes on signing beside the new one.
OVERLAP: Final = timedelta(hours=24)
MOST_AGAIN: Final = 10_000


@action("webhook.test", label=_("Send a test"), icon="play")
def test_webhook(ctx: Context, webhook: Webhook) -> dict[str, Any]:
    """Send a message of type webhook.test now, once."""
    now = clock.now()
    body = {"type": TEST, "timestamp": now, "data": {"webhook": webhook.name}}
    delivery = Delivery.objects.create(
        webhook=webhook, message_id=new_message_id(), wire=TEST, body=dumps(body).decode(),
        by_hand=True, next_at=now,
    )  # fmt: skip
    send_soon(webhook.id)
    ctx.touch("webhook", webhook.id)
    return {"delivery": delivery.id}


@action("webhook.replay", label=_("Send again"), icon="refresh", button=False,
        inputs=(Number(key="delivery", label=_("Message"), required=True, min=1, max=2**63 - 1),))  # fmt: skip
def replay(ctx: Context, webhook: Webhook, *, delivery: int) -> None:
    """Send one message again now, under the same webhook-id."""
    if not _again(webhook, Delivery.objects.filter(id=delivery)):
        raise NotFound
    ctx.touch("webhook", webhook.id)


@action("webhook.replay_failed", label=_("Send all failed again"), icon="refresh", button=False,
        inputs=(Instant(key="since", label=_("Since")),))  # fmt: skip
def replay_failed(ctx: Context, webhook: Webhook, *, since: datetime | None = None) -> dict[str, Any]:
    """Send again, now, whatever was given up or still waits for its next attempt; ``since``: made at that time or later."""
    found = Delivery.objects.filter(state__in=(Delivery.FAILED, Delivery.WAITING), event_id__isnull=False)
    count = _again(webhook, found.filter(created_at__gte=since) if since else found)
    ctx.touch("webhook", webhook.id)
    return {"count": count}


@action("webhook.show_secret", label=_("Show the secret"), icon="eye", button=False)
def show_secret(ctx: Context, webhook: Webhook) -> dict[str, Any]:
    """The secret that messages are signed with; that it was looked at is written down."""
    ctx.record(SecretShown(object="webhook", object_id=webhook.id, title=webhook.name))
    return {"secret": readable(webhook.secret)}


@action("webhook.rotate_secret", label=_("New secret"), icon="key", button=False)
def rotate_secret(ctx: Context, webhook: Webhook) -> dict[str, Any]:
    """Make a new secret; for a day the old one signs too."""
    fresh = new_secret()
    Webhook.objects.filter(id=webhook.id).update(
        old_secret=webhook.secret, old_secret_until=clock.now() + OVERLAP, secret=fresh
    )
    ctx.record(SecretRotated(object="webhook", object_id=webhook.id, title=webhook.name))
    ctx.touch("webhook", webhook.id)
    return {"secret": readable(fresh)}


@action("webhook.disable", label=_("Switch the webhook off"), icon="xc", button=False)
def disable_webhook(ctx: Context, webhook: Webhook) -> None:
    """Switch off a webhook whose receiver takes no messages, and tell those who look after it."""
    was, now = Webhook.objects.values_list("is_active", "disabled_at").get(id=webhook.id), clock.now()
    Webhook.objects.filter(id=webhook.id).update(is_active=False, disabled_at=now)
    ctx.record(WebhookDisabled(object="webhook", object_id=webhook.id, title=webhook.name))
    old = was[1].isoformat() if was[1] else None
    changes = {"is_active": [was[0], False], "disabled_at": [old, now.isoformat()]}
    record_changes(ctx, object_named("webhook"), [(webhook, changes)], told={webhook.id: changes})
    ctx.touch("webhook", webhook.id)
    defer("webhooks.notify", webhook_id=webhook.id)


def _again(webhook: Webhook, found: Any) -> int:
    ids = list(
        found.filter(webhook=webhook)
        .exclude(body="")
        .order_by("id")
        .values_list("id", flat=True)[:MOST_AGAIN]
    )
    Delivery.objects.filter(id__in=ids).update(
        state=Delivery.WAITING, by_hand=True, next_at=clock.now(), ended_at=None
    )
    if ids:
        send_soon(webhook.id)
    return len(ids)
