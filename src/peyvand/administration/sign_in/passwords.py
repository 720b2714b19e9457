"""Proving who someone is by e-mail and password; an unknown e-mail costs as much time as a known one."""

from __future__ import annotations

from functools import cache

from django.contrib.auth.hashers import check_password, make_password

from peyvand.platform.identity.models import Account


def account_by(email: str, password: str) -> Account | None:
    """The active account with this e-mail and password, or None."""
    account: Account | None = Account.objects.filter(email=email.strip().lower()).first()
    if account is None or not account.has_usable_password():
        check_password(password, _nobodys())
        return None
    if not check_password(password, account.password):
        return None
    return account


def has_password(account: Account, password: str) -> bool:
    return check_password(password, account.password)


@cache
def _nobodys() -> str:
    return make_password("nobody has this password")
