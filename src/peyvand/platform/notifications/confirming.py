"""Confirming the phone that notifications go to, by a code that comes there: until then nothing does, for nobody is sent messages
that they did not ask for.

A code is told in its one message and kept nowhere else but sealed, where no list shows it. It is counted by whoever asked and by
the phone: neither one person nor many can have a stranger written to again and again.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from enum import StrEnum
from hmac import compare_digest
from typing import Final

from django.utils import translation
from django.utils.translation import gettext

from peyvand.kernel import clock
from peyvand.kernel.errors import PeyvandError
from peyvand.kernel.persian.text import to_ascii_digits, to_persian_digits
from peyvand.platform.database.locks import hold
from peyvand.platform.identity.actor import Tenant, user_actor
from peyvand.platform.jobs.scoped import defer
from peyvand.platform.notifications.channels import Letter, Line, phone_channel
from peyvand.platform.notifications.models import PhoneCode, Preference
from peyvand.platform.sealing import seal, unseal
from peyvand.platform.workspaces.scope import current_workspace_id, workspace_scope

HOLDS: Final = timedelta(minutes=10)
PAUSE: Final = timedelta(minutes=1)
DAY: Final = timedelta(days=1)
MOST_A_DAY: Final = 5
MOST_TRIES: Final = 5
SEND: Final = "notifications.send_code"
_PURPOSE: Final = "notifications.phone"


class Outcome(StrEnum):
    """What became of asking for a code, or of typing one in."""

    SENT = "code"
    SOON = "soon"
    ENOUGH = "enough"
    NOTHING = "nothing"
    WRONG = "wrong"
    STALE = "stale"
    CONFIRMED = "confirmed"


def ask_code(user_id: int) -> Outcome:
    """Have a code sent to the phone that somebody gave and has not confirmed, unless that happened often enough."""
    phone = _unconfirmed(user_id)
    if not phone:
        return Outcome.NOTHING
    # Two requests at once must not both be the last of the day.
    hold(current_workspace_id(), "notifications.codes")
    now = clock.now()
    asked = PhoneCode.objects.filter(asked_at__gt=now - DAY)
    mine, there = asked.filter(user_id=user_id), asked.filter(phone=phone)
    if (mine | there).filter(asked_at__gt=now - PAUSE).exists():
        return Outcome.SOON
    if max(mine.count(), there.count()) >= MOST_A_DAY:
        return Outcome.ENOUGH
    row = PhoneCode.objects.create(user_id=user_id, phone=phone, asked_at=now)
    defer(SEND, code_id=row.id)
    return Outcome.SENT


def send_code(tenant: Tenant, code_id: int) -> None:
    """Make up a code and send it, once; what comes between leaves its reader to ask for another."""
    code = f"{secrets.randbelow(10**6):06}"
    with workspace_scope(tenant.id):
        row = PhoneCode.objects.select_for_update().filter(id=code_id, code="").first()
        channel = phone_channel()
        if row is None or channel is None:
            return
        actor = user_actor(tenant.id, row.user_id)
        row.code = seal(_PURPOSE, code)
        row.save(update_fields=["code"])
    with translation.override(actor.language):
        text = gettext("Your code for Peyvand: %(code)s") % {
            "code": to_persian_digits(code) if actor.language == "fa" else code
        }
        letter = Letter(row.user_id, actor.name, row.phone, actor.language, (Line(text),), is_secret=True)
        try:
            channel.send(tenant, letter)
        except PeyvandError:
            with workspace_scope(tenant.id):
                PhoneCode.objects.filter(id=code_id).update(is_lost=True)


def confirm(user_id: int, typed: str) -> Outcome:
    """Confirm somebody's phone by the code that came there. A wrong one is counted: do not roll it back."""
    phone = _unconfirmed(user_id)
    row = newest_code(user_id, phone) if phone else None
    if row is None:
        return Outcome.NOTHING
    row = PhoneCode.objects.select_for_update().get(id=row.id)
    if not row.code or row.tries >= MOST_TRIES or row.asked_at <= clock.now() - HOLDS:
        return Outcome.STALE
    row.tries += 1
    row.save(update_fields=["tries"])
    given = "".join(c for c in to_ascii_digits(typed) if c.isdecimal())
    if not compare_digest(given.encode(), unseal(_PURPOSE, row.code).encode()):
        return Outcome.WRONG if row.tries < MOST_TRIES else Outcome.STALE
    Preference.objects.filter(user_id=user_id, phone=phone).update(phone_confirmed_at=clock.now())
    PhoneCode.objects.filter(id=row.id).update(code="", tries=MOST_TRIES)
    return Outcome.CONFIRMED


def newest_code(user_id: int, phone: str) -> PhoneCode | None:
    """The last code that somebody asked for to this phone, while it holds."""
    rows = PhoneCode.objects.filter(user_id=user_id, phone=phone, asked_at__gt=clock.now() - HOLDS)
    found: PhoneCode | None = rows.order_by("-id").first()
    return found


def sweep_codes() -> None:
    """Remove what no longer counts."""
    PhoneCode.objects.filter(asked_at__lt=clock.now() - 2 * DAY).delete()


def _unconfirmed(user_id: int) -> str:
    found = Preference.objects.filter(user_id=user_id, phone_confirmed_at__isnull=True)
    return found.values_list("phone", flat=True).first() or ""
