"""Telephone numbers: kept as E.164, shown as people write them."""

from __future__ import annotations

import re
from typing import Final

from peyvand.kernel.errors import Invalid, msg
from peyvand.kernel.persian.calendar import is_persian
from peyvand.kernel.persian.text import fold, to_persian_digits

_SEPARATORS: Final = re.compile(r"[\s\-()./_\u2010-\u2015]+")
# An Iranian mobile as most files write it: no more is to be asked of it. ([0-9]: the digits of other scripts are read below.)
_MOBILE: Final = re.compile(r"(?:\+98|0)9[0-9]{9}")
_EXTENSION: Final = re.compile(r"داخلی|ext|x\d")
_AREAS: Final = frozenset(map(str, (
    11, 13, 17, 21, 23, 24, 25, 26, 28, 31, 34, 35, 38, 41, 44, 45,
    51, 54, 56, 58, 61, 66, 71, 74, 76, 77, 81, 83, 84, 86, 87,
)))  # fmt: skip
# Calling codes of one and two digits; every other code has three.
_SHORT_CODES: Final = frozenset(map(str, (
    1, 7, 20, 27, 30, 31, 32, 33, 34, 36, 39, 40, 41, 43, 44, 45, 46, 47, 48, 49, 51, 52, 53, 54, 55, 56, 57,
    58, 60, 61, 62, 63, 64, 65, 66, 81, 82, 84, 86, 90, 91, 92, 93, 94, 95, 98,
)))  # fmt: skip


def phone(text: str, region: str = "IR") -> str:
    """The E.164 form («+989124382217») of a number written with any digits, spaces and dashes.

    Iranian mobiles and landlines with their area code are read in local form when `region` is "IR", also
    when a spreadsheet dropped the first zero. Others begin with + or 00. Invalid with the reason otherwise.
    """
    if region == "IR" and _MOBILE.fullmatch(text):
        return f"+98{text[-10:]}"
    folded = fold(text)
    if _EXTENSION.search(folded):
        raise Invalid.of(msg("Write the extension apart from the number."), code="extension")
    plain = _SEPARATORS.sub("", folded)
    if not plain:
        raise Invalid.of(msg("A telephone number is needed."), code="required")
    plain = re.sub(r"^(00(?=[1-9])|\+00)", "+", plain)
    if not re.fullmatch(r"\+?[0-9]+", plain):
        raise Invalid.of(msg("A telephone number has only digits, and + before the country."), code="digits")
    if plain.startswith("+98"):
        return _iranian(plain[3:].removeprefix("0"))
    if plain.startswith("+"):
        return _foreign(plain)
    if region != "IR":
        raise Invalid.of(msg("Write the number with + and the code of its country."), code="country")
    if plain.startswith("98") and len(plain) == 12:
        return _iranian(plain[2:])
    return _iranian(plain.removeprefix("0"))


def is_mobile(e164: str) -> bool:
    """Whether a kept number is an Iranian mobile, which can take SMS."""
    return len(e164) == 13 and e164.startswith("+989")


def show_phone(e164: str, lang: str) -> str:
    """A kept number as it is written in a language: «۰۹۱۲ ۴۳۸ ۲۲۱۷», «۰۲۱ ۸۸۷۷ ۶۶۵۵», "+44 207 946 0958"."""
    if e164.startswith("+98") and len(e164) == 13:
        rest = e164[3:]
        cuts = (3, 6) if rest.startswith("9") else (2, 6)
        shown = f"0{rest[: cuts[0]]} {rest[cuts[0] : cuts[1]]} {rest[cuts[1] :]}"
    else:
        number = e164.removeprefix("+")
        code = next((number[:size] for size in (1, 2) if number[:size] in _SHORT_CODES), number[:3])
        shown = f"+{code} {_grouped(number[len(code) :])}".rstrip()
    return to_persian_digits(shown) if is_persian(lang) else shown


def _grouped(digits: str) -> str:
    # Threes, and a last group of up to four rather than a lone digit.
    groups = []
    while len(digits) > 4:
        groups.append(digits[:3])
        digits = digits[3:]
    return " ".join([*groups, digits])


def _iranian(rest: str) -> str:
    if rest.startswith("9"):
        if len(rest) != 10:
            raise Invalid.of(
                msg(
                    "A mobile number has 11 digits with its first zero; this has %(count)s.",
                    count=len(rest) + 1,
                ),
                code="length",
            )
        return f"+98{rest}"
    if len(rest) <= 8:
        raise Invalid.of(msg("Write the area code before the number, as in 021."), code="area")
    if rest[:2] not in _AREAS:
        raise Invalid.of(
            msg("No province of Iran has the area code 0%(area)s.", area=int(rest[:2])), code="area"
        )
    if len(rest) != 10:
        raise Invalid.of(
            msg("A landline has 11 digits with its area code; this has %(count)s.", count=len(rest) + 1),
            code="length",
        )
    return f"+98{rest}"


def _foreign(plain: str) -> str:
    if not 7 <= len(plain) - 1 <= 15 or plain[1] == "0":
        raise Invalid.of(
            msg("A foreign number has 7 to 15 digits after +; this has %(count)s.", count=len(plain) - 1),
            code="length",
        )
    return plain
