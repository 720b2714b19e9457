"""Iranian identifiers: each function takes them as written and returns the one form kept, or says why not."""

from __future__ import annotations

import re
from typing import Final

from peyvand.kernel.errors import Invalid, msg
from peyvand.kernel.persian.text import fold

_SEPARATORS: Final = re.compile(r"[\s\-_/.]+")
_COMPANY_WEIGHTS: Final = (29, 27, 23, 19, 17) * 2


def national_id(text: str) -> str:
    """کد ملی: ten digits with a check digit. Leading zeros that a spreadsheet dropped are put back."""
    number = _digits(text)
    if not 8 <= len(number) <= 10:
        raise _wrong_length(number, 10)
    number = number.zfill(10)
    _refuse_repeated(number)
    rest = sum(int(digit) * weight for digit, weight in zip(number, range(10, 1, -1), strict=False)) % 11
    if int(number[9]) != (rest if rest < 2 else 11 - rest):
        raise _wrong_check()
    return number


def company_id(text: str) -> str:
    """شناسه ملی of a company: eleven digits with a check digit."""
    number = _digits(text)
    if len(number) != 11:
        raise _wrong_length(number, 11)
    _refuse_repeated(number)
    added = int(number[9]) + 2
    total = sum((int(d) + added) * w for d, w in zip(number, _COMPANY_WEIGHTS, strict=False))
    if int(number[10]) != total % 11 % 10:
        raise _wrong_check()
    return number


def economic_code(text: str) -> str:
    """کد اقتصادی: 12 digits (the old code), 14 (a person's), or a company's 11-digit national identifier."""
    number = _digits(text)
    if len(number) == 11:
        return company_id(number)
    if len(number) not in (12, 14):
        raise Invalid.of(
            msg("An economic code has 11, 12 or 14 digits; this has %(count)s.", count=len(number)),
            code="length",
        )
    _refuse_repeated(number)
    return number


def postal_code(text: str) -> str:
    """کد پستی: ten digits, whose first five hold neither 0 nor 2."""
    number = _digits(text)
    if len(number) != 10:
        raise _wrong_length(number, 10)
    _refuse_repeated(number)
    if set(number[:5]) & {"0", "2"}:
        raise Invalid.of(msg("The first five digits of a postal code are never 0 or 2."))
    return number


def sheba(text: str) -> str:
    """شبا: "IR" and 24 digits whose remainder by 97 is 1; the "IR" may be left out."""
    plain = _SEPARATORS.sub("", fold(text)).upper().removeprefix("IR")
    number = _digits(plain)
    if len(number) != 24:
        raise Invalid.of(
            msg("A Sheba number has “IR” and 24 digits; this has %(count)s digits.", count=len(number)),
            code="length",
        )
    # I and R count as 18 and 27 and, with the check digits, move to the end.
    if int(f"{number[2:]}1827{number[:2]}") % 97 != 1:
        raise _wrong_check()
    return f"IR{number}"


def card(text: str) -> str:
    """The number of a bank card: sixteen digits with a Luhn check digit."""
    number = _digits(text)
    if len(number) != 16:
        raise _wrong_length(number, 16)
    _refuse_repeated(number)
    doubled = (int(digit) * (2 - place % 2) for place, digit in enumerate(number))
    if sum(value - 9 if value > 9 else value for value in doubled) % 10:
        raise _wrong_check()
    return number


def sayad(text: str) -> str:
    """شناسه صیاد of a cheque: sixteen digits."""
    return _exactly(text, 16)


def stuff_id(text: str) -> str:
    """شناسه کالا و خدمت, by which the tax office knows a product or a service: thirteen digits."""
    return _exactly(text, 13)


def _exactly(text: str, count: int) -> str:
    number = _digits(text)
    if len(number) != count:
        raise _wrong_length(number, count)
    _refuse_repeated(number)
    return number


def _digits(text: str) -> str:
    plain = _SEPARATORS.sub("", fold(text))
    if not plain:
        raise Invalid.of(msg("A value is needed."), code="required")
    if not (plain.isascii() and plain.isdigit()):
        raise Invalid.of(msg("Only digits are accepted here."), code="digits")
    return plain


def _wrong_length(number: str, right: int) -> Invalid:
    return Invalid.of(
        msg("This must have %(right)s digits; it has %(count)s.", right=right, count=len(number)),
        code="length",
    )


def _wrong_check() -> Invalid:
    return Invalid.of(msg("The check digit does not fit; a digit is probably mistyped."), code="checksum")


def _refuse_repeated(number: str) -> None:
    if len(set(number)) == 1:
        raise Invalid.of(msg("All digits are the same; this is not a real number."), code="repeated")
