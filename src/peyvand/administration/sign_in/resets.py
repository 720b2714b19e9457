"""Links that set a new password: signed, for two hours, dead once the password or the last sign-in changed."""

from __future__ import annotations

from django.core import signing
from django.utils.crypto import constant_time_compare, salted_hmac

from peyvand.platform.identity.models import Account

VALID_SECONDS = 2 * 3600
_SALT = "peyvand.reset"


def reset_token(account: Account) -> str:
    return signing.dumps({"account": account.pk, "of": _fingerprint(account)}, salt=_SALT)


def account_of(token: str) -> Account | None:
    """The account whose password the token may set; None when it is forged, too old or used."""
    try:
        claim = signing.loads(token, salt=_SALT, max_age=VALID_SECONDS)
    except signing.BadSignature:
        return None
    account = Account.objects.filter(id=claim["account"]).first()
    return account if account and constant_time_compare(claim["of"], _fingerprint(account)) else None


def _fingerprint(account: Account) -> str:
    state = f"{account.pk}|{account.password}|{account.last_login}|{account.email}"
    return salted_hmac(_SALT, state, algorithm="sha256").hexdigest()[:32]
