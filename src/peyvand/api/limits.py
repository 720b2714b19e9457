"""How many requests a token and an address may send in a minute, counted by all processes together.

A process takes a share of what is left by one statement, and spends it without asking again: a request costs a look into
memory, and every tenth to fiftieth one write into a table without a log. Towards the end of the allowance shares are small.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from typing import Final

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse

from peyvand.api.errors import TooMany
from peyvand.api.models import Use
from peyvand.kernel import clock

SCHEME: Final = "Bearer "
WINDOW: Final = 60
# In Workspace.settings: requests a minute for each of its tokens; 0 for no limit.
PER_MINUTE: Final = "api_per_minute"
# An address may send for several tokens; what one workspace allows its own widens this for nobody.
ADDRESS_TIMES: Final = 4
# What a failed attempt to get in costs an address, in requests.
FAILED_COST: Final = 20
SHARES: Final = 20
LARGEST_SHARE: Final = 50

_TAKE: Final = """
insert into api_use as u (key, "window", ends, used, granted)
values (%(key)s, %(window)s, %(ends)s, least(%(share)s, %(most)s), least(%(share)s, %(most)s))
on conflict (key) do update set
    "window" = excluded."window", ends = excluded.ends,
    used = case when u."window" <> excluded."window" then excluded.used
        else u.used + least(%(share)s, greatest(1, (%(most)s - u.used) / 10), %(most)s - u.used) end,
    granted = case when u."window" <> excluded."window" then excluded.used
        else least(%(share)s, greatest(1, (%(most)s - u.used) / 10), %(most)s - u.used) end
where u."window" <> excluded."window" or u.used < %(most)s
returning granted, used
"""


@dataclass(slots=True)
class Share:
    """What this process may still spend of a key's allowance in one window."""

    window: int
    left: int
    # Of the whole allowance, what was not handed out when this share was taken.
    beyond: int


@dataclass(frozen=True, slots=True)
class Allowance:
    """What one request found: for its headers."""

    most: int
    left: int
    seconds: int

    def tell(self, response: HttpResponse) -> None:
        """Put the limit, what is left of it and when it begins anew into the headers."""
        headers = response.headers
        headers["RateLimit-Policy"] = f'"minute";q={self.most};w={WINDOW}'
        headers["RateLimit"] = f'"minute";r={self.left};t={self.seconds}'
        headers["X-RateLimit-Limit"] = str(self.most)
        headers["X-RateLimit-Remaining"] = str(self.left)
        headers["X-RateLimit-Reset"] = str(self.seconds)


_shares: dict[str, Share] = {}
_lock = threading.Lock()


def digest_of(request: HttpRequest) -> str:
    """What the request's token is kept as; empty where it has none."""
    header: str = request.META.get("HTTP_AUTHORIZATION", "")
    secret = header.removeprefix(SCHEME).strip() if header.startswith(SCHEME) else ""
    return sha256(secret.encode()).hexdigest() if secret else ""


@lru_cache(maxsize=20_000)
def _learnt(digest: str) -> list[int | None]:
    """A place for what the workspace of a token allows it; empty until the token was found to be one."""
    return []


def learn(digest: str, per_minute: int | None) -> None:
    """Remember what this token may send; None: as much as the installation allows any."""
    _learnt(digest)[:] = [per_minute]


def spend(request: HttpRequest) -> Allowance | None:
    """Take one request off the token's and the address's allowance; None where there is no limit.

    Raises:
        TooMany: nothing is left until the window ends.
    """
    usual: int = settings.API_PER_MINUTE
    known = _learnt(digest) if (digest := digest_of(request)) else []
    most = usual if not known or known[0] is None else known[0]
    by_address = _take(_address(request), usual * ADDRESS_TIMES) if usual else None
    # A token that nobody knows has no count of its own: whoever invents tokens is held by the address.
    by_token = _take(digest, most) if known and most else None
    found = by_token or by_address
    if any(each is not None and each.left < 0 for each in (by_token, by_address)):
        raise TooMany(found.seconds if found else WINDOW)
    return found


def spend_by_address(request: HttpRequest) -> None:
    """Take as much as a failed attempt off the address's allowance, where there is no token yet.

    Raises:
        TooMany: nothing is left until the window ends.
    """
    if usual := settings.API_PER_MINUTE:
        found = [_take(_address(request), usual * ADDRESS_TIMES) for _ in range(FAILED_COST)]
        if found[-1].left < 0:
            raise TooMany(found[-1].seconds)


def is_within(request: HttpRequest, what: str, most: int, seconds: int = WINDOW) -> bool:
    """Count a request of somebody without a token against the ``most`` that an address may send for ``what`` in a minute, or
    in so many ``seconds``; whether there was one left. Where the installation has no limit, there is none here."""
    return not settings.API_PER_MINUTE or _take(f"{what}:{_address(request)}", most, seconds).left >= 0


def charge(request: HttpRequest) -> None:
    """Count a failed attempt to get in as many requests: guessing tokens ends soon."""
    if usual := settings.API_PER_MINUTE:
        for _ in range(FAILED_COST - 1):
            _take(_address(request), usual * ADDRESS_TIMES)


def forget_use(before: datetime) -> None:
    """Remove what was counted in windows that ended before a moment."""
    Use.objects.filter(ends__lt=int(before.timestamp())).delete()


def _take(key: str, most: int, span: int = WINDOW) -> Allowance:
    now = clock.now().timestamp()
    window, seconds = int(now // span), span - int(now % span)
    with _lock:
        share = _shares.get(key)
        if share is None or share.window != window:
            if len(_shares) > 50_000:
                _shares.clear()
            share = _shares[key] = Share(window, 0, most)
        if share.left == 0 and share.beyond > 0:
            share.left, share.beyond = _more(key, window, (window + 1) * span, most)
        if share.left <= 0:
            return Allowance(most, -1, seconds)
        share.left -= 1
        return Allowance(most, share.left + share.beyond, seconds)


def _more(key: str, window: int, ends: int, most: int) -> tuple[int, int]:
    """Take another share: how much it is, and what is left beyond it."""
    share = max(1, min(most // SHARES, LARGEST_SHARE))
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, {"key": key, "window": window, "ends": ends, "share": share, "most": most})
        row = cursor.fetchone()
    return (int(row[0]), most - int(row[1])) if row else (0, 0)


def _address(request: HttpRequest) -> str:
    return f"ip:{request.META.get('REMOTE_ADDR', '')}"
