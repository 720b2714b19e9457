"""Secrets and signatures as Standard Webhooks has them. Secrets rest encrypted with the installation's key."""

from __future__ import annotations

import base64
import secrets
from datetime import UTC, datetime
from functools import cache
from typing import Final

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from standardwebhooks.webhooks import Webhook as Signer

from peyvand.integrations.webhooks.models import Webhook

PREFIX: Final = "whsec_"
LENGTH: Final = 32


def new_secret() -> str:
    """A fresh secret, encrypted as it is kept."""
    text = PREFIX + base64.b64encode(secrets.token_bytes(LENGTH)).decode()
    return _box().encrypt(text.encode()).decode()


def readable(sealed: str) -> str:
    """A kept secret, as the receiver has to know it."""
    return _box().decrypt(sealed.encode()).decode()


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


@cache
def _box() -> Fernet:
    key = HKDF(SHA256(), 32, salt=None, info=b"peyvand webhooks").derive(settings.SECRET_KEY.encode())
    return Fernet(base64.urlsafe_b64encode(key))
