"""A paper as data: what a quote or an invoice says, before it has a shape."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from peyvand.kernel.money import Unit, currency, said_in


@dataclass(frozen=True)
class Party:
    """One side of a paper, as it was called on its day."""

    name: str = ""
    national_id: str = ""
    economic_code: str = ""
    registration_no: str = ""
    phone: str = ""
    email: str = ""
    address: str = ""
    postal_code: str = ""
    # Who speaks for it.
    person: str = ""


@dataclass(frozen=True)
class PaperLine:
    """Money is in minor units; ``discount`` is everything that was taken off this line."""

    description: str
    quantity: Decimal
    price: int
    discount: int
    tax: int
    total: int
    unit: str = ""


@dataclass(frozen=True)
class Paper:
    """Everything that stands on a paper. ``title`` is what it is ("Quote"), in its own language; ``language`` is fa or en.

    ``facts`` are further pairs of label and value for its head, as they are read; ``stamp`` is a word across it (draft, cancelled).
    """

    title: str
    number: str
    day: date
    language: str
    currency: str
    money_unit: str
    buyer: Party
    lines: tuple[PaperLine, ...]
    gross: int
    discount: int
    net: int
    tax: int
    total: int
    seller: Party = field(default_factory=Party)
    # Until when it holds, or when it is due, with the word for that.
    until: date | None = None
    until_label: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    notes: str = ""
    terms: str = ""
    footer: str = ""
    stamp: str = ""
    # The letterhead's picture: PNG or JPEG.
    logo: bytes | None = None
    # Who signed it, when: lines beneath the sums.
    signed: tuple[str, ...] = ()

    @property
    def unit(self) -> Unit:
        """What all its amounts are said in: the workspace's unit, or rials where one of them is no whole number of tomans."""
        lines = (
            amount for line in self.lines for amount in (line.price, line.discount, line.tax, line.total)
        )
        sums = (self.gross, self.discount, self.net, self.tax, self.total)
        return said_in(
            (*lines, *sums), currency(self.currency), "toman" if self.money_unit == "toman" else "rial"
        )
