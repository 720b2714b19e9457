"""How somebody wants to be told: by which channels of what, when not to be disturbed, and how early to be reminded."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Final
from zoneinfo import ZoneInfo

from peyvand.kernel import clock
from peyvand.kernel.errors import Invalid, msg
from peyvand.kernel.phone import phone as read_phone
from peyvand.platform.notifications.channels import all_channels
from peyvand.platform.notifications.kinds import Kind, all_kinds
from peyvand.platform.notifications.models import Preference

QUIET: Final = (time(22), time(7))
# Minutes before a task is due or a meeting begins.
REMINDERS: Final = (15,)


@dataclass(frozen=True)
class Wishes:
    """What one person chose; a new one is what holds for whoever chose nothing."""

    choices: Mapping[str, Sequence[str]] = field(default_factory=dict)
    quiet: tuple[time, time] | None = QUIET
    phone: str = ""
    # Whether a code that came to the phone was typed in (confirming.py); nothing goes there before.
    is_confirmed: bool = False
    reminders: tuple[int, ...] = REMINDERS

    def channels(self, kind: Kind) -> tuple[str, ...]:
        """The channels that a kind goes by."""
        return tuple(self.choices.get(kind.wire, kind.channels))

    def open_at(self, at: datetime, zone: ZoneInfo) -> datetime:
        """The first moment from ``at`` on that is not in the quiet hours, by the clock of a zone."""
        if self.quiet is None:
            return at
        return clock.quiet_end(at, *self.quiet, zone) or at


NONE_SAID: Final = Wishes()


def wishes_of(users: Collection[int]) -> dict[int, Wishes]:
    """The wishes of each of these users, in one query."""
    found = {row.user_id: _wishes(row) for row in Preference.objects.filter(user_id__in=users)}
    return {user: found.get(user, NONE_SAID) for user in users}


def _wishes(row: Preference) -> Wishes:
    quiet = None
    if row.quiet_from is not None and row.quiet_until is not None:
        quiet = (row.quiet_from, row.quiet_until)
    return Wishes(row.choices, quiet, row.phone, row.phone_confirmed_at is not None, tuple(row.reminders))


_followers: list[Callable[[int], None]] = []


def follow_reminders(function: Callable[[int], None]) -> Callable[[int], None]:
    """Have ``function(user_id)`` called, in the same transaction, when somebody wants to be reminded earlier or later."""
    _followers.append(function)
    return function


def keep(user_id: int, wishes: Wishes) -> None:
    """Keep what somebody chose; of kinds, only where they differ from what holds anyway. Another phone is yet to be confirmed.

    Raises:
        Invalid: a channel needs a phone, or what was given is none; or the quiet hours are none.
    """
    try:
        phone = read_phone(wishes.phone) if wishes.phone.strip() else ""
    except Invalid as error:
        raise error.at("phone") from error
    texts = {channel.key for channel in all_channels() if channel.asks == "phone"}
    if not phone and any(texts & set(wishes.channels(kind)) for kind in all_kinds()):
        raise Invalid.of(msg("Give the phone that messages go to."), "phone", "required")
    if wishes.quiet is not None and wishes.quiet[0] == wishes.quiet[1]:
        raise Invalid.of(msg("Quiet hours begin and end at different times."), "quiet_until")
    known = {kind.wire: kind for kind in all_kinds()}
    choices = {
        wire: list(keys)
        for wire, keys in wishes.choices.items()
        if wire in known and tuple(keys) != known[wire].channels
    }
    begin, end = wishes.quiet or (None, None)
    old, after = wishes_of([user_id])[user_id], tuple(sorted(set(wishes.reminders)))
    elsewhere = {"phone_confirmed_at": None} if phone != old.phone else {}
    Preference.objects.update_or_create(
        user_id=user_id,
        defaults={
            "choices": choices,
            "quiet_from": begin,
            "quiet_until": end,
            "phone": phone,
            "reminders": list(after),
            **elsewhere,
        },
    )
    if tuple(sorted(old.reminders)) != after:
        for follow in _followers:
            follow(user_id)
