"""Papers as PDF say what they should, and nothing that is written on them is taken for more than text."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pypdfium2
import pytest

from peyvand.kernel.errors import RuleViolation
from peyvand.kernel.persian.text import fold
from peyvand.operational.documents import printing
from peyvand.operational.documents.public import Paper, PaperLine, Party, pdf

PERSIAN = Paper(
    title="پیش‌فاکتور",
    number="Q-1405-00012",
    day=date(2026, 11, 22),
    language="fa",
    currency="IRR",
    money_unit="toman",
    seller=Party(
        name="شرکت آرمان", economic_code="411111111111", phone="02188776655", address="تهران، خیابان ولیعصر"
    ),
    buyer=Party(name="صنایع نوین", national_id="10101234567", person="مریم کریمی"),
    lines=(
        PaperLine("نرم‌افزار حسابداری", Decimal("2.5"), 40_000_000, 10_000_000, 9_000_000, 99_000_000, "بسته"),
        PaperLine("پشتیبانی سالانه", Decimal(1), 12_345_670, 0, 1_234_567, 13_580_237),
    ),
    gross=112_345_670,
    discount=10_000_000,
    net=102_345_670,
    tax=10_234_567,
    total=112_580_237,
    until=date(2026, 12, 6),
    until_label="معتبر تا",
    notes="تحویل در دو مرحله",
    terms="پرداخت ۳۰ روزه",
    footer="با سپاس",
)
ENGLISH = replace(
    PERSIAN,
    title="Quote",
    language="en",
    currency="USD",
    money_unit="rial",
    until_label="Valid until",
    lines=(PaperLine("Licence", Decimal(3), 125_050, 0, 0, 375_150),),
    gross=375_150,
    discount=0,
    net=375_150,
    tax=0,
    total=375_150,
)


def words_of(content: bytes) -> str:
    """The text of all pages, without blanks: where lines break is the sheet's own matter."""
    pages = [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(content)]
    return "".join(fold("".join(pages)).split())


def held(text: str) -> str:
    return "".join(fold(text).split())


@pytest.fixture(scope="module")
def persian() -> str:
    return words_of(pdf(PERSIAN))


@pytest.mark.parametrize(
    "text",
    [
        "صنایع نوین",
        "نرم‌افزار حسابداری",
        "مریم کریمی",
        "۱۱۲٬۵۸۰٬۲۳۷",
        "۱۴۰۵/۰۹/۰۱",
        "۱۴۰۵/۰۹/۱۵",
        "پرداخت ۳۰ روزه",
        "با سپاس",
    ],
)
def test_a_persian_paper_says_what_it_should(persian, text):
    assert held(text) in persian


def test_the_amount_in_words_is_the_whole_amount(persian):
    assert held("یکصد و دوازده میلیون و پانصد و هشتاد هزار و دویست و سی و هفت ریال") in persian


def test_an_english_paper():
    said = words_of(pdf(ENGLISH))
    for text in (
        "Quote",
        "22 November 2026",
        "3,751.50",
        "three thousand, seven hundred and fifty-one dollars and fifty cents",
    ):
        assert held(text) in said


@pytest.mark.parametrize(
    "evil",
    [
        '#read("/etc/hostname")',
        '#image("paper.json")',
        "= Heading *bold* _it_ $x^2$ @ref <label>",
        '"]; #panic("x") #[',
        "\\u{1F600} #sys.inputs // comment /* more",
        "`raw` ```c``` https://example.com ~ --- ...",
    ],
)
def test_what_customers_write_is_text_and_nothing_else(evil):
    paper = replace(
        ENGLISH, notes=evil, title=evil, footer=evil, stamp=evil, buyer=Party(name=evil, address=evil),
        lines=(PaperLine(evil, Decimal(1), 1, 0, 0, 1, unit=evil),),
    )  # fmt: skip
    assert held(evil)[:12] in words_of(pdf(paper))


def test_many_lines_go_over_several_pages():
    paper = replace(ENGLISH, lines=ENGLISH.lines * 150)
    assert len(pypdfium2.PdfDocument(pdf(paper))) > 3


def test_a_picture_that_is_none_is_left_out_and_a_broken_one_is_refused():
    assert pdf(replace(ENGLISH, logo=b"<svg/>")).startswith(b"%PDF")
    with pytest.raises(RuleViolation):
        pdf(replace(ENGLISH, logo=b"\x89PNG\r\n\x1a\n broken"))


def test_a_paper_that_takes_too_long_is_given_up(monkeypatch):
    monkeypatch.setattr(printing, "SECONDS", 0.001)
    with pytest.raises(RuleViolation, match="in time"):
        pdf(ENGLISH)
