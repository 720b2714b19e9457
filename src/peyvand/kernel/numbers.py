"""Numbers as people read and write them, in Persian or English."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Final

from peyvand.kernel.errors import Invalid, msg
from peyvand.kernel.persian.calendar import is_persian
from peyvand.kernel.persian.text import to_ascii_digits, to_persian_digits

Number = int | float | Decimal

_PERSIAN_SIGNS: Final = str.maketrans({",": "٬", ".": "٫", "-": "\u200e\u2212", "%": "٪"})
_ASCII_SIGNS: Final = str.maketrans({"٬": ",", "،": ",", "٫": ".", "\u2212": "-", "٪": "%"})
# Direction marks and spaces come along when numbers are copied; they say nothing about the value.
_IGNORED: Final = re.compile(r"[\s\u200c\u200e\u200f\u2066-\u2069\u202a-\u202e]+")
_GROUPED: Final = re.compile(r"[-+]?\d{1,3}(,\d{3})+(\.\d+)?")
_PLAIN: Final = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)")
_LONGEST: Final = 40
# Room for every float; the ordinary 28 digits would refuse to round what is longer.
_WIDE: Final = Context(prec=400)


def localize(text: str, lang: str) -> str:
    """A number already written in ASCII ("-1,234.5%") with the digits and signs of a language."""
    return to_persian_digits(text.translate(_PERSIAN_SIGNS)) if is_persian(lang) else text


def rounded(number: Number, decimals: int) -> Decimal:
    """The number rounded half up to a count of decimals."""
    exact = number if isinstance(number, Decimal) else Decimal(str(number))
    return exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP, _WIDE)


def trimmed(number: Decimal) -> str:
    """A number grouped by thousands in ASCII, without zeros at the end of its decimals."""
    text = f"{number:,f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def plain(number: Decimal) -> int | float:
    """A number as JSON has it: 2, not 2.0."""
    return int(number) if number == number.to_integral_value() else float(number)


def format_number(number: Number, lang: str, decimals: int | None = None) -> str:
    """«۱٬۲۳۴٫۵» · "1,234.5"; exactly `decimals` of them when told, else as many as needed up to six."""
    if decimals is None:
        return localize(trimmed(rounded(number, 6)), lang)
    return localize(f"{rounded(number, decimals):,f}", lang)


def format_percent(ratio: Number, lang: str, decimals: int = 1) -> str:
    """A ratio as a percentage: 0.375 is «۳۷٫۵٪» · "37.5%"; zeros at the end are left out."""
    hundredfold = (ratio if isinstance(ratio, Decimal) else Decimal(str(ratio))) * 100
    return localize(f"{trimmed(rounded(hundredfold, decimals))}%", lang)


def parse_number(text: str) -> Decimal:
    """The number that someone wrote, in any digits; ٬ ، and , group thousands, ٫ and . begin decimals.

    Invalid with the reason when it is not a number or the groups are not of three digits.
    """
    plain = _IGNORED.sub("", to_ascii_digits(text).translate(_ASCII_SIGNS))
    if not plain:
        raise Invalid.of(msg("Write a number."), code="required")
    if len(plain) > _LONGEST:
        raise Invalid.of(msg("This number is too long."))
    if _PLAIN.fullmatch(plain) or _GROUPED.fullmatch(plain):
        return Decimal(plain.replace(",", ""))
    if plain.count(".") > 1:
        raise Invalid.of(msg("This number has more than one decimal point."))
    if re.fullmatch(r"[-+]?[\d,.]+", plain) and "," in plain:
        raise Invalid.of(msg("Thousands separators must stand before groups of three digits."))
    raise Invalid.of(msg("“%(text)s” is not a number.", text=text.strip()))


_DURATIONS: Final = (
    (86400, "روز", "d"),
    (3600, "ساعت", "h"),
    (60, "دقیقه", "min"),
    (1, "ثانیه", "s"),
)


def format_duration(seconds: Number, lang: str) -> str:
    """A span of time by its two largest units: «۲ ساعت و ۱۵ دقیقه» · "2 h 15 min"."""
    whole = int(rounded(seconds, 0))
    left = abs(whole)
    spans: list[tuple[int, int]] = []
    for place, (size, _, _) in enumerate(_DURATIONS):
        count, left = divmod(left, size)
        spans.append((place, count))
    first = next((place for place, count in spans if count), len(_DURATIONS) - 1)
    shown = [spans[first], *(span for span in spans[first + 1 : first + 2] if span[1])]
    names = [(count, _DURATIONS[place][1 if is_persian(lang) else 2]) for place, count in shown]
    text = (" و " if is_persian(lang) else " ").join(f"{count} {name}" for count, name in names)
    return localize(f"-{text}" if whole < 0 else text, lang)


_SIZES: Final = (("بایت", "B"), ("کیلوبایت", "kB"), ("مگابایت", "MB"), ("گیگابایت", "GB"), ("ترابایت", "TB"))


def format_size(count: int, lang: str) -> str:
    """A count of bytes in units of 1000: «۳٫۴ مگابایت» · "3.4 MB"."""
    size, place = Decimal(count), 0
    while rounded(size, 1) >= 1000 and place < len(_SIZES) - 1:
        size, place = size / 1000, place + 1
    persian, english = _SIZES[place]
    return f"{localize(trimmed(rounded(size, 1)), lang)} {persian if is_persian(lang) else english}"
