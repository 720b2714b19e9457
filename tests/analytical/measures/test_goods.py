"""Products, baskets and what is bought together, against the same counted in Python."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import pyarrow as pa
import pytest
from tests.analytical.measures.making import CONTEXT, TODAY, YEAR, Filled, World

from peyvand.analytical.measures.goods import baskets, bought_with, products
from peyvand.analytical.measures.spans import Span
from peyvand.analytical.methods.rules import rules


def bought(world: World) -> set[tuple[int, int]]:
    lines = world.rows["sale_line"]
    kept = lines[~lines.is_return & (lines.quantity > 0) & (lines.day <= TODAY)]
    return set(zip(kept.sale, kept["product"], strict=True))


def test_baskets_and_what_is_in_them_together(world: World) -> None:
    found = baskets(world.tables, context=CONTEXT)
    pairs = world.tables.fetch(found)
    assert sorted(zip(*pairs.to_pydict().values(), strict=True)) == sorted(bought(world))
    with_3 = world.told(bought_with(found, 3, fewest=2)).set_index("product")
    of = {item: {sale for sale, product in bought(world) if product == item} for item in range(1, 13)}
    everything = set().union(*of.values())
    for item in range(1, 13):
        together = len(of[3] & of[item])
        if item == 3 or together < 2:
            assert item not in with_3.index
            continue
        assert with_3.together[item] == together
        assert with_3.confidence[item] == pytest.approx(together / len(of[3]))
        assert with_3.lift[item] == pytest.approx(together / len(of[3]) * len(everything) / len(of[item]))


def test_rules_take_the_baskets_as_they_are(world: World) -> None:
    """The pair's count is that of the rule which the mathematics finds in the same baskets."""
    found = baskets(world.tables, context=CONTEXT)
    told = world.tables.fetch(found)
    learned = rules(
        told["sale"].to_numpy(),
        told["product"].to_numpy(),
        support=0.001,
        confidence=0.01,
        longest=2,
        least_baskets=1,
    )
    pairs = {(learned[n].items[0], learned[n].then): learned[n] for n in range(len(learned))}
    with_3 = world.told(bought_with(found, 3)).set_index("product")
    assert len(with_3) == sum(left == 3 for left, _ in pairs)
    for item in with_3.index:
        assert pairs[3, item].together == with_3.together[item]


def test_products_beside_the_year_before(world: World) -> None:
    found = world.told(products(world.tables, YEAR, context=CONTEXT)).set_index("product")
    sale = world.rows["sale_line"]

    def revenue(since: date, until: date) -> Counter[int]:
        inside = sale[(sale.day >= since) & (sale.day < until)]
        return Counter(inside.groupby("product").net.sum().to_dict())

    now, was = revenue(*YEAR.__dict__.values()), revenue(date(2024, 3, 20), date(2025, 3, 21))
    assert dict(found.revenue) == now
    assert found.share.sum() == pytest.approx(100)
    for item in found.index:
        assert found.revenue__before[item] == was[item]
        growth = (now[item] - was[item]) * 100 / was[item] if was[item] > 0 else None
        assert (
            found.growth[item] == pytest.approx(growth) if growth is not None else found.growth.isna()[item]
        )


def test_a_renamed_or_merged_product_is_one_product(duck: Filled) -> None:
    """Facts name products by key: a new name shows on old sales, and what was merged away was re-keyed with its sales."""
    day = TODAY - timedelta(days=400)
    tables = duck(
        {
            "product": pa.table({"product": [1], "name": ["نام تازه"]}),
            "sale_line": pa.table(
                {"line": [1, 2, 3], "sale": [2, 4, 6], "product": [1, 1, None], "day": [day, TODAY, TODAY], "net": [5, 8, 1],
                 "quantity": [1.0, 1.0, 1.0], "is_return": [False] * 3, "gross": [5, 8, 1], "discount": [0] * 3}
            ),
        }
    )  # fmt: skip
    found = tables.fetch(
        products(tables, Span(TODAY, TODAY + timedelta(days=9)), "before", context=CONTEXT)
    ).to_pylist()
    assert {row["product"]: (row["revenue"], row["growth"]) for row in found} == {
        1: (8, None),
        None: (1, None),
    }
    assert tables.fetch(baskets(tables, context=CONTEXT)).num_rows == 2
    assert tables.fetch(bought_with(baskets(tables, context=CONTEXT), 99)).num_rows == 0
