"""From counts to a score out of a hundred, in four parts named as data management names them.

*Complete* (DAMA: completeness; ISO/IEC 25012 5.3.1.2): what ought to be filled is. *Valid* (DAMA: validity; ISO 8000-8:
syntactic quality; ISO/IEC 25012 calls it accuracy of syntax, and consistency between records): what is filled keeps the
rules that hold today. *Fresh* (DAMA: timeliness; ISO/IEC 25012: currentness): somebody touched it lately. *Unique* (DAMA:
uniqueness): nothing says that it is there twice. Whether a value is true of the world, no program can tell: that part of
accuracy is not measured, and the screen says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import reduce

WHOLE = 1000


@dataclass(frozen=True)
class Counted:
    """Records of which a field is asked (``of``), that have it filled, in which it is wrong, and that share its value with
    another; None: not asked."""

    of: int
    filled: int
    weight: int = 1
    invalid: int | None = None
    shared: int | None = None

    @property
    def score(self) -> int | None:
        """The field's own score in tenths of a percent: its parts multiplied, so that nothing makes up for what is empty."""
        return product((
            part(self.filled, self.of) if self.weight else None,
            None if self.invalid is None else part(self.filled - self.invalid, self.filled),
            None if self.shared is None else part(self.filled - self.shared, self.filled),
        ))  # fmt: skip


@dataclass(frozen=True)
class Figures:
    """What was counted of an object's records. ``stale`` and ``alike`` None: not asked."""

    records: int
    fields: Mapping[str, Counted] = field(default_factory=dict)
    stale: int | None = None
    alike: int | None = None

    @property
    def complete(self) -> int | None:
        counted = self.fields.values()
        return part(sum(f.weight * f.filled for f in counted), sum(f.weight * f.of for f in counted))

    @property
    def valid(self) -> int | None:
        checked = [(f.filled, f.invalid) for f in self.fields.values() if f.invalid is not None]
        return part(sum(n - wrong for n, wrong in checked), sum(n for n, _ in checked))

    @property
    def fresh(self) -> int | None:
        return None if self.stale is None else part(self.records - self.stale, self.records)

    @property
    def unique(self) -> int | None:
        return None if self.alike is None else part(self.records - self.alike, self.records)

    @property
    def score(self) -> int | None:
        return mean((self.complete, self.valid, self.fresh, self.unique))


def part(good: int, of: int) -> int | None:
    """A share in tenths of a percent, rounded down: a hundred means all of them. None where there is nothing to ask."""
    return WHOLE * good // of if of else None


def product(parts: Iterable[int | None]) -> int | None:
    """The share of a share, of those that were asked."""
    asked = [each for each in parts if each is not None]
    return reduce(lambda whole, each: whole * each // WHOLE, asked, WHOLE) if asked else None


def mean(parts: Iterable[int | None]) -> int | None:
    """The mean of those that were asked, each counting the same."""
    asked = [each for each in parts if each is not None]
    return sum(asked) // len(asked) if asked else None
