"""Fields of records as a matrix: amounts as splines, kinds as one column each, and what is missing as a fact of its own.

The splines are Harrell's restricted cubic ones (Regression Modeling Strategies, 2nd ed., 2.4.5), straight beyond the outer
knots; knots stand at fixed quantiles of what was learned from. What was never seen before counts as the nearest seen
amount, or as one of the rare kinds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from peyvand.analytical.methods.guards import Numbers, Whole, Yes
from peyvand.kernel.errors import Invalid, msg

Column: TypeAlias = NDArray[Any]
Table: TypeAlias = dict[str, Column]

_KNOTS: Final = (0.05, 0.275, 0.5, 0.725, 0.95)
# Kinds seen in fewer rows than this are one kind together, and so are those that are not among the most frequent.
_RARE: Final = 10
_KINDS: Final = 50


@dataclass(frozen=True)
class Amount:
    """A numeric field: where its knots stand, what was seen at the ends, and what its columns are centred and scaled by."""

    name: str
    knots: tuple[float, ...]
    low: float
    high: float
    missing: bool
    mean: tuple[float, ...]
    scale: tuple[float, ...]


@dataclass(frozen=True)
class Kind:
    """A field of names: those frequent enough to have a column of their own; what else comes shares the last one."""

    name: str
    levels: tuple[str, ...]
    rest: bool


@dataclass(frozen=True)
class Encoding:
    """How the fields of a record become numbers, as learned from a table; `width` columns in all."""

    parts: tuple[Amount | Kind, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The fields that are looked at, in their order."""
        return tuple(part.name for part in self.parts)

    @property
    def owner(self) -> Whole:
        """For each column, which field (its place in `names`) it comes from."""
        return np.repeat(np.arange(len(self.parts)), [_width(part) for part in self.parts])

    def matrix(self, of: Mapping[str, ArrayLike]) -> Numbers:
        """Rows × columns. Invalid when a field is missing or has become text; fields not learned are not looked at."""
        read = table({name: of[name] for name in self.names if name in of})
        for part in self.parts:
            if part.name not in read:
                raise Invalid.of(msg("This field is needed."), part.name)
        blocks = [_encoded(part, read[part.name]) for part in self.parts]
        return np.hstack(blocks) if blocks else np.empty((0, 0))


def table(of: Mapping[str, ArrayLike]) -> Table:
    """The columns as floats with nan, or as text with "" for what is missing; Invalid at the one that does not fit."""
    read: Table = {}
    length = -1
    for name, values in of.items():
        column = np.asarray(values)
        if column.ndim != 1:
            raise Invalid.of(msg("One row of values is expected."), name)
        if length not in (-1, len(column)):
            raise Invalid.of(msg("%(has)s values, but %(needs)s rows.", has=len(column), needs=length), name)
        length = len(column)
        if column.dtype.kind in "biuf":
            read[name] = column.astype(np.float64)
            if np.isinf(read[name]).any():
                raise Invalid.of(msg("These must be numbers."), name)
        else:
            read[name] = column if column.dtype.kind == "U" else _text(column)
    return read


def learn(of: Table) -> Encoding:
    """The encoding of a table that `table` has read; a field that always says the same is left out."""
    parts: list[Amount | Kind] = []
    for name, column in of.items():
        part = _kind(name, column) if column.dtype.kind == "U" else _amount(name, column)
        if part is not None:
            parts.append(part)
    return Encoding(tuple(parts))


def rows(of: Table, chosen: Whole | Yes) -> Table:
    """Some rows of a table."""
    return {name: column[chosen] for name, column in of.items()}


def bins(column: Column) -> Whole:
    """A column that `table` has read as at most 21 ranges of amounts, or as its kinds; what is missing is one of them."""
    if column.dtype.kind == "U":
        return np.unique(column, return_inverse=True)[1]
    known = column[~np.isnan(column)]
    cuts = np.unique(np.quantile(known, np.arange(1, 20) / 20)) if known.size else known
    return np.where(np.isnan(column), len(cuts) + 1, np.searchsorted(cuts, column, side="right"))


def is_filled(column: Column) -> Yes:
    """Where a column that `table` has read says anything."""
    filled: Yes = column != "" if column.dtype.kind == "U" else ~np.isnan(column)
    return filled


def _text(column: Column) -> Column:
    # nan is not itself
    return np.array(["" if v is None or v != v else str(v) for v in column.tolist()], np.str_)


def _width(part: Amount | Kind) -> int:
    return len(part.mean) if isinstance(part, Amount) else len(part.levels) + part.rest


def _amount(name: str, column: Numbers) -> Amount | None:
    known = column[~np.isnan(column)]
    missing = len(known) < len(column)
    if not known.size or (known.min() == known.max() and not missing):
        return None
    knots = tuple(map(float, np.unique(np.quantile(known, _KNOTS))))
    bare = Amount(name, knots, float(known.min()), float(known.max()), missing, (), ())
    columns = np.column_stack(list(_columns(bare, column)))
    mean, scale = columns.mean(axis=0), columns.std(axis=0)
    scale[scale < 1e-12] = 1
    return Amount(
        name, knots, bare.low, bare.high, missing, tuple(map(float, mean)), tuple(map(float, scale))
    )


def _columns(part: Amount, column: Numbers) -> Iterator[Numbers]:
    """The amount itself, its bends, and whether it is missing. What is missing stands in the middle knot."""
    unknown = np.isnan(column)
    middle = part.knots[len(part.knots) // 2]
    value = np.clip(np.where(unknown, middle, column), part.low, part.high)
    yield value
    knots = part.knots
    if len(knots) > 2:
        first, before, last = knots[0], knots[-2], knots[-1]
        for knot in knots[:-2]:
            bend = (
                _cubed(value - knot)
                - _cubed(value - before) * ((last - knot) / (last - before))
                + _cubed(value - last) * ((before - knot) / (last - before))
            )
            yield bend / (last - first) ** 2
    if part.missing:
        yield unknown.astype(np.float64)


def _cubed(value: Numbers) -> Numbers:
    above: Numbers = np.maximum(value, 0)
    return above * above * above


def _kind(name: str, column: Column) -> Kind | None:
    levels, seen = np.unique(column, return_counts=True)
    most = np.sort(np.argsort(-seen, kind="stable")[:_KINDS])
    frequent = tuple(map(str, levels[most][seen[most] >= _RARE]))
    rest = len(frequent) < len(levels)
    return Kind(name, frequent, rest) if len(frequent) + rest > 1 else None


def _encoded(part: Amount | Kind, column: Column) -> Numbers:
    if isinstance(part, Amount):
        if column.dtype.kind == "U":
            raise Invalid.of(msg("These must be numbers."), part.name)
        scaled: Numbers = np.column_stack(list(_columns(part, column)))
        scaled -= np.array(part.mean)
        scaled /= np.array(part.scale)
        return scaled
    text = column if column.dtype.kind == "U" else np.array([str(v) for v in column.tolist()])
    one = [(text == level).astype(np.float64) for level in part.levels]
    if part.rest:
        one.append((~np.isin(text, np.array(part.levels, np.str_))).astype(np.float64))
    return np.column_stack(one)
