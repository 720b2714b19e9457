"""What a paper with lines comes to, to the last minor unit, and an amount in words.

Everything is rounded half up, once for each line and step; a document is the sum of its lines and is never rounded by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, localcontext
from functools import cache
from typing import TYPE_CHECKING, Final

from peyvand.kernel.errors import Invalid, msg
from peyvand.kernel.money import IRR, Currency, Unit, parts_named
from peyvand.kernel.persian.calendar import is_persian

if TYPE_CHECKING:
    import inflect

MOST: Final = 2**63 - 1
# A quantity of 14 digits times a price of 19 times a rate: more than the usual 28.
_PRECISION: Final = 60


@dataclass(frozen=True, slots=True)
class Line:
    """One line: ``price`` for one unit in minor units, ``discount`` and ``tax`` in percent."""

    quantity: Decimal
    price: int
    discount: Decimal = Decimal(0)
    tax: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Reckoned:
    """What a line comes to, in minor units: gross − discount − share = net, net + tax = total.

    ``share`` is the line's part of the discount on the whole document.
    """

    gross: int
    discount: int
    share: int
    net: int
    tax: int
    total: int


@dataclass(frozen=True, slots=True)
class Totals:
    """The reckoned lines and their sums, which hold the same equations as each line."""

    lines: tuple[Reckoned, ...]
    gross: int
    discount: int
    share: int
    net: int
    tax: int
    total: int


def reckon(
    lines: Iterable[Line], *, discount: Decimal | None = None, discount_amount: int | None = None
) -> Totals:
    """Reckon a document: each line by itself, then a discount on all, in percent or as an amount, shared among the lines
    by what they cost (the largest remainders get the odd units), then each line's tax on what remains.

    Raises:
        Invalid: a quantity, price or rate is out of its range, both discounts are given, the discount is more than the
            lines come to, or the sum is beyond 2⁶³.
    """
    asked = tuple(lines)
    for line in asked:
        _check(line)
    if discount is not None and discount_amount is not None:
        raise Invalid.of(msg("Give the discount in percent or as an amount, not both."), "discount")
    with localcontext() as context:
        context.prec = _PRECISION
        gross = [_whole(line.quantity * line.price) for line in asked]
        own = [_whole(g * line.discount / 100) for g, line in zip(gross, asked, strict=True)]
        rest = [g - d for g, d in zip(gross, own, strict=True)]
        shares = shared(_on_all(sum(rest), discount, discount_amount), rest)
        net = [r - s for r, s in zip(rest, shares, strict=True)]
        tax = [_whole(n * line.tax / 100) for n, line in zip(net, asked, strict=True)]
    reckoned = tuple(
        Reckoned(g, d, s, n, t, n + t) for g, d, s, n, t in zip(gross, own, shares, net, tax, strict=True)
    )
    totals = Totals(reckoned, sum(gross), sum(own), sum(shares), sum(net), sum(tax), sum(net) + sum(tax))
    if max(totals.gross, totals.total) > MOST:
        raise Invalid.of(msg("This amount is too large."), code="too_large")
    return totals


def shared(amount: int, weights: Sequence[int]) -> list[int]:
    """An amount in whole parts that go by the weights (0 or more) and add up to it: the largest remainders get the odd units,
    the first of equals before the others. Nobody gets more than their weight while the amount is not more than all weights.

    Raises:
        Invalid: there is something to share, but nobody has a weight.
    """
    whole = sum(weights)
    if amount == 0:
        return [0] * len(weights)
    if whole == 0:
        raise Invalid.of(msg("There is nothing that this could be shared among."))
    parts = [amount * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda n: (-(amount * weights[n] % whole), n))
    for n in by_remainder[: amount - sum(parts)]:
        parts[n] += 1
    return parts


def percent_of(part: int, whole: int) -> Decimal:
    """``part`` as percent of ``whole``, rounded half up to two decimals; 0 of nothing is 0."""
    if whole == 0:
        return Decimal(0)
    with localcontext() as context:
        context.prec = _PRECISION
        return (Decimal(part) * 100 / whole).quantize(Decimal("0.01"), ROUND_HALF_UP)


def _check(line: Line) -> None:
    if line.quantity < 0:
        raise Invalid.of(msg("This must not be below zero."), "quantity")
    if line.price < 0:
        raise Invalid.of(msg("This must not be below zero."), "price")
    for name, rate in (("discount", line.discount), ("tax", line.tax)):
        if not 0 <= rate <= 100:
            raise Invalid.of(msg("This must be between 0 and %(max)s.", max=100), name)


def _on_all(rest: int, discount: Decimal | None, amount: int | None) -> int:
    if amount is None:
        rate = discount or Decimal(0)
        if not 0 <= rate <= 100:
            raise Invalid.of(msg("This must be between 0 and %(max)s.", max=100), "discount")
        return _whole(rest * rate / 100)
    if amount < 0:
        raise Invalid.of(msg("This must not be below zero."), "discount_amount")
    if amount > rest:
        raise Invalid.of(msg("The discount is more than the lines come to."), "discount_amount")
    return amount


def _whole(exact: Decimal) -> int:
    return int(exact.to_integral_value(ROUND_HALF_UP))


def in_words(amount: int, currency: Currency, unit: Unit = "rial", language: str = "fa") -> str:
    """An amount of minor units in words with its unit: «دوازده هزار تومان», "twelve dollars and fifty cents".

    What is below the unit is said too («و پنج ریال»), so that the words are always the whole amount.
    """
    persian = is_persian(language)
    per = 10 if currency == IRR and unit == "toman" else 10**currency.exponent
    whole, rest = divmod(abs(amount), per)
    (name, names), (part, parts) = parts_named(currency, unit, language)
    said = []
    if whole or not rest:
        said.append(f"{_said(whole, persian)} {name if whole == 1 else names}")
    if rest:
        said.append(f"{_said(rest, persian)} {part if rest == 1 else parts}")
    text = (" و " if persian else " and ").join(said)
    if amount >= 0:
        return text
    return f"منفی {text}" if persian else f"minus {text}"


_THOUSANDS: Final[Mapping[int, str]] = {15: "کوادریلیون", 18: "کوینتیلیون"}


def _said(number: int, persian: bool) -> str:
    return _in_persian(number) if persian else str(_english().number_to_words(str(number)))


def _in_persian(number: int) -> str:
    from persiantools.digits import to_word

    said = []
    rest = number
    # The package speaks below a quadrillion; beyond it the same words go on.
    for power in (18, 15):
        count, rest = divmod(rest, 10**power)
        if count:
            said.append(f"{to_word(count)} {_THOUSANDS[power]}")
    if rest or not said:
        said.append(str(to_word(rest)))
    return " و ".join(said)


@cache
def _english() -> inflect.engine:
    import inflect

    return inflect.engine()
