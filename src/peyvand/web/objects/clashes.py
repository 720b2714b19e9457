"""Where two people changed one value."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Clash:
    """What a colleague made of the value meanwhile. ``can_merge``: it is a list, so that both may stay."""

    theirs: str
    who: str
    when: str
    can_merge: bool
