"""Sessions of an account: begun with a new key, listed, ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.http import HttpRequest

from peyvand.kernel import clock
from peyvand.platform.identity.models import Account, Session
from peyvand.platform.identity.sessions import ACCOUNT

PENDING = "pending"
PENDING_SECONDS = 600


def ip_of(request: HttpRequest) -> str:
    return str(request.META.get("REMOTE_ADDR") or "")


def begin(request: HttpRequest, account: Account) -> None:
    """Sign in. The stranger's session is dropped and its key changes: a planted key is worth nothing."""
    request.session.flush()
    request.session[ACCOUNT] = account.pk
    request.session["ip"] = ip_of(request) or None
    request.session["user_agent"] = request.headers.get("User-Agent", "")[:300]
    account.last_login = clock.now()
    account.save(update_fields=["last_login"])


def await_second_factor(request: HttpRequest, account: Account, next_url: str) -> None:
    """The password was right; until a code follows, the session is nobody's."""
    request.session.flush()
    request.session[PENDING] = {"account": account.pk, "at": clock.now().timestamp(), "next": next_url}


def pending(request: HttpRequest) -> tuple[Account, str] | None:
    """The account whose code is awaited, and where to go then; None once it took too long."""
    held = request.session.get(PENDING)
    if held is None or clock.now().timestamp() - held["at"] > PENDING_SECONDS:
        return None
    account = Account.objects.filter(id=held["account"]).first()
    return (account, held["next"]) if account else None


def end_others(account_id: int, keep: str | None) -> int:
    """End every session of the account but one; returns how many."""
    return Session.objects.filter(account_id=account_id).exclude(session_key=keep or "").delete()[0]


@dataclass(frozen=True)
class Seen:
    """A session as its owner sees it; ``id`` names it without being its key."""

    id: str
    device: str
    ip: str
    at: datetime
    is_this: bool


def sessions_of(account_id: int, this: str | None) -> list[Seen]:
    """The account's living sessions, this one first, then newest first."""
    rows: Any = Session.objects.filter(account_id=account_id, expire_date__gt=clock.now()).order_by(
        "-last_seen_at"
    )
    seen = [
        Seen(_id(r.session_key), device_name(r.user_agent), r.ip or "", r.last_seen_at, r.session_key == this)
        for r in rows
    ]
    return sorted(seen, key=lambda s: not s.is_this)


def end(account_id: int, id: str) -> bool:
    """End one of the account's sessions; whether there was such a one."""
    keys = Session.objects.filter(account_id=account_id).values_list("session_key", flat=True)
    found = [key for key in keys if _id(key) == id]
    return bool(found) and Session.objects.filter(session_key__in=found).delete()[0] > 0


def _id(key: str) -> str:
    return sha256(key.encode()).hexdigest()[:16]


_BROWSERS = (
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


def device_name(user_agent: str) -> str:
    """«Firefox · Windows», from what the browser calls itself; empty when it says nothing known."""
    parts = [
        next((name for sign, name in table if sign in user_agent), "") for table in (_BROWSERS, _SYSTEMS)
    ]
    return " · ".join(part for part in parts if part)
