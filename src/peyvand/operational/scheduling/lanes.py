"""Where the boxes of a day stand beside each other, so that none lies on another. Pure arithmetic of minutes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

DAY: Final = 24 * 60
# A box is never lower than that, so that its title can be read; it counts as long as it is drawn.
LEAST: Final = 30


@dataclass(frozen=True)
class Box:
    """A place in a day's column: minutes from midnight, and the ``lane``-th of ``lanes`` equal parts of its width."""

    low: int
    high: int
    lane: int = 0
    lanes: int = 1


def beside(spans: Sequence[tuple[int, int]]) -> list[Box]:
    """The box of each span (its beginning and end in minutes of the day), in the order given.

    What overlaps, directly or through others, shares the width in equal parts; what begins first, or among equals is
    given first, stands nearer to the line's beginning.
    """
    drawn = [_drawn(*span) for span in spans]
    boxes: dict[int, Box] = {}
    group: list[int] = []
    ends: list[int] = []

    def close() -> None:
        for n in group:
            boxes[n] = Box(*drawn[n], lanes[n], len(ends))
        group.clear()
        ends.clear()

    lanes: dict[int, int] = {}
    for n in sorted(range(len(drawn)), key=lambda n: (drawn[n][0], n)):
        low, high = drawn[n]
        if ends and low >= max(ends):
            close()
        lane = next((at for at, end in enumerate(ends) if end <= low), len(ends))
        ends[lane : lane + 1] = [high]
        lanes[n] = lane
        group.append(n)
    close()
    return [boxes[n] for n in range(len(drawn))]


def _drawn(low: int, high: int) -> tuple[int, int]:
    low = max(0, min(low, DAY - LEAST))
    return low, min(DAY, max(high, low + LEAST))
