"""When a method must not answer: too little to learn from, nothing to be learned, or values that are no values."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from peyvand.kernel.errors import Invalid, Message, RuleViolation, msg

Numbers: TypeAlias = NDArray[np.float64]
Whole: TypeAlias = NDArray[np.int64]
Yes: TypeAlias = NDArray[np.bool_]

_WHOLE: Final = 2.0**53


class NotEnough(RuleViolation):
    """There is too little to learn from; `needs` and `has` count the same thing, `what` (a msgid) names it."""

    code = "not_enough"

    def __init__(self, what: str, needs: int, has: int) -> None:
        super().__init__(
            msg(
                "Not enough %(what)s yet: %(has)s so far, %(needs)s needed.",
                needs=needs,
                what=Message(what),
                has=has,
            )
        )
        self.what, self.needs, self.has = what, needs, has


class NoSignal(RuleViolation):
    """What is known does not tell the outcome: the figure's lower bound is below what chance reaches, or nearly."""

    code = "no_signal"

    def __init__(self, figure: str, lower: float, needed: float) -> None:
        super().__init__(
            msg(
                "No usable signal: %(figure)s is only sure to be above %(lower)s; %(needed)s is needed.",
                figure=Message(figure),
                lower=_shown(lower),
                needed=_shown(needed),
            )
        )
        self.figure, self.lower, self.needed = figure, lower, needed


class Stale(RuleViolation):
    """Nothing happened in the later half of the time that is known: what is learned from it would be of the past."""

    code = "stale"

    def __init__(self, quiet: int, known: int) -> None:
        super().__init__(
            msg(
                "The newest purchase is %(quiet)s days old in a history of %(known)s days; newer data are needed.",
                quiet=quiet,
                known=known,
            )
        )
        self.quiet, self.known = quiet, known


def require(what: str, needs: int, has: int) -> None:
    """Raises NotEnough unless there are as many as are needed; `what` is a msgid in the plural ("buyers")."""
    if has < needs:
        raise NotEnough(what, needs, int(has))


def require_fresh(quiet: int, known: int) -> None:
    """Raises Stale where the newest purchase is older, in days, than half of the history: nothing of today is told by it."""
    if 2 * quiet > known:
        raise Stale(quiet, known)


def numbers(field: str, values: ArrayLike, *, least: float | None = None) -> Numbers:
    """The values as a vector of finite floats, none below `least`; Invalid at `field` otherwise."""
    try:
        read = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise Invalid.of(msg("These must be numbers."), field) from error
    if read.ndim != 1:
        raise Invalid.of(msg("One row of numbers is expected."), field)
    unread = int(read.size - np.isfinite(read).sum())
    if unread:
        raise Invalid.of(msg("%(count)s values are missing or are no numbers.", count=unread), field)
    if least is not None and read.size and float(read.min()) < least:
        raise Invalid.of(msg("No value may be below %(least)s.", least=_shown(least)), field)
    return read


def whole(field: str, values: ArrayLike, *, least: int | None = None) -> Whole:
    """The values as a vector of whole numbers (days, counts, ids as they come from a file, 17850.0 among them)."""
    read = np.asarray(values)
    if read.dtype.kind not in "iu":
        floats = numbers(field, values)
        if np.any(floats != np.rint(floats)) or np.any(np.abs(floats) > _WHOLE):
            raise Invalid.of(msg("These must be whole numbers."), field)
        read = floats
    elif read.ndim != 1:
        raise Invalid.of(msg("One row of numbers is expected."), field)
    if least is not None and read.size and int(read.min()) < least:
        raise Invalid.of(msg("No value may be below %(least)s.", least=least), field)
    return read.astype(np.int64, copy=False)


def outcomes(field: str, values: ArrayLike) -> Yes:
    """The values as yes and no: booleans, or numbers that are all 0 or 1."""
    read = np.asarray(values)
    if read.dtype.kind != "b":
        floats = numbers(field, values)
        if not np.isin(floats, (0.0, 1.0)).all():
            raise Invalid.of(msg("An outcome is yes or no."), field)
        read = floats.astype(np.bool_)
    elif read.ndim != 1:
        raise Invalid.of(msg("One row of numbers is expected."), field)
    return read


def same_length(**arrays: NDArray[Any]) -> None:
    """Raises Invalid at the first array that is not as long as the one before it."""
    lengths = [(name, len(values)) for name, values in arrays.items()]
    for name, length in lengths[1:]:
        if length != lengths[0][1]:
            raise Invalid.of(
                msg("%(has)s values, but %(needs)s rows.", has=length, needs=lengths[0][1]), name
            )


def _shown(value: float) -> Decimal:
    return Decimal(str(round(value, 3)))
