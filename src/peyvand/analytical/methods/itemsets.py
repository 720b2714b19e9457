"""What is found together in baskets: frequent sets of items, counted exactly and without a limit of memory.

Level by level as in Agrawal & Srikant 1994, counted on bitmaps of baskets as in Zaki 2000. Pairs, of which there are
most, are counted straight from the lines, each line with those behind it in its basket, into one table of counters.
Everything is whole numbers: at 10 baskets a support of .3 means 3.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from peyvand.analytical.methods.guards import Whole, Yes, same_length, whole
from peyvand.kernel.errors import Invalid, RuleViolation, msg

# How much is held at a time: counters of pairs, lines, pairs not yet counted, cells of a bitmap, words of it compared.
_COUNTERS: Final = 1 << 24
_LINES: Final = 1 << 19
_PAIRS: Final = 1 << 23
_CELLS: Final = 1 << 26
_WORDS: Final = 1 << 17


@dataclass(frozen=True, eq=False)
class Level:
    """All frequent sets of one size.

    `sets` (n × size) holds ranks of items, ascending, in lexicographic order; `counts` in how many baskets each is;
    `without[i, j]` which set of the level below is set i without its j-th item.
    """

    sets: Whole
    counts: Whole
    without: Whole

    def __len__(self) -> int:
        return len(self.sets)


@dataclass(frozen=True, eq=False)
class Itemsets:
    """Frequent sets by size: `levels[0]` single items, `levels[1]` pairs …; `items[rank]` is the item's code.

    `baskets` is how many baskets there are, `least` in how many a set must be to count as frequent.
    """

    levels: tuple[Level, ...]
    items: Whole
    baskets: int
    least: int

    def __len__(self) -> int:
        return sum(map(len, self.levels))


def exact(name: str, share: float | Decimal | Fraction) -> Fraction:
    """A share as it is written: .1 is a tenth. Invalid unless it lies above 0 and is at most 1."""
    known = Fraction(str(share)) if isinstance(share, float) and np.isfinite(share) else share
    if isinstance(known, float) or not 0 < known <= 1:
        raise Invalid.of(msg("A share lies above 0 and is at most 1."), name)
    return Fraction(known).limit_denominator(10**9)  # what the counts are multiplied by, in 64 bits


def itemsets(
    baskets: ArrayLike,
    items: ArrayLike,
    *,
    support: float | Decimal | Fraction,
    fewest: int = 1,
    longest: int = 10,
    most: int = 1_000_000,
) -> Itemsets:
    """The sets of up to `longest` items that are in at least `support` of all baskets, and in no fewer than `fewest`.

    `baskets` and `items` are parallel: a line each, in any order, repeated lines count once; items are codes ≥ 0.
    RuleViolation when a size has more than `most` sets: the support is too low to mean anything.
    """
    of, what = whole("baskets", baskets), whole("items", items, least=0)
    same_length(baskets=of, items=what)
    share = exact("support", support)
    if not of.size:
        return Itemsets((), np.empty(0, np.int64), 0, fewest)
    starts, ranks, codes = _sorted_lines(of, what)
    total = len(starts) - 1
    least = max(fewest, 1, int(-(-share * total // 1)))
    seen = np.bincount(ranks, minlength=len(codes))
    frequent = seen >= least
    renamed = np.cumsum(frequent) - 1
    ends = np.repeat(starts[1:], np.diff(starts))
    kept = frequent[ranks]
    ends = np.concatenate(([0], np.cumsum(kept)))[ends][kept]
    ranks = renamed[ranks[kept]]
    first = np.arange(len(codes[frequent]))
    levels = [Level(first[:, None], seen[frequent], np.zeros((len(first), 1), np.int64))]
    if longest > 1 and len(first) > 1:
        levels.append(_pairs(ranks, ends, len(first), least, most))
        levels += _longer(levels[-1], ranks, ends, len(first), least, longest, most)
    return Itemsets(tuple(level for level in levels if len(level)), codes[frequent], total, least)


def _sorted_lines(baskets: Whole, items: Whole) -> tuple[Whole, Whole, Whole]:
    """Where each basket begins (and the last ends), its items as ranks in ascending order, and the ranks' codes.

    Items on many lines get the low ranks, so that the counters that are used most lie side by side.
    """
    lines = _counted(items)
    codes = np.argsort(-lines, kind="stable")[: int(np.count_nonzero(lines))]
    rank = np.empty(len(lines), np.int64)
    rank[codes] = np.arange(len(codes))
    low, wide = int(baskets.min()), int(baskets.max()) - int(baskets.min())
    if wide >= 2**62 // len(codes):
        baskets, low = np.unique(baskets, return_inverse=True)[1], 0
    keys = (baskets - low) * len(codes)
    keys += rank[items]
    keys.sort()
    keys = keys[np.concatenate(([True], keys[1:] != keys[:-1]))]
    of = keys // len(codes)
    keys -= of * len(codes)
    starts = np.flatnonzero(np.concatenate(([True], of[1:] != of[:-1], [True])))
    return starts, keys, codes


def _counted(items: Whole) -> Whole:
    if int(items.max()) > 64 * len(items) + 1_000_000:
        raise Invalid.of(msg("Items must be numbered from 0 without wide gaps."), "items")
    return np.bincount(items)


def _pairs(ranks: Whole, ends: Whole, many: int, least: int, most: int) -> Level:
    """Frequent pairs. A block of first items at a time has its counters, one for each later item, in one row of memory."""
    place = np.arange(many, dtype=np.int64)
    begins = place * (2 * many - place - 1) // 2
    found: list[tuple[Whole, Whole, Whole]] = []
    low = 0
    while low < many - 1:
        high = max(low + 1, int(np.searchsorted(begins, begins[low] + _COUNTERS, side="right")) - 1)
        base = begins - begins[low] - place - 1
        counters = np.zeros(base[high - 1] + many, np.int64)
        for first, second in _neighbours(ranks, ends, low, high):
            counters += np.bincount(base[first] + second, minlength=len(counters))
        cell = np.flatnonzero(counters >= least)
        first = np.searchsorted(begins[low:high] - begins[low], cell, side="right") - 1 + low
        found.append((first, cell - base[first], counters[cell]))
        _refuse_flood(sum(len(part[0]) for part in found), most)
        low = high
    first, second, counts = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return Level(np.column_stack((first, second)), counts, np.column_stack((second, first)))


def _neighbours(ranks: Whole, ends: Whole, low: int, high: int) -> Iterator[tuple[Whole, Whole]]:
    """The items of every two lines of a basket, the first of a rank from `low` up to `high`, some millions at a time."""
    lines = np.flatnonzero((ranks >= low) & (ranks < high))
    held: list[tuple[Whole, Whole]] = []
    size = 0
    for begin in range(0, len(lines), _LINES):
        left, apart = lines[begin : begin + _LINES], 1
        last = ends[left]
        while True:
            inside = left + apart < last
            left, last = left[inside], last[inside]
            if not left.size:
                break
            held.append((ranks[left], ranks[left + apart]))
            size += len(left)
            apart += 1
            if size >= _PAIRS:
                yield _joined(held)
                held, size = [], 0
    if held:
        yield _joined(held)


def _joined(held: list[tuple[Whole, Whole]]) -> tuple[Whole, Whole]:
    return np.concatenate([first for first, _ in held]), np.concatenate([second for _, second in held])


def _longer(
    pairs: Level, ranks: Whole, ends: Whole, many: int, least: int, longest: int, most: int
) -> Iterator[Level]:
    """The levels from three items on, until one is empty."""
    level = pairs
    while level.sets.shape[1] < longest and len(level) > level.sets.shape[1]:
        candidates = _candidates(level, many, most)
        counts = _counts(candidates.sets, ranks, ends, many)
        kept = counts >= least
        level = Level(candidates.sets[kept], counts[kept], candidates.without[kept])
        yield level


def _candidates(level: Level, many: int, most: int) -> Level:
    """Sets of one item more of which every set without one item is frequent; their counts are not known yet."""
    size = level.sets.shape[1]
    key = level.without[:, -1] * many + level.sets[:, -1]
    group = level.without[:, -1]
    places = np.arange(len(level))
    partners = np.searchsorted(group, group, side="right") - 1 - places
    first = np.repeat(places, partners)
    offset = np.arange(len(first)) - np.repeat(np.cumsum(partners) - partners, partners)
    second = first + 1 + offset
    columns = [first]
    for item in range(size - 1):
        wanted = level.without[first, item] * many + level.sets[second, -1]
        place = np.searchsorted(key, wanted)
        place[place == len(key)] = 0
        known = key[place] == wanted
        first, second = first[known], second[known]
        columns = [column[known] for column in columns] + [place[known]]
    columns.append(second)
    _refuse_flood(len(first), most)
    without = np.column_stack((*columns[1:], first))
    sets = np.column_stack((level.sets[first], level.sets[second, -1]))
    return Level(sets, np.zeros(len(sets), np.int64), without)


def _counts(sets: Whole, ranks: Whole, ends: Whole, many: int) -> Whole:
    """In how many baskets each set is, by bitmaps of as many baskets as are held at a time."""
    counts = np.zeros(len(sets), np.int64)
    if not len(sets):
        return counts
    for bits in _bitmaps(ranks, ends, many, np.unique(sets)):
        rows = max(1, _WORDS // bits.shape[1])
        for begin in range(0, len(sets), rows):
            part = sets[begin : begin + rows]
            both = bits[part[:, 0]]
            for item in range(1, part.shape[1]):
                both &= bits[part[:, item]]
            counts[begin : begin + rows] += np.bitwise_count(both).sum(axis=1, dtype=np.int64)
    return counts


def _bitmaps(ranks: Whole, ends: Whole, many: int, used: Whole) -> Iterator[NDArray[np.uint64]]:
    """A row of bits for each item, a bit for each basket; only items that are `used` have any."""
    wanted: Yes = np.zeros(many, np.bool_)
    wanted[used] = True
    kept = wanted[ranks]
    ranks, ends = ranks[kept], ends[kept]
    basket = np.cumsum(np.concatenate(([False], ends[1:] != ends[:-1])))
    wide = max(64, _CELLS // many // 64 * 64)
    for begin in range(0, int(basket[-1]) + 1 if len(basket) else 0, wide):
        low, high = np.searchsorted(basket, (begin, begin + wide))
        columns = -(-(int(basket[high - 1]) - begin + 1) // 64) * 64
        held = np.zeros((many, columns), np.bool_)
        held[ranks[low:high], basket[low:high] - begin] = True
        yield np.packbits(held, axis=1).view(np.uint64)


def _refuse_flood(sets: int, most: int) -> None:
    if sets > most:
        raise RuleViolation(
            msg("More than %(most)s combinations: ask for a higher support.", most=most), "support"
        )
