"""What follows from an attempt: done, tried again later, given up; and a receiver that fails for days."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from peyvand.integrations.webhooks.actions import disable_webhook
from peyvand.integrations.webhooks.models import Delivery, Webhook
from peyvand.integrations.webhooks.outbox import send_after
from peyvand.kernel import clock
from peyvand.platform.actions.context import job_context
from peyvand.platform.identity.actor import Tenant
from peyvand.platform.outgoing.judging import Forbidden, NotReached
from peyvand.platform.outgoing.posting import Reply, post

# Seconds after each attempt that failed, about three days in all.
PAUSES: Final = (5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)
# A receiver that took nothing for so long is switched off.
PATIENCE: Final = timedelta(days=5)
GONE: Final = 410


@dataclass(frozen=True)
class Outcome:
    """What one attempt came to. ``is_final``: another would come to the same."""

    reply: Reply
    at: datetime
    error: str = ""
    is_final: bool = False


def attempt(url: str, headers: dict[str, str], body: str) -> Outcome:
    """Send one message, outside any transaction: the receiver may take its time."""
    at = clock.now()
    try:
        return Outcome(post(url, headers, body.encode()), at)
    except NotReached as failure:
        return Outcome(Reply(0), at, str(failure), isinstance(failure, Forbidden))


def write_down(
    tenant: Tenant, webhook: Webhook, delivery: Delivery, headers: dict[str, str], outcome: Outcome
) -> None:
    """Keep what came of an attempt, and see to what follows, inside the workspace's scope."""
    now = Delivery.objects.select_for_update().filter(id=delivery.id).first()
    if now is not None:
        _tell(now, headers, outcome)
        # Whatever happened to it meanwhile holds: sent again by hand, given up, taken over by somebody else.
        if (now.state, now.by_hand, now.next_at) == (delivery.state, delivery.by_hand, delivery.next_at):
            _go_on(webhook, now, outcome)
        now.save()
    if outcome.reply.is_good:
        _works(webhook)
    elif not delivery.by_hand:
        _fails(tenant, webhook, outcome)


def _tell(delivery: Delivery, headers: dict[str, str], outcome: Outcome) -> None:
    """Write what was sent and what came back into the message; of a forgotten one not what was said."""
    reply = outcome.reply
    delivery.attempts += 1
    delivery.tried_at, delivery.took_ms, delivery.error = outcome.at, reply.milliseconds, outcome.error
    delivery.request_headers, delivery.response_headers = headers, dict(reply.headers)
    delivery.response_status = reply.status or None
    delivery.response_body = reply.body if delivery.body else ""


def _go_on(webhook: Webhook, delivery: Delivery, outcome: Outcome) -> None:
    """Decide what becomes of the message after this attempt."""
    is_last = delivery.event_id is None or outcome.is_final or delivery.attempts > len(PAUSES)
    if outcome.reply.is_good or is_last:
        delivery.state = Delivery.DELIVERED if outcome.reply.is_good else Delivery.FAILED
        delivery.ended_at, delivery.next_at = outcome.at, None
    else:
        pause = _pause(delivery.attempts - 1)
        delivery.next_at = outcome.at + timedelta(seconds=pause)
        send_after(webhook.id, pause + 1)
    delivery.by_hand = False


def _works(webhook: Webhook) -> None:
    """The receiver takes messages: those that wait for a later time are sent now."""
    if webhook.failing_since is None:
        return
    webhook.failing_since = webhook.retry_at = None
    Webhook.objects.filter(id=webhook.id).update(failures=0, failing_since=None, retry_at=None)
    Delivery.objects.filter(webhook=webhook, state=Delivery.WAITING).update(next_at=clock.now())


def _fails(tenant: Tenant, webhook: Webhook, outcome: Outcome) -> None:
    """Let all its messages wait: each would find out the same."""
    since = webhook.failing_since or outcome.at
    pause = _pause(webhook.failures)
    Webhook.objects.filter(id=webhook.id).update(
        failures=webhook.failures + 1, failing_since=since, retry_at=outcome.at + timedelta(seconds=pause)
    )
    send_after(webhook.id, pause + 1)
    if webhook.is_active and (outcome.reply.status == GONE or outcome.at - since > PATIENCE):
        disable_webhook(job_context(tenant), webhook)


def _pause(failures: int) -> int:
    """Seconds to wait after so many failures before; what failed together does not come back together."""
    seconds = PAUSES[min(failures, len(PAUSES) - 1)]
    return seconds + random.randrange(seconds // 10 + 1)  # noqa: S311 no secret
