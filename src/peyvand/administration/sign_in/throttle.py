"""Slowing down whoever guesses: by account and by address, with a wait that doubles.

Failures are counted before the password is looked at, so that many tries at once count as many.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Max

from peyvand.kernel import clock
from peyvand.kernel.errors import Message, PeyvandError, msg
from peyvand.platform.identity.models import SignInAttempt

WINDOW = timedelta(hours=12)
FIRST_WAIT = timedelta(seconds=15)
LONGEST_WAIT = timedelta(minutes=15)


@dataclass(frozen=True)
class Guarded:
    """Something that guesses are counted for, and how many failures are free."""

    key: str
    free: int


class TooManyAttempts(PeyvandError):
    """Guessing was too fast; ``seconds`` says how long to wait."""

    status = 429
    code = "too_many_attempts"

    def __init__(self, seconds: int) -> None:
        super().__init__(_sentence(seconds))
        self.seconds = seconds


def account_key(email: str) -> Guarded:
    return Guarded(f"account:{email[:254]}", 5)


def address_key(ip: str) -> Guarded:
    # Many people may sit behind one address.
    return Guarded(f"ip:{ip}", 50)


def letter_key(email: str) -> Guarded:
    """Letters sent on request, so that nobody's mailbox is flooded."""
    return Guarded(f"letter:{email[:254]}", 3)


def attempt(guarded: Sequence[Guarded]) -> None:
    """Count a try, as failed until `succeeded`.

    Raises:
        TooManyAttempts: one of these must wait; nothing is counted then.
    """
    now = clock.now()
    keys = [g.key for g in guarded]
    recent = SignInAttempt.objects.filter(key__in=keys, at__gt=now - WINDOW).values("key")
    counted = {row["key"]: row for row in recent.annotate(count=Count("id"), last=Max("at"))}
    known = [(counted[g.key], g.free) for g in guarded if g.key in counted]
    until = max((_open_again(row["count"] - free, row["last"]) for row, free in known), default=now)
    if until > now:
        raise TooManyAttempts(int((until - now).total_seconds()) + 1)
    SignInAttempt.objects.bulk_create(SignInAttempt(key=key) for key in keys)
    SignInAttempt.objects.filter(key__in=keys, at__lt=now - WINDOW).delete()


def succeeded(account: Guarded) -> None:
    """Forget the failures of an account that proved itself."""
    SignInAttempt.objects.filter(key=account.key).delete()


def take_back(guarded: Guarded) -> None:
    """Uncount the last try, which was none of a guesser; an address keeps its failures."""
    last = SignInAttempt.objects.filter(key=guarded.key).order_by("-id").values("id")[:1]
    SignInAttempt.objects.filter(id__in=last).delete()


def _open_again(over: int, last: datetime) -> datetime:
    """When the next try is allowed, after so many failures more than are free."""
    return last if over < 0 else last + min(FIRST_WAIT * 2 ** min(over, 10), LONGEST_WAIT)


def _sentence(seconds: int) -> Message:
    if seconds < 60:
        return msg("Too many attempts. Try again in %(seconds)s seconds.", seconds=seconds)
    return msg("Too many attempts. Try again in %(minutes)s minutes.", minutes=-(-seconds // 60))
