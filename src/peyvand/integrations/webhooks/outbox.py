"""Messages on their way into the queue."""

from __future__ import annotations

import secrets

from peyvand.platform.jobs.scoped import defer


def new_message_id() -> str:
    """What the receiver knows a message by, through all its attempts."""
    return f"msg_{secrets.token_hex(16)}"


def send_soon(webhook_id: int) -> None:
    """Have the waiting messages of a webhook sent, inside the workspace's scope."""
    defer("webhooks.send", once=f"webhooks.send:{webhook_id}", webhook_id=webhook_id)


def send_after(webhook_id: int, seconds: int) -> None:
    """Look again for messages to send when so many seconds have gone by."""
    defer("webhooks.send", delay=seconds, webhook_id=webhook_id)
