"""Money in whole minor units; the Rial is kept, and shown as Rial or Toman by choice, never mixed up."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Final, Literal

from peyvand.kernel.errors import Invalid, msg
from peyvand.kernel.numbers import localize, parse_number, rounded, trimmed
from peyvand.kernel.persian.calendar import is_persian
from peyvand.kernel.persian.text import fold

Unit = Literal["toman", "rial"]
Style = Literal["full", "whole", "short"]
_BIGINT: Final = 2**63
# The greatest amount that somebody may write, in minor units: sums of thousands such still fit a bigint.
MOST: Final = 10**15


@dataclass(frozen=True, slots=True)
class Currency:
    """An ISO 4217 code and how many decimals its minor unit stands below one; the Rial is its own minor."""

    code: str
    exponent: int


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in minor units of one currency; amounts of two currencies neither add nor compare."""

    amount: int
    currency: Currency

    def __add__(self, other: Money) -> Money:
        return Money(self.amount + self._same(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.amount - self._same(other), self.currency)

    def __neg__(self) -> Money:
        return Money(-self.amount, self.currency)

    def __lt__(self, other: Money) -> bool:
        return self.amount < self._same(other)

    def __le__(self, other: Money) -> bool:
        return self.amount <= self._same(other)

    def _same(self, other: Money) -> int:
        if other.currency != self.currency:
            raise Invalid.of(
                msg(
                    "Amounts in %(one)s and %(other)s cannot be put together.",
                    one=self.currency.code,
                    other=other.currency.code,
                ),
                code="mixed_currencies",
            )
        return other.amount


@dataclass(frozen=True, slots=True)
class Rate:
    """How much of `quote` one whole unit of `base` is worth; the Rial counts in rials."""

    base: Currency
    quote: Currency
    value: Decimal


IRR: Final = Currency("IRR", 0)
# Exponent, sign before the amount in English, name after it in Persian.
_KNOWN: Final[dict[str, tuple[int, str, str]]] = {
    "IRR": (0, "IRR ", "ریال"),
    "USD": (2, "$", "دلار"),
    "EUR": (2, "€", "یورو"),
    "GBP": (2, "£", "پوند"),
    "AED": (2, "AED ", "درهم"),
    "TRY": (2, "₺", "لیر"),
    "CNY": (2, "CN¥", "یوان"),
    "RUB": (2, "RUB ", "روبل"),
    "INR": (2, "₹", "روپیه"),
    "JPY": (0, "¥", "ین"),
    "CHF": (2, "CHF ", "فرانک"),
    "CAD": (2, "CA$", "دلار کانادا"),
    "AUD": (2, "A$", "دلار استرالیا"),
    "SEK": (2, "SEK ", "کرون سوئد"),
    "AFN": (2, "AFN ", "افغانی"),
    "IQD": (3, "IQD ", "دینار عراق"),
    "KWD": (3, "KWD ", "دینار کویت"),
    "OMR": (3, "OMR ", "ریال عمان"),
    "QAR": (2, "QAR ", "ریال قطر"),
    "SAR": (2, "SAR ", "ریال عربستان"),
    "AMD": (2, "AMD ", "درام"),
    "AZN": (2, "AZN ", "منات"),
    "GEL": (2, "GEL ", "لاری"),
}
CURRENCIES: Final = {code: Currency(code, exponent) for code, (exponent, _, _) in _KNOWN.items()}
# What a whole unit and its part are called when an amount is said in words: English one and many, Persian.
_SAID: Final[dict[str, tuple[tuple[str, str, str], tuple[str, str, str]]]] = {
    "USD": (("dollar", "dollars", "دلار"), ("cent", "cents", "سنت")),
    "EUR": (("euro", "euros", "یورو"), ("cent", "cents", "سنت")),
    "GBP": (("pound", "pounds", "پوند"), ("penny", "pence", "پنس")),
    "AED": (("dirham", "dirhams", "درهم"), ("fils", "fils", "فلس")),
    "TRY": (("lira", "liras", "لیر"), ("kurush", "kurush", "کوروش")),
    "CNY": (("yuan", "yuan", "یوان"), ("fen", "fen", "فن")),
    "RUB": (("ruble", "rubles", "روبل"), ("kopeck", "kopecks", "کوپک")),
    "INR": (("rupee", "rupees", "روپیه"), ("paisa", "paise", "پیسه")),
    "CHF": (("franc", "francs", "فرانک"), ("centime", "centimes", "سانتیم")),
    "IQD": (("dinar", "dinars", "دینار عراق"), ("fils", "fils", "فلس")),
    "KWD": (("dinar", "dinars", "دینار کویت"), ("fils", "fils", "فلس")),
    "OMR": (("Omani rial", "Omani rials", "ریال عمان"), ("baisa", "baisa", "بیسه")),
}
_UNIT_NAMES: Final[dict[Unit, tuple[str, str]]] = {"toman": ("تومان", "toman"), "rial": ("ریال", "rial")}


def kept(amount: int) -> int:
    """A sum as a column keeps it: one beyond what any column holds stands at the greatest, and stops nothing else."""
    return max(-_BIGINT + 1, min(amount, _BIGINT - 1))


def currency(code: str) -> Currency:
    """The currency of an ISO code in any case; Invalid when it is not known."""
    known = CURRENCIES.get(code.strip().upper())
    if known is None:
        raise Invalid.of(msg("“%(code)s” is not a currency that is known here.", code=code))
    return known


def currency_name(code: str, language: str) -> str:
    """What people call the currency of a code that is known here: its name in Persian, the code itself elsewhere."""
    return f"{_KNOWN[code][2]} ({code})" if is_persian(language) else code


def parts_named(currency: Currency, unit: Unit, language: str) -> tuple[tuple[str, str], tuple[str, str]]:
    """What one and many of a currency's whole unit, and of the part below it, are called in words.

    A currency without words of its own goes by its code, its part by "/1000" or so of it.
    """
    persian = is_persian(language)
    if currency == IRR:
        rial = ("ریال", "ریال") if persian else ("rial", "rials")
        toman = ("تومان", "تومان") if persian else ("toman", "tomans")
        return (toman if unit == "toman" else rial), rial
    known = _SAID.get(currency.code)
    if known is None:
        name = _KNOWN[currency.code][2] if persian and currency.code in _KNOWN else currency.code
        part = localize(f"/{10**currency.exponent}", language)
        return (name, name), (part, part)
    whole, below = ((k[2], k[2]) if persian else (k[0], k[1]) for k in known)
    return whole, below


_SCALE_WORDS: Final = {
    "هزار": 10**3, "میلیون": 10**6, "ملیون": 10**6, "میلیارد": 10**9, "تریلیون": 10**12,
    "thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12,
    "k": 10**3, "m": 10**6, "b": 10**9,
}  # fmt: skip
_AMOUNT: Final = re.compile(
    r"(?P<sign>[-+−]?)(?P<before>[^\d+\-−.,٫٬]*)(?P<number>[-+−]?[\d.,٫٬،\s]*\d[.٫]?)(?P<after>.*)"
)


def parse_amount(text: str, currency: Currency, unit: Unit = "rial") -> int:
    """Minor units of the amount that someone wrote: digits of any script, with or without words and signs.

    For rials a bare number counts in `unit`, but a written «تومان» or «ریال» is taken at its word; scale
    words («۳٫۵ میلیارد») multiply. Invalid with the reason for another currency's sign, for more decimals
    than the currency has, and for amounts beyond 2⁶³.
    """
    match = _AMOUNT.fullmatch(fold(text))
    if match is None:
        raise Invalid.of(msg("“%(text)s” is not an amount.", text=text.strip()))
    number = parse_number(match["sign"] + match["number"])
    for word in f"{match['before']} {match['after']}".split():
        if word in _SCALE_WORDS:
            number *= _SCALE_WORDS[word]
        elif currency == IRR and word in ("تومان", "تومن", "toman", "tomans"):
            unit = "toman"
        elif currency == IRR and word in ("ریال", "rial", "rials", "irr"):
            unit = "rial"
        elif word not in _names(currency):
            raise Invalid.of(
                msg("“%(word)s” does not belong to an amount in %(code)s.", word=word, code=currency.code)
            )
    if currency == IRR and unit == "toman":
        number *= 10
    minor = number.scaleb(currency.exponent)
    if minor != minor.to_integral_value():
        raise Invalid.of(msg("This amount has more decimals than its currency."))
    if abs(minor) >= _BIGINT:
        raise Invalid.of(msg("This amount is too large."))
    return int(minor)


def _names(currency: Currency) -> set[str]:
    _, sign, name = _KNOWN.get(currency.code, (0, "", ""))
    return {currency.code.lower(), fold(sign), *fold(name).split(" ")} - {""}


def major(minor: int, currency: Currency, unit: Unit = "rial") -> Decimal:
    """The amount in the unit that people speak of: whole dollars with cents as decimals; tomans or rials."""
    return Decimal(minor).scaleb(-_below(currency, unit))


def _below(currency: Currency, unit: Unit) -> int:
    return 1 if currency == IRR and unit == "toman" else currency.exponent


def said_in(amounts: Iterable[int], currency: Currency, unit: Unit) -> Unit:
    """The unit in which the amounts of one paper are said: the wanted one, or rials where one of them is no whole number of
    tomans. What is paid is exact to the rial, and nobody writes a part of a toman."""
    return "rial" if currency == IRR and any(amount % 10 for amount in amounts) else unit


def whole(minor: int, currency: Currency, unit: Unit = "rial") -> int:
    """An estimate in minor units, rounded half up to whole units that people speak of, so that rows and their sum agree."""
    return int(rounded(major(minor, currency, unit), 0).scaleb(_below(currency, unit)))


def format_amount(
    minor: int, currency: Currency, unit: Unit = "rial", lang: str = "fa", style: Style = "full"
) -> str:
    """An amount for reading: «۱٬۲۰۷٬۰۰۰٬۰۰۰ تومان», "$1,054"; "short" «۳٫۶۱ میلیارد», "$3.6M".

    Decimals show only when they are not zero: an odd rial stays visible as a tenth of a toman. "whole" is for
    estimates, which are rounded half up to whole tomans; what is paid is said in full. "short" has
    three meaningful digits from ten thousand up, and names no unit for rials and tomans: the reader's
    workspace has one.
    """
    value = major(minor, currency, unit)
    persian = is_persian(lang)
    if style == "whole" and currency == IRR:
        value = rounded(value, 0)
    if style == "short":
        number, scale = _scaled(value)
        word = _SCALES[scale][0 if persian else 1]
        text = trimmed(number) + (f" {word}" if persian and word else word)
    else:
        text, word = _decimals(value, currency), ""
    sign, text = ("-", text[1:]) if text.startswith("-") else ("", text)
    # A mark of direction alone would turn the whole line where it is shown by itself: sign and number stand apart.
    figure = f"\u2066\u2212{localize(text, lang)}\u2069" if persian and sign else localize(sign + text, lang)
    if currency == IRR:
        name = "" if style == "short" else f" {_UNIT_NAMES[unit][0 if persian else 1]}"
        return figure + name
    _, before, after = _KNOWN.get(currency.code, (0, f"{currency.code} ", currency.code))
    return f"{figure} {after}" if persian else f"{sign}{before}{text}"


def _decimals(value: Decimal, currency: Currency) -> str:
    if value == value.to_integral_value() or currency == IRR:
        return trimmed(value)
    return f"{value:,.{currency.exponent}f}"


_SCALES: Final = (("", ""), ("هزار", "K"), ("میلیون", "M"), ("میلیارد", "B"), ("هزار میلیارد", "T"))
_SHORTENED_FROM: Final = 10_000


def _scaled(value: Decimal) -> tuple[Decimal, int]:
    if abs(value) < _SHORTENED_FROM:
        return rounded(value, 0), 0
    scale = 1
    while True:
        number = value.scaleb(-3 * scale)
        whole_digits = len(str(abs(int(number))))
        shown = rounded(number, max(0, 3 - whole_digits))
        if abs(shown) < 1000 or scale == len(_SCALES) - 1:
            return shown, scale
        scale += 1


def convert(money: Money, rate: Rate) -> Money:
    """The same worth in the rate's other currency, rounded half up to its minor unit.

    Invalid when the rate does not start from the money's currency.
    """
    if money.currency != rate.base:
        raise Invalid.of(
            msg(
                "A rate from %(base)s cannot convert %(code)s.", base=rate.base.code, code=money.currency.code
            )
        )
    worth = Decimal(money.amount).scaleb(rate.quote.exponent - rate.base.exponent) * rate.value
    return Money(int(worth.to_integral_value(ROUND_HALF_UP)), rate.quote)
