"""What a line of an order comes to, in whole minor units. What came back is reckoned as what went out was: −1 times it."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from peyvand.kernel.money import Currency


class Figures(NamedTuple):
    """gross − discount = net, net + tax = total."""

    gross: int
    discount: int
    net: int
    tax: int
    total: int


def figures(
    quantity: float | Decimal,
    price: int,
    discount: float | Decimal = 0,
    tax: float | Decimal = 0,
    gross: int | None = None,
) -> Figures:
    """A line of ``quantity`` (at most three decimals, below zero for what came back) at ``price`` each; rates in percent.

    ``gross`` is what the line is said to come to, where the price is only its rounded part.
    """
    if gross is None:
        gross = part(price * thousandths(quantity), 1000)
    taken = part(gross * round(discount * 100), 10_000) if discount else 0
    net = gross - taken
    taxed = part(net * round(tax * 100), 10_000) if tax else 0
    return Figures(gross, taken, net, taxed, net + taxed)


def thousandths(quantity: float | Decimal) -> int:
    return quantity * 1000 if quantity.__class__ is int else round(quantity * 1000)


def part(amount: int, of: int) -> int:
    """``amount`` divided by ``of``, rounded half away from zero, so that a return is exactly what it takes back."""
    return (2 * amount + of) // (2 * of) if amount >= 0 else -((of - 2 * amount) // (2 * of))


def price_of(gross: int, quantity: float | Decimal) -> int:
    """The rounded part of one unit of what a line comes to."""
    whole = thousandths(quantity)
    return part(gross * 1000, whole) if whole > 0 else part(-gross * 1000, -whole)


def converted(amount: int, rate: Decimal, of: Currency, into: Currency) -> int:
    """An amount in minor units of one currency as minor units of another, of which ``rate`` are worth one whole unit."""
    worth = Decimal(amount).scaleb(into.exponent - of.exponent) * rate
    return int(worth.to_integral_value(ROUND_HALF_UP))
