"""Which of two texts somebody gets, and whether one is better: chances that are reckoned honestly."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from math import sqrt
from typing import Final

from peyvand.collaborative.sequences.models import Step

# Fewer than so many of each tell nothing.
FEWEST: Final = 30
# Nineteen times of twenty the true rate lies within.
_Z: Final = 1.96


def variant_of(step: Step, enrolment_id: int) -> str:
    """ "a" or "b", drawn by the enrolment's number, so that it is the same whoever asks; "" where there is one text."""
    if not step.has_two:
        return ""
    drawn = hashlib.sha256(f"{step.id}:{enrolment_id}".encode()).digest()
    return "b" if int.from_bytes(drawn[:8]) % 100 < step.share_b else "a"


@dataclass(frozen=True)
class Rate:
    """How many of how many, with the range in which the true rate lies (Wilson's interval)."""

    count: int
    of: int

    @property
    def share(self) -> float:
        return self.count / self.of if self.of else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        if not self.of:
            return 0.0, 1.0
        n, p = self.of, self.share
        middle, below = p + _Z**2 / (2 * n), 1 + _Z**2 / n
        spread = _Z * sqrt(p * (1 - p) / n + _Z**2 / (4 * n**2))
        # Rounding must not put the rate itself outside.
        return max(0.0, min(p, (middle - spread) / below)), min(1.0, max(p, (middle + spread) / below))


def better(a: Rate, b: Rate) -> str:
    """ "a" or "b" where one is surely better, "few" where there are too few to tell, else "same"."""
    if min(a.of, b.of) < FEWEST:
        return "few"
    if a.interval[0] > b.interval[1]:
        return "a"
    return "b" if b.interval[0] > a.interval[1] else "same"
