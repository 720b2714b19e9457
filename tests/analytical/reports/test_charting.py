"""What a chart shows is all that there is: others are summed, empty months are drawn, two dimensions stand across each other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import orjson
import pytest
from django.utils.translation import override

from peyvand.analytical.analyses.saying import shown
from peyvand.analytical.reports.answering import answer
from peyvand.analytical.reports.charting import MOST_PARTS, chart
from peyvand.analytical.reports.drawing import grid, missing
from peyvand.analytical.reports.question import Question
from peyvand.analytical.reports.saying import axis
from peyvand.kernel import clock
from peyvand.kernel.numbers import format_number
from peyvand.operational.contacts.public import PERSON
from peyvand.operational.orders.public import ORDER
from peyvand.platform.fields.reader import Reader
from peyvand.platform.objects.records import create_record, create_records
from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.web.components.charts import MOST, Mark, Series, columns, scale

PEOPLE = MOST + 2
BUILD = "/w/arman/reports/build"


@pytest.fixture
def told(cast: Any, acting: Any, filled: Callable[[], Any]) -> Callable[..., Any]:
    """``told(**question)``: Sara's context and the answer; one order each of many people, one of them months ago."""
    with workspace_scope(cast.arman.id), override("fa"):
        ctx, now = acting(cast.sara), clock.now()
        people = create_records(ctx, PERSON, [{"name": f"مشتری {n}"} for n in range(PEOPLE)])
        for n, person in enumerate(people):
            create_record(ctx, ORDER, {
                "person": person.id, "status": "placed", "ordered_at": (now - timedelta(days=100 if n == 0 else 0, hours=1)).isoformat(),
                "lines": [{"description": "کاشی", "quantity": 1, "price": 1000 * (n + 1)}],
            })  # fmt: skip
        filled()
        ctx = acting(cast.sara)

    def ask(*measures: str, by: tuple[str, ...], kind: str) -> tuple[Any, Any]:
        return ctx, answer(ctx, Question(measures, by, span="ever", chart=kind))  # type: ignore[arg-type]

    return ask


def sum_of(one: Series) -> float:
    return sum(mark.value or 0 for mark in one.marks)


def test_all_that_is_asked_is_drawn(cast: Any, told: Callable[..., Any]) -> None:
    with workspace_scope(cast.arman.id), override("fa"):
        ctx, asked = told("revenue", by=("customer",), kind="bars")
        bars = chart(ctx, asked)
        assert bars is not None
        assert len(bars.names) == MOST
        # The two least, 1,000 and 2,000 tomans, are no bar that would squeeze the others: they are told.
        _ctx, found = told("revenue", by=("customer",), kind="bars")
        total = found.total.figures["revenue"]
        assert sum_of(bars.series[0]) == total - total * 3 / sum(range(1, PEOPLE + 1))
        assert bars.names[-1].startswith("مشتری ")
        assert (
            bars.note
            == f"۲ مورد دیگر کشیده نشده است که روی هم {shown(total - sum_of(bars.series[0]), 'money', ctx.reader)} می‌شود."
        )
        # A ring is a whole.
        ring = chart(*told("revenue", by=("customer",), kind="share"))
        assert ring is not None
        assert sum_of(ring.series[0]) == total
        assert (ring.names[-1], ring.series[0].marks[-1].url) == ("۱۹ مورد دیگر", "")
        assert len(bars.scales[0].says) in (4, 5)
        # What does not add up is not summed, and said to be cut.
        cut = chart(*told("buyers", by=("customer",), kind="bars"))
        assert cut is not None
        assert cut.note == "۲۴ مورد نخست از ۲۶ مورد کشیده شده است."

        months = chart(*told("revenue", "average_order", by=("jalali_month",), kind="lines"))
        assert months is not None
        assert months.is_time
        assert months.names[-1].endswith("تا امروز")
        values = [mark.value for mark in months.series[0].marks]
        # Nothing was sold in the months between; what an order brought then nobody knows.
        assert values[0]
        assert values[1] == 0
        assert sum(filter(None, values)) == total
        assert months.series[1].marks[1].value is None
        assert months.series[1].is_line is False  # the same unit has the same axis


def test_what_is_left_out_of_a_long_time_is_said(
    cast: Any, told: Callable[..., Any], acting: Any, filled: Callable[[], Any]
) -> None:
    with workspace_scope(cast.arman.id), override("fa"):
        create_record(acting(cast.sara), ORDER, {
            "status": "placed", "ordered_at": (clock.now() - timedelta(days=1000)).isoformat(),
            "lines": [{"description": "کاشی", "quantity": 1, "price": 1000}],
        })  # fmt: skip
        filled()
        for kind, most in (("lines", 400), ("columns", 60)):
            ctx, found = told("revenue", by=("day",), kind=kind)
            count = (found.today - found.named[0].values[0]).days + 1
            drawn = chart(ctx, found)
            assert drawn is not None
            assert count >= 1000
            assert len(drawn.names) == most
            assert (
                drawn.note
                == f"{format_number(most, 'fa')} مورد آخر از {format_number(count, 'fa')} مورد کشیده شده است."
            )
        dayless = replace(found.named[0], values=(None,), figures={"revenue": 5000.0})
        drawn = chart(ctx, replace(found, named=(*found.named, dayless)))
        assert drawn is not None
        assert drawn.note.endswith("آنچه تاریخ ندارد کشیده نشده است: ۵۰۰.")


def test_a_time_without_an_end_ends_with_the_last_fact_and_says_so(
    cast: Any, acting: Any, filled: Callable[[], Any]
) -> None:
    with workspace_scope(cast.arman.id), override("fa"):
        for days in (1000, 800):
            create_record(acting(cast.sara), ORDER, {
                "status": "placed", "ordered_at": (clock.now() - timedelta(days=days)).isoformat(),
                "lines": [{"description": "کاشی", "quantity": 1, "price": 1000}],
            })  # fmt: skip
        filled()
        ctx = acting(cast.sara)
        ever = answer(ctx, Question(("revenue",), ("month",), span="ever", chart="lines"))
        drawn = chart(ctx, ever)
        assert drawn is not None
        assert len(drawn.names) in (7, 8, 9)
        assert drawn.series[0].marks[-1].value
        assert drawn.note == f"پس از {drawn.names[-1]} چیزی نیست."
        # A year has its own end: that nothing was sold in it is what is asked.
        own = Question(
            ("revenue",),
            ("month",),
            span="own",
            since=ever.named[0].values[0],
            until=ever.today,
            chart="lines",
        )
        whole = chart(ctx, answer(ctx, own))
        assert whole is not None
        assert len(whole.names) > 30
        assert whole.note == ""


def test_a_day_of_a_wrong_year_makes_no_rows_of_all_days_since(
    cast: Any, acting: Any, filled: Callable[[], Any]
) -> None:
    with workspace_scope(cast.arman.id), override("fa"):
        now = clock.now()
        for at in (now, now - timedelta(days=3), now.replace(year=1903, day=1)):
            create_record(acting(cast.sara), ORDER, {
                "status": "placed", "ordered_at": at.isoformat(), "lines": [{"description": "کاشی", "quantity": 1, "price": 1000}],
            })  # fmt: skip
        filled()
        found = answer(acting(cast.sara), Question(("revenue",), ("day",), span="ever"))
        days = sorted(row.values[0] for row in found.named)
        assert found.count == len(days) == 5, "the three days, and the two between the last of them"
        assert [(after - day).days for day, after in pairwise(days[1:])] == [1, 1, 1]


def test_two_dimensions_stand_across_each_other(cast: Any, told: Callable[..., Any]) -> None:
    with workspace_scope(cast.arman.id), override("fa"):
        ctx, found = told("revenue", by=("customer", "jalali_month"), kind="lines")
        total = found.total.figures["revenue"]
        lines = chart(ctx, found)
        assert lines is not None
        # Time runs along the axis, whichever was named first; the others are one part.
        assert lines.is_time
        assert len(lines.series) == MOST_PARTS
        assert sum(map(sum_of, lines.series)) == total
        across = grid(ctx, found)
        assert across is not None
        assert len(across.lines) == len({line.names for line in across.lines}) == PEOPLE
        assert [cell.text for cell in across.lines[-1].cells].count("") == len(across.heads) - 1
        assert across.foot.cells[-1].text == across.foot.cells[-1].text.strip() != ""
        # A value of the one may be that of the other, as ids are, and is called otherwise.
        (down, beside), same = found.alone, (10,)
        equal = replace(
            found,
            alone=tuple(replace(each, rows=rows, named=rows) for each, name in ((down, "الف"), (beside, "ب"))
                        if (rows := (replace(each.rows[0], values=same, names=(name,)),))),
            cells={same * 2: replace(found.rows[0], values=same * 2)},
        )  # fmt: skip
        called = grid(ctx, equal)
        assert called is not None
        assert orjson.loads(parse_qs(urlsplit(called.lines[0].cells[0].url).query)["mark"][0])["n"] == [
            "الف",
            "ب",
        ]

        bars = chart(*told("revenue", by=("jalali_month", "customer"), kind="bars"))
        assert bars is not None
        # What is added up of each bar stays a part of it.
        assert sum(map(sum_of, bars.series)) == total

        ring = chart(*told("revenue", by=("customer", "jalali_month"), kind="share"))
        assert ring is not None
        assert sum_of(ring.series[0]) == total
        assert "مشتری" in ring.note
        ctx, rates = told("buyers", by=("customer",), kind="share")
        assert chart(ctx, rates) is None
        assert "خریداران" in missing(rates)


def test_rows_say_which_figure_they_are_behind_and_lead_back(
    cast: Any, told: Callable[..., Any], browse: Any
) -> None:
    client = browse(cast.sara)
    asked = {"m": "revenue,returned", "by": "customer", "span": "ever", "chart": "bars"}
    page = client.get(BUILD, asked).context
    first = page["lines"][0].cells
    listed = client.get(client.get(first[0].url).url).content.decode()
    name = page["lines"][0].names[0]
    assert f"{name} · از ابتدا" in listed
    assert f'href="{BUILD}?m=revenue%2Creturned' in listed
    # A figure of nothing is no dead end.
    nothing = client.get(first[1].url)
    assert nothing.status_code == 200
    assert name in nothing.content.decode()
    assert urlsplit(nothing.context["report"]).path == BUILD
    assert client.get(nothing.context["report"]).context["question"].by == ("customer",)
    # What an address says of itself counts nothing, and breaks nothing.
    for odd in (
        '{"q":{},"m":"revenue","v":[],"n":["x"]}',
        '{"q":{},"m":"revenue","v":[],"f":1e999}',
        '{"q":{},"m":"revenue","v":[],"n":5}',
    ):
        assert client.get(f"/w/arman/reports/rows?{urlencode({'mark': odd})}").status_code in (200, 302, 404)


@pytest.mark.parametrize(
    ("values", "low", "high"),
    [([14.6], 0, 15), ([100.0], 0, 100), ([-5, 10], -5, 10), ([0.3], 0, 0.3), ([2], 0, 2), ([7e17], 0, 7.5e17), ([0, 0], 0, 1)],
)  # fmt: skip
def test_an_axis_has_round_values_that_hold_all(values: list[float], low: float, high: float) -> None:
    made = scale(values, str, "u")
    assert (made.low, made.low + made.step * (len(made.says) - 1)) == (low, pytest.approx(high))
    assert len(made.says) <= 5


def test_an_axis_of_rates_is_never_one_percent_long() -> None:
    says = axis("percent", Reader("en", "Asia/Tehran", "IRR", "toman"))
    made = scale([0.0, 0.0], *says)
    assert made.says[-1] == "100%"
    assert scale([0.0, 40.0], *says).says[-1] == "40%"


def test_what_stands_beside_is_not_stacked() -> None:
    said, came = (tuple(Mark(value, "") for value in pair) for pair in ((3.0, 4.0), (5.0, 6.0)))
    drawn = columns(
        "x", ["a", "b"], Series("s", said), Series("t", came, "quiet", beside=True), says=[(str, "")]
    )
    assert drawn is not None
    assert [one.beside for one in drawn.series] == [False, True]
    # The axis ends where the highest of them does, not their sum.
    assert drawn.scales[0].low + drawn.scales[0].step * (len(drawn.scales[0].says) - 1) == 6


def test_a_period_that_is_not_over_is_told_in_the_chart_and_in_the_table(
    cast: Any, told: Callable[..., Any]
) -> None:
    with workspace_scope(cast.arman.id), override("fa"):
        for kind in ("lines", "columns"):
            ctx, found = told("revenue", by=("jalali_month",), kind=kind)
            running = chart(ctx, found)
            assert running is not None
            assert running.is_running
            assert "&quot;is_running&quot;:true" in running.html
            assert found.named[-1].names[0].endswith("تا امروز")
            assert not found.named[0].names[0].endswith("تا امروز")
        # A span that began within a month has a part of it, and one that is over has no running one.
        since, until = found.today - timedelta(days=110), found.today - timedelta(days=80)
        asked = Question(
            ("revenue",), ("jalali_month",), span="own", since=since, until=until, chart="columns"
        )
        over = answer(ctx, asked)
        assert [row.names[0].endswith("(بخشی)") for row in over.named] == [True]
        drawn = chart(ctx, over)
        assert drawn is not None
        assert not drawn.is_running


def test_days_of_the_week_begin_as_the_workspaces_week_does(cast: Any, told: Callable[..., Any]) -> None:
    with workspace_scope(cast.arman.id), override("fa"):
        _ctx, found = told("revenue", by=("weekday",), kind="columns")
        order = ["6", "7", "1", "2", "3", "4", "5"]
        places = [order.index(row.values[0]) for row in found.named]
        assert places == sorted(places)
