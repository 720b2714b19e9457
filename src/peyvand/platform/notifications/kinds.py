"""The kinds of notifications, as slices declare them (telling.py) and as people choose about them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise

from peyvand.kernel.errors import Message
from peyvand.platform.fields.reader import Reader

# Puts what a notification is about off, for its reader: (ctx, object, id, choice). See web/notifications.
Snooze = Callable[[Any, str, int, str], None]
Says = Callable[[Any, str, Reader], Message]


@dataclass(frozen=True)
class Kind:
    """A kind of notification, as people choose about it. Its key is the fact's wire name."""

    wire: str
    label: str | Promise
    slice: str
    # The heading under which it stands in the settings.
    group: str | Promise
    # (fact, who did it, reader) -> what is said, where the name and then the fact's own sentence does not do.
    says: Says | None
    # What is said of several at once, with ``%(count)s``.
    many: str | Promise
    # Whether it passes through quiet hours.
    urgent: bool
    # The channels by which it goes unless its reader chooses otherwise.
    channels: tuple[str, ...]
    snooze: Snooze | None


_kinds: dict[str, Kind] = {}


def kind_of(wire: str) -> Kind | None:
    return _kinds.get(wire)


def all_kinds() -> list[Kind]:
    """Every kind, in the order of headings and names."""
    return sorted(_kinds.values(), key=lambda kind: (str(kind.group), str(kind.label)))


def declare(kind: Kind) -> None:
    """Make a kind known."""
    if kind.wire in _kinds:
        raise ValueError(f"who is told of {kind.wire} is said twice")
    _kinds[kind.wire] = kind
