"""The second factor: time-based codes (RFC 6238) and recovery codes.

Secrets rest encrypted; a code works once.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from io import BytesIO

import pyotp
import segno
from django.db import transaction

from peyvand.kernel import clock
from peyvand.kernel.errors import Invalid, msg
from peyvand.kernel.persian.text import to_ascii_digits
from peyvand.platform.identity.models import Account
from peyvand.platform.sealing import seal, unseal

PURPOSE = "second factor"
STEP = 30
# A clock may be one step early or late.
DRIFT = 1
RECOVERY_CODES = 10
ISSUER = "Peyvand"


def new_secret() -> str:
    """A fresh secret, encrypted as it is kept."""
    return seal(PURPOSE, pyotp.random_base32())


def readable(sealed: str) -> str:
    """The secret as a person types it into an authenticator app."""
    return unseal(PURPOSE, sealed)


def picture(account: Account, sealed: str) -> bytes:
    """The QR code that authenticator apps read, as SVG."""
    uri = pyotp.TOTP(readable(sealed)).provisioning_uri(name=account.email, issuer_name=ISSUER)
    out = BytesIO()
    segno.make(uri, error="m").save(out, kind="svg", scale=5, border=4, light="#fff", dark="#000")
    return out.getvalue()


def turn_on(account: Account, sealed: str, code: str) -> list[str]:
    """Keep the secret once a code proves that the app has it; returns the recovery codes, shown this once.

    Raises:
        Invalid: the code is not the secret's.
    """
    step = _step_of(sealed, code, account.totp_last_step)
    if step is None:
        raise wrong_code()
    codes = [_recovery_code() for _ in range(RECOVERY_CODES)]
    account.totp_secret, account.totp_last_step = sealed, step
    account.recovery_codes = [_hash(c) for c in codes]
    account.save(update_fields=["totp_secret", "totp_last_step", "recovery_codes"])
    return codes


def turn_off(account: Account) -> None:
    account.totp_secret, account.recovery_codes = "", []
    account.save(update_fields=["totp_secret", "recovery_codes"])


def accept(account: Account, code: str) -> None:
    """Use up a code of the app or a recovery code.

    Raises:
        Invalid: it is neither, or it was used before.
    """
    plain = _plain(code)
    if plain.isdigit() and len(plain) == 6:
        step = _step_of(account.totp_secret, plain, account.totp_last_step)
        # The condition decides between two requests with the same code.
        if step is not None and Account.objects.filter(id=account.pk, totp_last_step__lt=step).update(
            totp_last_step=step
        ):
            return
        raise wrong_code()
    with transaction.atomic():
        held = Account.objects.select_for_update().get(id=account.pk)
        if _hash(plain) not in held.recovery_codes:
            raise wrong_code()
        held.recovery_codes = [h for h in held.recovery_codes if h != _hash(plain)]
        held.save(update_fields=["recovery_codes"])


def wrong_code() -> Invalid:
    return Invalid.of(msg("This code is wrong, or was used already. Wait for the next one."), "code")


def _step_of(sealed: str, code: str, after: int) -> int | None:
    """The time step that the code belongs to, if it is near now and later than the last one used."""
    totp = pyotp.TOTP(readable(sealed), interval=STEP)
    now = int(clock.now().timestamp()) // STEP
    for step in range(now - DRIFT, now + DRIFT + 1):
        if step > after and secrets.compare_digest(totp.generate_otp(step), _plain(code)):
            return step
    return None


def _plain(code: str) -> str:
    letters = to_ascii_digits(code).lower()
    return "".join(c for c in letters if c.isascii() and c.isalnum())


def _recovery_code() -> str:
    text = base64.b32encode(secrets.token_bytes(10)).decode().lower()[:12]
    return f"{text[:4]}-{text[4:8]}-{text[8:]}"


def _hash(code: str) -> str:
    return hashlib.sha256(_plain(code).encode()).hexdigest()
