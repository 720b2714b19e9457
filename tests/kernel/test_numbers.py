from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peyvand.kernel.errors import Invalid
from peyvand.kernel.numbers import format_duration, format_number, format_percent, format_size, parse_number

numbers = st.one_of(
    st.integers(-(10**18), 10**18).map(Decimal),
    st.decimals(-(10**9), 10**9, places=6, allow_nan=False, allow_infinity=False),
)


def test_numbers_for_reading() -> None:
    assert format_number(1234567, "fa") == "۱٬۲۳۴٬۵۶۷"
    assert format_number(-1234.5, "fa") == "\u200e\u2212۱٬۲۳۴٫۵"
    assert format_number(1234.5, "en") == "1,234.5"
    assert format_number(Decimal("2.500"), "en") == "2.5"
    assert format_number(2.5, "en", 2) == "2.50"
    assert format_number(100, "en") == "100"
    assert format_number(-0.0000001, "en") == "0"
    assert format_number(10**30, "en").startswith("1,000,000")
    assert format_percent(0.375, "fa") == "۳۷٫۵٪"
    assert format_percent(Decimal(1) / 3, "en", 0) == "33%"


@given(numbers, st.sampled_from(["fa", "en"]))
def test_what_is_written_is_read(number: Decimal, lang: str) -> None:
    assert parse_number(format_number(number, lang)) == number


@pytest.mark.parametrize(
    ("text", "number"),
    [("۱۲۳۴", "1234"), ("١٬٢٣٤٫٥", "1234.5"), ("1,234.50", "1234.5"), (" +7 ", "7"), ("-.5", "-0.5"),
     ("۱،۲۳۴", "1234"), ("1 234", "1234"), ("−۵", "-5")],
)  # fmt: skip
def test_ways_of_writing_numbers(text: str, number: str) -> None:
    assert parse_number(text) == Decimal(number)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (" ", "Write a number"),
        ("abc", "“abc” is not a number"),
        ("1.2.3", "more than one decimal point"),
        ("12,34", "groups of three"),
        ("1e5", "is not a number"),
        ("nan", "is not a number"),
        ("1" * 50, "too long"),
    ],
)
def test_a_wrong_number_says_why(text: str, reason: str) -> None:
    with pytest.raises(Invalid, match=reason):
        parse_number(text)


def test_durations() -> None:
    assert format_duration(8100, "fa") == "۲ ساعت و ۱۵ دقیقه"
    assert format_duration(8100, "en") == "2 h 15 min"
    assert format_duration(86400 + 5, "en") == "1 d"
    assert format_duration(0.4, "fa") == "۰ ثانیه"
    assert format_duration(-90, "en") == "-1 min 30 s"


def test_sizes() -> None:
    assert format_size(3_400_000, "fa") == "۳٫۴ مگابایت"
    assert format_size(999, "en") == "999 B"
    assert format_size(999_999, "en") == "1 MB"
