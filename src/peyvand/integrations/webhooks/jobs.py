"""From the event log to the receivers: messages are made in order of the log, sent by jobs, tried again for days.

Nothing is lost when a process is killed: how far the log was read is written in the transaction that made the messages,
and a message waits until an answer for it was written down.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from django.db import connection

from peyvand.integrations.webhooks.choosing import bodies, chosen
from peyvand.integrations.webhooks.delivering import eyes_of, send_waiting
from peyvand.integrations.webhooks.hooks import FOLLOWED
from peyvand.integrations.webhooks.models import Delivery, Place, Webhook
from peyvand.integrations.webhooks.notices import tell_disabled
from peyvand.integrations.webhooks.outbox import new_message_id, send_soon
from peyvand.kernel import clock
from peyvand.platform.events.log import Recorded
from peyvand.platform.events.log import follow as events_after
from peyvand.platform.identity.actor import Actor, Tenant
from peyvand.platform.jobs.schedule import every, in_every_workspace
from peyvand.platform.jobs.scoped import defer, job
from peyvand.platform.workspaces.models import Workspace
from peyvand.platform.workspaces.scope import workspace_scope

AT_ONCE: Final = 500
KEPT_DAYS: Final = 30
OVERDUE: Final = timedelta(minutes=15)
# Where the log cannot be read to its end yet, because someone is still writing: look again after so many seconds.
AGAIN_AFTER: Final = 1


@job("webhooks.follow")
def follow(tenant: Tenant) -> None:
    """Make messages of what happened since the last time."""
    # The log is read before anything is written: a transaction that writes hides what others commit after it began.
    webhooks = list(Webhook.objects.filter(is_active=True, deleted_at__isnull=True).order_by("id"))
    if not webhooks:
        return
    place = Place.objects.first()
    after = max(place.event_id if place else 0, min(w.since_id for w in webhooks))
    events = list(events_after(after, AT_ONCE))
    if events:
        for webhook in webhooks:
            if actor := eyes_of(webhook):
                _queue(webhook, actor, events)
        Place.objects.update_or_create(defaults={"event_id": events[-1].id})
    if len(events) == AT_ONCE:
        wake(tenant.id)
    elif _is_more(events[-1].id if events else after):
        wake(tenant.id, AGAIN_AFTER)


def wake(workspace_id: int, delay: int = 0) -> None:
    """Have the log read on, inside the workspace's scope."""
    name = f"webhooks.follow:{workspace_id}"
    defer("webhooks.follow", lock=name, once=name, delay=delay)


@job("webhooks.send", scoped=False)
def send(tenant: Tenant, webhook_id: int) -> None:
    """Send the messages of one webhook that are due."""
    send_waiting(tenant, webhook_id)


@job("webhooks.notify", scoped=False)
def notify(tenant: Tenant, webhook_id: int) -> None:
    """Write to those who look after webhooks that one was switched off."""
    tell_disabled(tenant, webhook_id)


@every("* * * * *", "webhooks.catch_up")
def catch_up() -> None:
    """Read on wherever webhooks are: a process that died right after a change could not say that there is something."""
    followed = Workspace.objects.filter(**{f"settings__{FOLLOWED}": True})
    for workspace_id in followed.values_list("id", flat=True):
        with workspace_scope(workspace_id):
            wake(workspace_id)
            _send_overdue()


@in_every_workspace("50 22 * * *", "webhooks.forget")
def forget(tenant: Tenant) -> None:
    """Remove messages that ended a month ago."""
    Delivery.objects.filter(ended_at__lt=clock.now() - timedelta(days=KEPT_DAYS)).delete()


def _queue(webhook: Webhook, actor: Actor, events: Sequence[Recorded]) -> None:
    found = chosen(webhook, actor, events)
    now = clock.now()
    Delivery.objects.bulk_create(
        Delivery(
            webhook=webhook,
            message_id=new_message_id(),
            event_id=event.id,
            wire=event.wire,
            body=body,
            next_at=now,
        )
        for event, body in zip(found, bodies(webhook, actor, found), strict=True)
    )
    if found:
        send_soon(webhook.id)


def _send_overdue() -> None:
    """Send what should have been sent long since: its job failed for good, or was removed by hand."""
    late = Delivery.objects.filter(state=Delivery.WAITING, next_at__lt=clock.now() - OVERDUE)
    for webhook_id in late.values_list("webhook_id", flat=True).distinct():
        send_soon(webhook_id)


def _is_more(after: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "select exists(select 1 from event where workspace_id = current_setting('peyvand.workspace')::bigint and id > %s)",
            [after],
        )
        return bool(cursor.fetchone()[0])
