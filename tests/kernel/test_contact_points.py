import pytest
from hypothesis import given
from hypothesis import strategies as st

from peyvand.kernel.email import email
from peyvand.kernel.errors import Invalid
from peyvand.kernel.persian.text import to_persian_digits
from peyvand.kernel.phone import is_mobile, phone, show_phone


@pytest.mark.parametrize(
    "text",
    ["09124382217", "۰۹۱۲ ۴۳۸ ۲۲۱۷", "٠٩١٢-٤٣٨-٢٢١٧", "9124382217", "989124382217", "+989124382217",
     "0098 912 438 2217", "+98 (0)912 438 2217", "+98-912-4382217", "\u202a+98 912 438 2217\u202c"],
)  # fmt: skip
def test_ways_of_writing_one_mobile(text: str) -> None:
    assert phone(text) == "+989124382217"
    assert is_mobile(phone(text))


@pytest.mark.parametrize(
    "text", ["02188776655", "۰۲۱-۸۸۷۷۶۶۵۵", "(021) 8877 6655", "+98 21 8877 6655", "2188776655"]
)
def test_ways_of_writing_one_landline(text: str) -> None:
    assert phone(text) == "+982188776655"
    assert not is_mobile(phone(text))


def test_numbers_are_shown_as_people_write_them() -> None:
    assert show_phone("+989124382217", "fa") == "۰۹۱۲ ۴۳۸ ۲۲۱۷"
    assert show_phone("+989124382217", "en") == "0912 438 2217"
    assert show_phone("+982188776655", "fa") == "۰۲۱ ۸۸۷۷ ۶۶۵۵"
    assert show_phone("+442079460958", "en") == "+44 207 946 0958"
    assert show_phone("+14155552671", "en") == "+1 415 555 2671"
    assert show_phone("+971501234567", "en") == "+971 501 234 567"


@given(st.from_regex(r"0(9[0-9]{9}|21[1-9][0-9]{7})|\+(1|44|49|971)[1-9][0-9]{7,8}", fullmatch=True))
def test_what_is_shown_is_read_again(text: str) -> None:
    kept = phone(text)
    assert phone(kept) == phone(show_phone(kept, "fa")) == phone(show_phone(kept, "en")) == kept
    assert phone(to_persian_digits(text)) == kept


@pytest.mark.parametrize(
    ("text", "region", "code"),
    [
        ("", "IR", "required"),
        ("abc", "IR", "digits"),
        ("0912438221", "IR", "length"),
        ("091243822170", "IR", "length"),
        ("88776655", "IR", "area"),
        ("02088776655", "IR", "area"),
        ("0218877665", "IR", "length"),
        ("021887766 داخلی ۱۲", "IR", "extension"),
        ("+44123", "IR", "length"),
        ("+1234567890123456", "IR", "length"),
        ("2079460958", "GB", "country"),
        ("+98912", "GB", "length"),
    ],
)
def test_a_wrong_number_says_why(text: str, region: str, code: str) -> None:
    with pytest.raises(Invalid) as error:
        phone(text, region)
    assert error.value.code == code


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Ali.Reza@EXAMPLE.ir", "Ali.Reza@example.ir"),
        (" info@sub.example.co.uk\u200f ", "info@sub.example.co.uk"),
        ("mailto:a+b@x.ir", "a+b@x.ir"),
        ("ali۱۲@x.ir", "ali12@x.ir"),
        ("نام@مثال.ایران", "نام@مثال.ایران"),
    ],
)
def test_addresses_as_they_are_kept(text: str, kept: str) -> None:
    assert email(text) == kept
    assert email(kept) == kept


@pytest.mark.parametrize(
    "text",
    ["", "ali", "a@b", "@x.ir", "a@", "a@@x.ir", "a b@x.ir", "a@x..ir", ".a@x.ir", "a.@x.ir", "a..b@x.ir",
     "a@-x.ir",
     "a@x.ir<script>", "a@127.0.0.1", "x" * 65 + "@x.ir", "a@" + "x" * 64 + ".ir", "a@x.ir,b@x.ir"],
)  # fmt: skip
def test_a_wrong_address_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        email(text)
