"""Where what-if begins: levels of whole months, the part that came through deals, and products of the plan."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pyarrow as pa
import pytest
from tests.analytical.forecasts.making import TODAY, each_month, figures, found, months, sales

from peyvand.analytical.methods.guards import NotEnough

FIRST = date(2025, 11, 22)  # 1 Azar 1404: twelve whole months until TODAY


def deals(count: int, day: date, closed: int = 60, start: int = 0, **more: Any) -> list[dict[str, Any]]:
    return [
        {
            "deal": start + n,
            "member": 7 + n % 2,
            "status": "won",
            "amount": 400,
            "day": day,
            "closed": day + timedelta(closed),
            **more,
        }
        for n in range(count)
    ]


def deal_table(rows: list[dict[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist(rows, schema=pa.schema([
        ("deal", pa.int64()), ("name", pa.string()), ("member", pa.int64()), ("status", pa.string()), ("amount", pa.int64()),
        ("day", pa.date32()), ("closed", pa.date32()),
    ]))  # fmt: skip


def test_the_last_twelve_whole_months_are_where_it_begins() -> None:
    sold = [
        *each_month([50] * 3, months(FIRST, 1, "jalali")[0] - timedelta(120), "jalali"),
        *each_month([1_000] * 12, FIRST, "jalali", discount=250, gross=1_250, cost=600),
        *each_month([500] * 12, FIRST, "jalali", deal=1, cost=300), {"day": TODAY, "net": 9},
    ]  # fmt: skip
    opened = [
        row for n, m in enumerate(months(FIRST, 12, "jalali")) for row in deals(4, m, start=10 * n, name="D")
    ]
    leads = pa.table({
        "lead": pa.array(range(24), pa.int64()), "day": pa.array([m for m in months(FIRST, 12, "jalali") for _ in range(2)], pa.date32()),
        "converted": pa.array([TODAY if n % 2 else None for n in range(24)], pa.date32()),
        "deal": pa.array([10 * (n // 2) if n % 2 else None for n in range(24)], pa.int64()),
    })  # fmt: skip
    tables = {"sale": sales(sold), "deal": deal_table(opened), "lead": leads}
    finding = found("what_if", tables)
    more = finding.more
    assert more["months"] == [m.isoformat() for m in months(FIRST, 12, "jalali")]
    assert (more["base"], more["dealt"], more["other"], more["is_linked"]) == (
        "revenue",
        [500] * 12,
        [1_000] * 12,
        True,
    )
    assert more["levels"]["leads"] == 24
    assert more["levels"]["conversion"] == 50
    assert more["from_leads"] == pytest.approx(12 / 48)
    assert (more["people"], more["lag"]) == (2, 2)
    assert more["discount"] == pytest.approx(3_000 / 21_000)
    assert more["margin"] == pytest.approx(0.4)
    assert figures(finding)["Revenue in a usual month"] == 1_500


def test_without_links_won_deals_are_the_part_and_without_sales_all() -> None:
    opened = [
        row for n, m in enumerate(months(FIRST, 12, "jalali")) for row in deals(2, m, closed=1, start=10 * n)
    ]
    unlinked = found(
        "what_if", {"sale": sales(each_month([1_000] * 12, FIRST, "jalali")), "deal": deal_table(opened)}
    ).more
    assert (unlinked["dealt"], unlinked["other"], unlinked["is_linked"]) == ([800] * 12, [200] * 12, False)
    assert unlinked["margin"] is None
    alone = found("what_if", {"deal": deal_table(opened)}).more
    assert (alone["base"], alone["dealt"], alone["other"]) == ("won_amount", [800] * 12, [0] * 12)


def test_fewer_than_six_whole_months_are_refused() -> None:
    for tables, has in (
        ({}, 0),
        ({"sale": sales(each_month([1] * 6, months(FIRST, 8, "jalali")[-1], "jalali"))}, 5),
    ):
        with pytest.raises(NotEnough) as missing:
            found("what_if", tables)
        assert (missing.value.what, missing.value.needs, missing.value.has) == ("whole months", 6, has)


def test_the_plan_is_of_the_products_that_bring_most() -> None:
    days = [m + timedelta(2) for m in months(FIRST, 12, "jalali") for _ in range(2)]
    lines = pa.table({
        "line": pa.array(range(24), pa.int64()), "sale": pa.array([2 * (n // 2) for n in range(24)], pa.int64()),
        "product": pa.array([5, 6] * 12, pa.int64()), "day": pa.array(days, pa.date32()), "quantity": [1.0] * 24,
        "net": pa.array([750, 250] * 12, pa.int64()), "cost": pa.array([100, 100] * 12, pa.int64()), "is_return": [False] * 24,
    })  # fmt: skip
    tables = {"sale": sales(each_month([1_000] * 12, FIRST, "jalali", cost=200)), "sale_line": lines}
    assert found("what_if", tables).more["plan"] == [
        {"product": 5, "share": 0.75, "cost_share": 0.5}, {"product": 6, "share": 0.25, "cost_share": 0.5},
    ]  # fmt: skip
