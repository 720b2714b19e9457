"""The series of numbers, and how a number is written: "INV-{year}-{n:05}"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from peyvand.kernel.errors import Invalid, msg
from peyvand.kernel.persian.text import to_ascii_digits
from peyvand.operational.numbering.models import Pattern

LONGEST: Final = 40
_PLACE: Final = re.compile(r"\{(year|yy|n)(?::0?([1-9]\d?))?\}")
_WIDEST: Final = 12


@dataclass(frozen=True, slots=True)
class Series:
    """A kind of paper that is numbered, and how unless the workspace says otherwise."""

    key: str
    label: str | Promise
    pattern: str
    restarts: bool = True


SERIES: Final = {
    one.key: one
    for one in (
        Series("quote", _("Quotes"), "Q-{year}-{n:04}"),
        Series("proforma", _("Pro-forma invoices"), "PF-{year}-{n:04}"),
        Series("invoice", _("Invoices"), "INV-{year}-{n:05}"),
        Series("credit_note", _("Credit notes and returns"), "CN-{year}-{n:05}"),
        Series("receipt", _("Receipts and refunds"), "RC-{year}-{n:05}"),
        Series("contract", _("Contracts"), "C-{year}-{n:04}"),
        Series("order", _("Orders"), "O-{year}-{n:05}"),
    )
}
"""Every paper that the product numbers, in the order in which they are set."""


def series_of(key: str) -> Series:
    """A series as the open workspace has it.

    Raises:
        KeyError: there is no such series.
    """
    usual = SERIES[key]
    own = Pattern.objects.filter(series=key).values_list("pattern", "restarts").first()
    return usual if own is None else Series(key, usual.label, own[0], own[1])


def written(pattern: str, n: int, year: int) -> str:
    """The number ``n`` of a fiscal year as its pattern has it."""

    def fill(place: re.Match[str]) -> str:
        name, width = place[1], int(place[2] or 0)
        value = {"n": n, "year": year, "yy": year % 100}[name]
        return f"{value:0{max(width, 2 if name == 'yy' else 0)}d}"

    return _PLACE.sub(fill, pattern)


def checked(pattern: str, *, restarts: bool) -> str:
    """A pattern as it is kept.

    Raises:
        Invalid: it is too long, has no or several places for the number, or would give one number twice.
    """
    text = to_ascii_digits(" ".join(pattern.split()))
    places = [match[1] for match in _PLACE.finditer(text)]
    if len(text) > LONGEST:
        raise Invalid.of(msg("This is too long: at most %(max)s characters.", max=LONGEST), "pattern")
    if re.search(r"[{}]", _PLACE.sub("", text)):
        raise Invalid.of(msg("In braces stand only {year}, {yy} and {n}, for instance {n:05}."), "pattern")
    if places.count("n") != 1:
        raise Invalid.of(msg("The pattern needs one place for the number: {n}."), "pattern")
    if any(int(match[2] or 0) > _WIDEST for match in _PLACE.finditer(text)):
        raise Invalid.of(msg("A number has at most %(max)s digits.", max=_WIDEST), "pattern")
    if restarts and not {"year", "yy"} & set(places):
        raise Invalid.of(
            msg(
                "Where counting begins anew every year, the pattern needs {year}: else two papers have one number."
            ),
            "pattern",
        )
    if re.search(r"\}\{|\}\d|\d\{", text):
        raise Invalid.of(
            msg("Put a sign such as “-” between the places, so that every number is told from the others."),
            "pattern",
        )
    return text
