"""Secrets at rest, encrypted with the installation's key; each purpose has a key of its own."""

from __future__ import annotations

import base64
from functools import cache

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


def seal(purpose: str, text: str) -> str:
    """The text as it is kept. ``purpose`` names who keeps it ("webhooks"); only the same purpose reads it again."""
    return _box(purpose).encrypt(text.encode()).decode()


def unseal(purpose: str, sealed: str) -> str:
    """What was sealed.

    Raises:
        cryptography.fernet.InvalidToken: another purpose or another key sealed it.
    """
    return _box(purpose).decrypt(sealed.encode()).decode()


@cache
def _box(purpose: str) -> Fernet:
    key = HKDF(SHA256(), 32, salt=None, info=f"peyvand {purpose}".encode()).derive(
        settings.SECRET_KEY.encode()
    )
    return Fernet(base64.urlsafe_b64encode(key))
