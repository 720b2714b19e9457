"""What stands on the pages of targets and reports adds up: each sum is that of its rows, in full, and SQL says the same."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.db import connection
from tests.operational.targets.scenes import deal

from peyvand.kernel import clock
from peyvand.kernel.errors import Invalid
from peyvand.kernel.numbers import parse_number
from peyvand.operational.sales.public import win_deal
from peyvand.operational.targets.forecast import forecast
from peyvand.operational.targets.objects import QUOTA
from peyvand.operational.targets.outcomes import WAYS, outcomes
from peyvand.operational.targets.periods import Span
from peyvand.platform.objects.records import create_record
from peyvand.platform.workspaces.scope import workspace_scope

# 18 Mordad 1405.
NOON = datetime(2026, 8, 9, 9, tzinfo=UTC)
MONTH = {"starts_on": "2026-08-09"}


@pytest.fixture
def summer():
    with clock.freeze(NOON) as moment:
        yield moment


def figure(cell: str) -> Decimal | None:
    """The number that a cell says; None where it says none."""
    text = unescape(re.sub(r"<[^>]*>", "", cell)).strip()
    try:
        return parse_number(text.rstrip("٪%")) if text not in ("", "–") else None
    except Invalid:
        return None


def tables(page: str) -> list[tuple[list[list[Decimal | None]], list[Decimal | None]]]:
    """The figures of each table that has a sum: its rows, and the sum."""
    found = []
    for table in re.findall(r"<table.*?</table>", page, re.DOTALL):
        if "<tfoot>" not in table:
            continue
        body, foot = re.search(r"<tbody>(.*?)</tbody>.*?<tfoot>(.*?)</tfoot>", table, re.DOTALL).groups()
        rows = [
            [figure(cell) for cell in re.findall(r"<td.*?</td>", row, re.DOTALL)]
            for row in re.findall(r"<tr>.*?</tr>", body, re.DOTALL)
        ]
        found.append((rows, [figure(cell) for cell in re.findall(r"<td.*?</td>", foot, re.DOTALL)]))
    return found


def assert_sums(
    rows: list[list[Decimal | None]], foot: list[Decimal | None], columns: tuple[int, ...]
) -> None:
    for column in columns:
        assert (foot[column] or 0) == sum(row[column] or 0 for row in rows), f"column {column}: {rows} {foot}"


def asked(sql: str, *values: Any) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchone()[0]


def test_every_column_of_targets_is_the_sum_of_its_rows(cast, acting, browse, summer):
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        for user, amount, number in ((cast.sara, 51_000_007, 2), (cast.babak, 64_000_003, 3)):
            create_record(ctx, QUOTA, {**MONTH, "measure": "won_amount", "owner": user.id, "amount": amount})
            create_record(ctx, QUOTA, {**MONTH, "measure": "won_count", "owner": user.id, "number": number})
        # One is far beyond the target, the other has nothing but what is likely.
        win_deal(ctx, deal(ctx, "Won", owner=cast.sara.id, amount=191_234_567))
        for amount, probability in ((1_234_567, 35), (7_654_321, 25)):
            deal(
                ctx,
                "Likely",
                owner=cast.babak.id,
                amount=amount,
                probability=probability,
                expected_on=date(2026, 8, 20),
            )
        won = asked("select sum(amount) from deal where workspace_id = %s and status = 'won'", cast.arman.id)
        likely = asked(
            "select sum(probability)::numeric / 100 from deal where workspace_id = %s and status = 'open' and expected_on = '2026-08-20'",
            cast.arman.id,
        )
    amounts, counts = tables(browse(cast.sara).get("/w/arman/targets").content.decode())
    for rows, foot in (amounts, counts):
        assert len(rows) == 2
        # Target, reached, expected by today, missing, likely: all but the share.
        assert_sums(rows, foot, (0, 1, 3, 4, 5))
    # In toman, to the last rial.
    assert amounts[1][1] == Decimal(won) / 10
    assert amounts[1][4] == Decimal("6400000.3")
    # Whose amount is likely has deals that are likely.
    assert counts[1][5] == 1 + likely == Decimal("1.6")
    assert amounts[1][5] > amounts[1][1]


def test_months_in_which_nothing_ended_stand_between_the_others(cast, acting, browse):
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        for month, amount in ((3, 1_000_001), (5, 2_000_002)):
            with clock.freeze(datetime(2026, month, 10, 9, tzinfo=UTC)):
                win_deal(ctx, deal(ctx, f"Of {month}", amount=amount))
        with clock.freeze(NOON):
            year = Span("own", "gregorian", date(2026, 1, 1), date(2027, 1, 1))
            months, total = outcomes(ctx.actor, WAYS["month"], year)
            ever, _total = outcomes(ctx.actor, WAYS["month"], Span("ever", "gregorian"))
        won = asked("select sum(amount) from deal where workspace_id = %s and status = 'won'", cast.arman.id)
    # From the first sale to today; where the span has no end, to the last sale.
    assert [(m.span.start.month, m.won, m.won_amount, m.rate) for m in months] == [
        (3, 1, 1_000_001, 1), (4, 0, 0, None), (5, 1, 2_000_002, 1), (6, 0, 0, None), (7, 0, 0, None), (8, 0, 0, None),
    ]  # fmt: skip
    assert [m.span.start.month for m in ever] == [3, 4, 5]
    assert total.won_amount == won == sum(m.won_amount for m in months)
    with clock.freeze(NOON):
        page = browse(cast.sara).get("/w/arman/reports/team").content.decode()
    months_of_page = page[page.index('id="months-h"') : page.index('id="stalled-h"')]
    assert re.findall(r'<th scope="row">(\w+) ۱۴۰[۴۵]', months_of_page) == [
        "اسفند", "فروردین", "اردیبهشت", "خرداد", "تیر", "مرداد",
    ]  # fmt: skip


def test_sales_and_the_forecast_add_up_to_the_last_rial(cast, acting, browse, summer):
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        for owner, amount in ((cast.sara, 123_456_789), (cast.babak, 98_765_432), (cast.mina, 5_555_555)):
            win_deal(ctx, deal(ctx, "Won", owner=owner.id, amount=amount))
            deal(
                ctx, "Open", owner=owner.id, amount=amount // 3, probability=33, expected_on=date(2026, 8, 20)
            )
        won = asked("select sum(amount) from deal where workspace_id = %s and status = 'won'", cast.arman.id)
        weighted = asked(
            "select sum(weighted) from deal where workspace_id = %s and status = 'open'", cast.arman.id
        )
    sara = browse(cast.sara)
    [(rows, foot)] = tables(sara.get("/w/arman/reports/sales?by=owner").content.decode())
    assert_sums(rows, foot, (0, 1, 3, 6))
    assert foot[3] == Decimal(won) / 10
    [(rows, foot)] = tables(sara.get("/w/arman/reports/forecast").content.decode())
    assert_sums(rows, foot, tuple(range(7)))
    assert (foot[0], foot[6]) == (Decimal(won) / 10, Decimal(won + weighted) / 10)


def test_who_has_a_target_and_no_deal_is_in_the_forecast_and_its_sum(cast, acting, browse, summer):
    quarter = Span("own", "jalali", date(2026, 6, 22), date(2026, 9, 23))
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        win_deal(ctx, deal(ctx, "Won", owner=cast.babak.id, amount=100))
        for user, amount in ((cast.babak, 400), (cast.mina, 600)):
            create_record(ctx, QUOTA, {
                "measure": "won_amount", "owner": user.id, "amount": amount, "unit": "quarter", "starts_on": "2026-08-09",
            })  # fmt: skip
        lines, total = forecast(ctx.actor, "owner", quarter)
        months, _total = forecast(ctx.actor, "month", quarter)
    assert {line.key: (line.expected, line.target) for line in lines} == {
        cast.babak.id: (100, 400), cast.mina.id: (0, 600),
    }  # fmt: skip
    assert (total.target, total.share) == (1000, 0.1)
    assert len(months) == 1
