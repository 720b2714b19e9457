"""What a line comes to: exact, and a return takes back exactly what went out."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from hypothesis import given
from hypothesis import strategies as st

from peyvand.kernel.money import CURRENCIES
from peyvand.operational.orders.arithmetic import converted, figures, price_of

quantities = st.decimals("-1000000", "1000000", places=3).filter(bool)
rates = st.decimals("0", "100", places=2)


@given(quantities, st.integers(-(10**9), 10**9), rates, rates)
def test_a_line_is_rounded_half_up_at_each_step_and_adds_up(
    quantity: Decimal, price: int, discount: Decimal, tax: Decimal
) -> None:
    def whole(exact: Decimal) -> int:
        return int(exact.to_integral_value(ROUND_HALF_UP))

    line = figures(quantity, price, discount, tax)
    assert line.gross == whole(quantity * price)
    assert line.discount == whole(line.gross * discount / 100)
    assert line.net == line.gross - line.discount
    assert line.tax == whole(line.net * tax / 100)
    assert line.total == line.net + line.tax
    back = figures(-quantity, price, discount, tax)
    assert tuple(back) == tuple(-part for part in line)


@given(quantities, st.integers(-(10**9), 10**9))
def test_a_price_is_the_rounded_part_of_what_a_line_comes_to(quantity: Decimal, gross: int) -> None:
    exact = Decimal(gross) / quantity
    assert abs(price_of(gross, quantity) - exact) <= Decimal("0.5000001")
    assert figures(quantity, price_of(gross, quantity), gross=gross).gross == gross


def test_an_amount_becomes_the_other_currency_s_minor_units() -> None:
    usd, irr = CURRENCIES["USD"], CURRENCIES["IRR"]
    assert converted(1250, Decimal(600_000), usd, irr) == 7_500_000
    assert converted(600_001, Decimal(1) / Decimal(600_000), irr, usd) == 100
