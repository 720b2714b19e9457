from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peyvand.kernel.errors import Invalid
from peyvand.kernel.money import (
    CURRENCIES,
    IRR,
    Currency,
    Money,
    Rate,
    Style,
    Unit,
    convert,
    currency,
    format_amount,
    parse_amount,
)

USD = currency("usd")
amounts = st.integers(-(2**63) + 1, 2**63 - 1)


@pytest.mark.parametrize(
    ("minor", "of", "unit", "lang", "style", "shown"),
    [
        (12_070_000_000, IRR, "toman", "fa", "full", "۱٬۲۰۷٬۰۰۰٬۰۰۰ تومان"),
        (12_070_000_000, IRR, "rial", "fa", "full", "۱۲٬۰۷۰٬۰۰۰٬۰۰۰ ریال"),
        (12_070_000_000, IRR, "toman", "en", "full", "1,207,000,000 toman"),
        (12_345, IRR, "toman", "fa", "full", "۱٬۲۳۴٫۵ تومان"),
        (0, IRR, "toman", "fa", "full", "۰ تومان"),
        (-50, IRR, "toman", "fa", "full", "\u2066\u2212۵\u2069 تومان"),
        (105_400, USD, "toman", "en", "full", "$1,054"),
        (105_450, USD, "rial", "en", "full", "$1,054.50"),
        (-105_450, USD, "rial", "en", "full", "-$1,054.50"),
        (105_450, USD, "rial", "fa", "full", "۱٬۰۵۴٫۵۰ دلار"),
        (1_500, currency("KWD"), "rial", "en", "full", "KWD 1.500"),
        (36_100_000_000, IRR, "toman", "fa", "short", "۳٫۶۱ میلیارد"),
        (3_610_000_000, IRR, "toman", "fa", "short", "۳۶۱ میلیون"),
        (9_999_999_999, IRR, "toman", "fa", "short", "۱ میلیارد"),
        (25_000_000_000_000, IRR, "toman", "fa", "short", "۲٫۵ هزار میلیارد"),
        (99_990, IRR, "toman", "fa", "short", "۹٬۹۹۹"),
        (360_000_000, USD, "rial", "en", "short", "$3.6M"),
        (-360_000_000, USD, "rial", "en", "short", "-$3.6M"),
        (360_000_000, USD, "rial", "fa", "short", "۳٫۶ میلیون دلار"),
    ],
)
def test_amounts_for_reading(
    minor: int, of: Currency, unit: Unit, lang: str, style: Style, shown: str
) -> None:
    assert format_amount(minor, of, unit, lang, style) == shown


@given(
    amounts,
    st.sampled_from(sorted(CURRENCIES)),
    st.sampled_from(["toman", "rial"]),
    st.sampled_from(["fa", "en"]),
)
def test_what_is_shown_in_full_is_read_again(minor: int, code: str, unit: Unit, lang: str) -> None:
    other_unit: Unit = "rial" if unit == "toman" else "toman"
    shown = format_amount(minor, currency(code), unit, lang)
    assert parse_amount(shown, currency(code), other_unit) == minor


@pytest.mark.parametrize(
    ("text", "of", "unit", "minor"),
    [
        ("۳٫۵ میلیارد تومان", IRR, "rial", 35_000_000_000),
        ("1,207 ریال", IRR, "toman", 1_207),
        ("۱۲۰۰﷼", IRR, "toman", 1_200),
        ("۱۲۳۴", IRR, "toman", 12_340),
        ("۱۲۳۴", IRR, "rial", 1_234),
        ("۱٬۲۳۴٫۵", IRR, "toman", 12_345),
        ("$1,054.00", USD, "rial", 105_400),
        ("USD 12", USD, "toman", 1_200),
        ("1054.5 $", USD, "rial", 105_450),
        ("۱۲ دلار", USD, "rial", 1_200),
        ("2.5M", USD, "rial", 250_000_000),
    ],
)
def test_amounts_as_people_write_them(text: str, of: Currency, unit: Unit, minor: int) -> None:
    assert parse_amount(text, of, unit) == minor


@pytest.mark.parametrize(
    ("text", "of", "reason"),
    [
        ("", IRR, "is not an amount"),
        ("ارزان", IRR, "is not an amount"),
        ("12 $", IRR, "does not belong to an amount in IRR"),
        ("12 تومان", USD, "does not belong to an amount in USD"),
        ("1.005", USD, "more decimals"),
        ("12.5 ریال", IRR, "more decimals"),
        ("1,23", IRR, "groups of three"),
        ("9" * 19, USD, "too large"),
    ],
)
def test_a_wrong_amount_says_why(text: str, of: Currency, reason: str) -> None:
    with pytest.raises(Invalid, match=reason):
        parse_amount(text, of)


def test_unknown_currency() -> None:
    with pytest.raises(Invalid, match="XYZ"):
        currency("XYZ")


def test_money_adds_within_a_currency_only() -> None:
    assert Money(5, USD) + Money(7, USD) == Money(12, USD)
    assert Money(5, USD) - Money(7, USD) == -Money(2, USD)
    assert Money(5, USD) < Money(7, USD)
    for operation in (Money.__add__, Money.__sub__, Money.__lt__, Money.__le__):
        with pytest.raises(Invalid) as error:
            operation(Money(5, USD), Money(5, IRR))
        assert error.value.code == "mixed_currencies"


def test_convert_rounds_half_up_to_the_minor_unit() -> None:
    rate = Rate(USD, IRR, Decimal("1_120_000.5"))
    assert convert(Money(105_400, USD), rate) == Money(1_180_480_527, IRR)
    assert convert(Money(1_180_480_527, IRR), Rate(IRR, USD, 1 / rate.value)) == Money(105_400, USD)
    with pytest.raises(Invalid):
        convert(Money(1, IRR), rate)
