"""Passwords for devices: made for one's own calendar, shown once, good for nothing else, ended at any time."""

from __future__ import annotations

import re
import secrets
from datetime import timedelta
from hashlib import sha256
from typing import Final

from django.utils.translation import gettext_lazy as _

from peyvand.kernel import clock
from peyvand.kernel.errors import NotAllowed, NotFound
from peyvand.operational.calendars.models import CalendarPassword
from peyvand.platform.access.decisions import demand_lasting
from peyvand.platform.actions.action import action
from peyvand.platform.actions.context import Context
from peyvand.platform.database.prepared import run
from peyvand.platform.identity.models import User
from peyvand.platform.workspaces.scope import current_workspace_id

# No letter that is read as another: passwords are typed on phones. Twenty of them are a hundred bits.
_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"
_GROUPS, _LENGTH = 4, 5
_SECRET: Final = re.compile(
    r"(\d{1,18})-?([a-z2-9]{5})-?([a-z2-9]{5})-?([a-z2-9]{5})-?([a-z2-9]{5})", re.ASCII
)
# How exactly the last use is known.
_NOTED_EVERY: Final = timedelta(minutes=1)
_NOTE: Final = """
update calendar_password set last_used_at = %s::timestamptz, last_used_by = %s::text
where id = (select id from calendar_password where workspace_id = %s::bigint and id = %s::bigint for no key update skip locked)
"""


@action(
    "meeting.make_calendar_password",
    label=_("New password for a device"),
    on="none",
    icon="key",
    button=False,
)
def make_password(ctx: Context, *, name: str) -> str:
    """Make a password with which a device keeps step with one's own calendar; return it, to be shown this once."""
    demand_lasting(ctx.actor)
    if ctx.actor.user_id is None:
        raise NotAllowed
    groups = ["".join(secrets.choice(_LETTERS) for _ in range(_LENGTH)) for _ in range(_GROUPS)]
    CalendarPassword.objects.create(
        user_id=ctx.actor.user_id, name=name, secret_hash=_digest("".join(groups)), made_at=clock.now()
    )
    return "-".join([str(ctx.tenant.id), *groups])


@action(
    "meeting.revoke_calendar_password", label=_("End a device's password"), on="none", icon="xc", button=False
)
def revoke_password(ctx: Context, password_id: int) -> None:
    """End one of one's own passwords: the device reads and writes nothing any more."""
    rows = CalendarPassword.objects.filter(id=password_id, user_id=ctx.actor.user_id, revoked_at=None)
    if not rows.update(revoked_at=clock.now()):
        raise NotFound


def workspace_of(password: str) -> tuple[int, str] | None:
    """The workspace that a password says it belongs to, and what it is kept as; None if it looks like none of ours."""
    found = _SECRET.fullmatch(password.strip().lower())
    return (int(found[1]), _digest("".join(found.groups()[1:]))) if found else None


def user_with(digest: str, name: str, program: str) -> int | None:
    """The user whose password this is, and whose mail address ``name`` is. Call it inside the workspace's scope."""
    row = CalendarPassword.objects.filter(secret_hash=digest, revoked_at=None).first()
    if row is None:
        return None
    emails = User.objects.filter(id=row.user_id).values_list("email", "account__email").first() or ()
    if name.strip().casefold() not in {email.casefold() for email in emails if email}:
        return None
    now = clock.now()
    if row.last_used_at is None or row.last_used_at < now - _NOTED_EVERY:
        run(_NOTE, [now, program[:120], current_workspace_id(), row.id])
    return int(row.user_id)


def _digest(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
