"""A document adds up to the last rial whatever its lines and discounts, and its amount can be said in words."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peyvand.kernel.errors import Invalid
from peyvand.kernel.invoicing import Line, in_words, reckon, shared
from peyvand.kernel.money import CURRENCIES, IRR

RATES = st.decimals(0, 100, places=2)
LINES = st.lists(
    st.builds(
        Line,
        quantity=st.decimals(0, 10**6, places=3),
        price=st.integers(0, 10**11),
        discount=RATES,
        tax=RATES,
    ),
    max_size=12,
)
NAMES = ("gross", "discount", "share", "net", "tax", "total")


def half_up(exact):
    return int(exact + Decimal("0.5"))


@given(LINES, RATES)
def test_sums_equal_their_parts(lines, discount):
    totals = reckon(lines, discount=discount)
    for name in NAMES:
        assert getattr(totals, name) == sum(getattr(line, name) for line in totals.lines)
    for line in (*totals.lines, totals):
        assert line.gross - line.discount - line.share == line.net >= 0
        assert line.net + line.tax == line.total
        assert min(line.gross, line.discount, line.share, line.tax) >= 0
    for asked, line in zip(lines, totals.lines, strict=True):
        assert line.gross == half_up(asked.quantity * asked.price)
        assert line.discount == half_up(line.gross * asked.discount / 100)
        assert line.tax == half_up(line.net * asked.tax / 100)
    assert totals.share == half_up((totals.gross - totals.discount) * discount / 100)


@given(LINES, st.integers(0, 10**14))
def test_an_amount_off_the_whole_is_shared_to_the_last_unit(lines, amount):
    plain = reckon(lines)
    if amount > plain.net:
        with pytest.raises(Invalid):
            reckon(lines, discount_amount=amount)
        return
    totals = reckon(lines, discount_amount=amount)
    assert totals.share == amount
    assert all(line.net >= 0 for line in totals.lines)
    for line in totals.lines:
        fair = Decimal(amount) * (line.gross - line.discount) / max(plain.net, 1)
        assert abs(line.share - fair) < 1


@given(st.lists(st.integers(0, 10**15), min_size=1), st.integers(0, 10**15))
def test_parts_add_up_and_stay_within_their_weights(weights, amount):
    amount = min(amount, sum(weights))
    parts = shared(amount, weights)
    assert sum(parts) == amount
    assert all(0 <= part <= weight for part, weight in zip(parts, weights, strict=True))


def test_odd_units_go_to_the_largest_remainders():
    assert shared(100, [1, 1, 1]) == [34, 33, 33]
    assert shared(10, [0, 3, 7]) == [0, 3, 7]
    assert shared(0, [0, 0]) == [0, 0]
    with pytest.raises(Invalid):
        shared(1, [0, 0])


def test_a_document_as_a_person_would_reckon_it():
    totals = reckon(
        [Line(Decimal("2.5"), 1001, Decimal(10), Decimal(9)), Line(Decimal(1), 999, tax=Decimal(10))],
        discount=Decimal(5),
    )
    assert [(r.gross, r.discount, r.share, r.net, r.tax, r.total) for r in totals.lines] == [
        (2503, 250, 113, 2140, 193, 2333),
        (999, 0, 50, 949, 95, 1044),
    ]
    assert (totals.net, totals.tax, totals.total) == (3089, 288, 3377)


def test_huge_quantities_are_exact_and_what_is_too_large_is_refused():
    quantity, price = Decimal("99999999.999"), 70_000_000_001
    [line] = reckon([Line(quantity, price, Decimal("0.01"), Decimal("9.99"))]).lines
    assert line.gross == (99_999_999_999 * price + 500) // 1000
    with pytest.raises(Invalid):
        reckon([Line(Decimal(10**9), 2**62)])


@pytest.mark.parametrize(
    ("line", "field"),
    [
        (Line(Decimal(-1), 1), "quantity"),
        (Line(Decimal(1), -1), "price"),
        (Line(Decimal(1), 1, discount=Decimal("100.01")), "discount"),
        (Line(Decimal(1), 1, tax=Decimal(-1)), "tax"),
    ],
)
def test_what_is_out_of_range_is_named(line, field):
    with pytest.raises(Invalid) as caught:
        reckon([line])
    assert caught.value.problems[0].field == field


def test_a_discount_is_in_percent_or_an_amount():
    line = Line(Decimal(1), 100)
    for wrong in (
        {"discount": Decimal(1), "discount_amount": 1},
        {"discount": Decimal(101)},
        {"discount_amount": 101},
        {"discount_amount": -1},
    ):
        with pytest.raises(Invalid):
            reckon([line], **wrong)
    assert reckon([line], discount_amount=100).total == 0
    assert reckon([]).total == 0


@pytest.mark.parametrize(
    ("amount", "code", "unit", "language", "words"),
    [
        (12_000_000, "IRR", "rial", "fa", "دوازده میلیون ریال"),
        (12_000_000, "IRR", "toman", "fa", "یک میلیون و دویست هزار تومان"),
        (125, "IRR", "toman", "fa", "دوازده تومان و پنج ریال"),
        (5, "IRR", "toman", "fa", "پنج ریال"),
        (0, "IRR", "rial", "fa", "صفر ریال"),
        (-20, "IRR", "rial", "fa", "منفی بیست ریال"),
        (10**15, "IRR", "rial", "fa", "یک کوادریلیون ریال"),
        (2 * 10**18 + 3, "IRR", "rial", "fa", "دو کوینتیلیون و سه ریال"),
        (1_250, "USD", "rial", "en", "twelve dollars and fifty cents"),
        (100, "USD", "rial", "en", "one dollar"),
        (1, "USD", "rial", "en", "one cent"),
        (1_250, "USD", "rial", "fa", "دوازده دلار و پنجاه سنت"),
        (12_010, "IRR", "toman", "en", "one thousand, two hundred and one tomans"),
        (7, "JPY", "rial", "en", "seven JPY"),
    ],
)
def test_amounts_in_words(amount, code, unit, language, words):
    assert in_words(amount, CURRENCIES[code], unit, language) == words


@given(st.integers(0, 2**63 - 1), st.sampled_from(["fa", "en"]), st.sampled_from(["rial", "toman"]))
def test_every_amount_has_words(amount, language, unit):
    assert in_words(amount, IRR, unit, language).strip()
