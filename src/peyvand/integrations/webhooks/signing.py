"""Secrets and signatures as Standard Webhooks has them. Secrets rest encrypted with the installation's key."""

from __future__ import annotations

import base64
import secrets
from datetime import UTC, datetime
from typing import Final

from standardwebhooks.webhooks import Webhook as Signer

from peyvand.integrations.webhooks.models import Webhook
from peyvand.platform.sealing import seal, unseal

PURPOSE: Final = "webhooks"
PREFIX: Final = "whsec_"
LENGTH: Final = 32


def new_secret() -> str:
    """A fresh secret, encrypted as it is kept."""
    text = PREFIX + base64.b64encode(secrets.token_bytes(LENGTH)).decode()
    return seal(PURPOSE, text)


def readable(sealed: str) -> str:
    """A kept secret, as the receiver has to know it."""
    return unseal(PURPOSE, sealed)


def signed_headers(webhook: Webhook, message_id: str, body: str, now: datetime) -> dict[str, str]:
    """The headers that tell the receiver who sends this, and when; while two secrets hold, both sign."""
    sealed = [webhook.secret]
    if webhook.old_secret and webhook.old_secret_until and now < webhook.old_secret_until:
        sealed.append(webhook.old_secret)
    signatures = (Signer(readable(s)).sign(message_id, now.astimezone(UTC), body) for s in sealed)
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
