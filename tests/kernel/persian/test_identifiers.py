from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peyvand.kernel.errors import Invalid
from peyvand.kernel.persian.identifiers import (
    card,
    company_id,
    economic_code,
    national_id,
    postal_code,
    sheba,
)
from peyvand.kernel.persian.text import to_persian_digits

Reader = Callable[[str], str]
REAL = [
    (national_id, "0013542419"),
    (company_id, "10380284790"),
    (company_id, "14007650912"),
    (sheba, "IR062960000000100324200001"),
    (card, "6219861034529007"),
    (card, "6037701689095443"),
    (postal_code, "1969763743"),
    (economic_code, "411111111117"),
    (economic_code, "14007650912"),
    (economic_code, "00135424190001"),
]


@pytest.mark.parametrize(("read", "number"), REAL)
def test_real_numbers_in_any_digits_and_spacing(read: Reader, number: str) -> None:
    assert read(number) == number
    assert read(f" {to_persian_digits(number[:6])}-{to_persian_digits(number[6:])}\u200f ") == number


@pytest.mark.parametrize("read", [national_id, company_id, postal_code, sheba, card, economic_code])
@pytest.mark.parametrize(("text", "code"), [("", "required"), ("12a45", "digits"), ("123", "length")])
def test_what_is_no_such_number_says_why(read: Reader, text: str, code: str) -> None:
    with pytest.raises(Invalid) as error:
        read(text)
    assert error.value.code == code or (
        read is sheba and error.value.code in ("length", "digits", "required")
    )


@pytest.mark.parametrize(
    ("read", "length"), [(national_id, 10), (company_id, 11), (postal_code, 10), (card, 16)]
)
def test_one_digit_repeated_is_refused_though_it_may_check(read: Reader, length: int) -> None:
    for digit in "0123456789":
        with pytest.raises(Invalid) as error:
            read(digit * length)
        assert error.value.code == "repeated"


@given(st.sampled_from([pair for pair in REAL if pair[0] in (national_id, sheba, card)]), st.data())
def test_one_mistyped_digit_is_noticed(real: tuple[Reader, str], data: st.DataObject) -> None:
    read, number = real
    place = data.draw(st.integers(2 if read is sheba else 0, len(number) - 1))
    digit = data.draw(st.sampled_from([each for each in "0123456789" if each != number[place]]))
    with pytest.raises(Invalid) as error:
        read(number[:place] + digit + number[place + 1 :])
    assert error.value.code in ("checksum", "repeated")


def test_zeros_that_a_spreadsheet_dropped_come_back() -> None:
    assert national_id("13542419") == "0013542419"


def test_a_company_number_with_a_wrong_check_digit_is_refused() -> None:
    with pytest.raises(Invalid) as error:
        company_id("10380284791")
    assert error.value.code == "checksum"


def test_a_postal_code_has_no_0_or_2_in_its_first_half() -> None:
    with pytest.raises(Invalid, match="first five digits"):
        postal_code("1269763743")


def test_a_sheba_number_may_come_without_ir_and_in_small_letters() -> None:
    assert sheba("ir06 2960 0000 0010 0324 2000 01") == sheba("062960000000100324200001")
