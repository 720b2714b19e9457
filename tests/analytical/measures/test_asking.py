"""What ``ask`` answers against the same reckoned by pandas, fact by fact."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from datetime import date, timedelta
from math import nan
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from tests.analytical.measures.making import CONTEXT, FIRST, TODAY, YEAR, Filled, World, calendar

from peyvand.analytical.measures.asking import ask, rows_of
from peyvand.analytical.measures.catalogue import MEASURES, PLAIN, Made
from peyvand.analytical.measures.dimensions import DIMENSIONS, FIELDS
from peyvand.analytical.measures.fitting import fits
from peyvand.analytical.measures.sources import SOURCES
from peyvand.analytical.measures.spans import ALWAYS, Span
from peyvand.analytical.warehouse.star import TABLES
from peyvand.kernel.conditions import parse
from peyvand.kernel.errors import NotFound, RuleViolation
from peyvand.kernel.persian.calendar import period
from peyvand.kernel.persian.text import fold

Frame = pd.DataFrame
Frames = dict[str, Frame]


@pytest.fixture(scope="module")
def facts(world: World) -> Frames:
    """Every fact with its day, the way a person would write it down."""
    rows = dict(world.rows)
    lines = rows["sale_line"].merge(rows["sale"][["sale", "member", "channel", "deal"]], on="sale")
    bought = rows["sale"][~rows["sale"].is_return & (rows["sale"].net > 0) & rows["sale"].customer.notna()]
    closed = rows["deal"][rows["deal"].closed.notna()]
    touch = rows["touch"].merge(rows["lead"][["lead", "member", "source", "deal"]], on="lead", how="left")
    plans = rows["subscription"]
    named = {
        **rows,
        "sale_line": lines,
        "buyer": bought.sort_values(["day", "at", "sale"]).drop_duplicates("customer"),
        "deal_closed": closed.assign(opened=closed.day, day=closed.closed),
        "lead_converted": rows["lead"].assign(day=rows["lead"].converted).dropna(subset="day"),
        "touch": touch,
        "subscription_started": plans.assign(day=plans.started),
        "subscription_running": plans[plans.ended.isna()].assign(day=plans.started).dropna(subset="day"),
        "subscription_ended": plans.assign(day=plans.ended).dropna(subset="day"),
    }
    people = rows["customer"].set_index("customer")
    teams = rows["member"].set_index("member").team
    deals = rows["deal"].set_index("deal")
    goods = rows["product"].set_index("product")
    for name, frame in named.items():
        if "day" not in frame or name == "calendar_day":
            continue
        frame = frame[pd.to_datetime(frame.day).dt.date <= TODAY].copy()
        for column in ("city", "kind", "owner", "object"):
            if "customer" in frame:
                frame[f"customer.{column}"] = frame.customer.map(people[column])
        if "member" in frame:
            frame["member.team"] = frame.member.map(teams)
        if "product" in frame:
            frame["product.series"] = frame["product"].map(goods.series)
        if "deal" in frame and name not in ("deal", "deal_closed"):
            frame["competitor"] = frame.deal.map(deals.competitor)
        if "deal" in frame and name not in ("deal", "deal_closed", "lead", "lead_converted", "touch"):
            frame["source"] = frame.deal.map(deals.source)
        named[name] = frame
    return named


def known(values: Any) -> Any:
    """The sum, None where nothing of it is known."""
    return None if values.isna().all() else values.sum()


# By plain measure: the fact for each of its sources, and its value over some rows of it.
SALES: dict[str, Callable[[Frame], Any]] = {
    "revenue": lambda f: f.net.sum(),
    "gross": lambda f: f.gross.sum(),
    "discount": lambda f: f.discount.sum(),
    "tax": lambda f: f.tax.sum(),
    "sold": lambda f: f.net[~f.is_return].sum(),
    "returned": lambda f: -f.net[f.is_return].sum(),
    "goods_cost": lambda f: known(f.cost),
    "margin": lambda f: known((f.net - f.cost)[f.cost.notna()]),
    "costed": lambda f: f.net[f.cost.notna()].sum(),
    "orders": lambda f: f.sale[~f.is_return & (f.net > 0)].nunique(),
    "returns": lambda f: f.sale[f.is_return].nunique(),
    "buyers": lambda f: f.customer[~f.is_return & (f.net > 0)].nunique(),
    "known_orders": lambda f: f.sale[~f.is_return & (f.net > 0) & f.customer.notna()].nunique(),
    "items": lambda f: f.quantity.sum(),
    "products": lambda f: f["product"][~f.is_return].nunique(),
    "line_revenue": lambda f: f.net.sum(),
    "listed": lambda f: (f.list_price * f.quantity)[(f.list_price > 0) & ~f.is_return].sum(),
    "listed_got": lambda f: f.net[(f.list_price > 0) & ~f.is_return].sum(),
}
OTHERS: dict[str, Callable[[Frame], Any]] = {
    "new_buyers": len,
    "payments": lambda f: f.amount.sum(),
    "payment_count": lambda f: (f.amount > 0).sum(),
    "interactions": len,
    "contacted": lambda f: f.customer.nunique(),
    "hours": lambda f: known(f.minutes / 60),
    "service_cost": lambda f: known(f.cost),
    "touches": len,
    "touched": lambda f: f.customer.nunique(),
    "subscriptions_started": len,
    "subscriptions_ended": len,
    "subscriptions_running": len,
    "monthly_running": lambda f: f.amount.sum(),
    "monthly_started": lambda f: f.amount.sum(),
    "monthly_ended": lambda f: f.amount.sum(),
    "deals_opened": len,
    "opened_amount": lambda f: f.amount.sum(),
    "open_deals": lambda f: (f.status == "open").sum(),
    "open_amount": lambda f: f.amount[f.status == "open"].sum(),
    "weighted_amount": lambda f: (f.amount * f.probability / 100)[f.status == "open"].sum(),
    "deals_won": lambda f: (f.status == "won").sum(),
    "deals_lost": lambda f: (f.status == "lost").sum(),
    "won_amount": lambda f: f.amount[f.status == "won"].sum(),
    "lost_amount": lambda f: f.amount[f.status == "lost"].sum(),
    "won_days": lambda f: sum(
        (c - o).days for c, o, s in zip(f.day, f.opened, f.status, strict=True) if s == "won"
    ),
    "stage_moves": lambda f: (f.from_stage != "").sum(),
    "stage_hours": lambda f: f.hours[f.from_stage != ""].sum(),
    "leads": len,
    "leads_turned": lambda f: f.converted.notna().sum(),
    "conversions": len,
}
ORACLE = {**SALES, **OTHERS}

_START = {"jalali_quarter": ("quarter", "jalali"),
          "jalali_year": ("year", "jalali"), "month": ("month", "gregorian"), "quarter": ("quarter", "gregorian"),
          "year": ("year", "gregorian")}  # fmt: skip
COLUMN = {
    "customer": "customer", "city": "customer.city", "customer_kind": "customer.kind", "customer_owner": "customer.owner",
    "product": "product", "series": "product.series", "member": "member", "team": "member.team",
    "sale_channel": "channel", "source": "source", "competitor": "competitor", "is_return": "is_return",
}  # fmt: skip
BY = [
    (), ("jalali_quarter",), ("jalali_year",), ("month",), ("quarter", "team"), ("year", "city"), ("member", "is_return"),
    ("customer",), ("product",), ("series", "customer_kind"), ("sale_channel",), ("source",), ("competitor", "customer_owner"),
]  # fmt: skip


def column(frame: Frame, key: str) -> Any:
    if key in _START:
        unit, of = _START[key]
        return frame.day.map(lambda day: period(unit, day, of)[0])  # type: ignore[arg-type]
    return frame[COLUMN[key]]


def plain(value: Any) -> Any:
    """One form of what Arrow and pandas call the same: whole numbers, None where nothing is."""
    if value is None or value is pd.NaT or (isinstance(value, float) and value != value):
        return None
    if isinstance(value, float) and value == int(value):
        return int(value)
    return value.item() if hasattr(value, "item") else value


def expected(
    frames: Frames, measures: list[str], by: tuple[str, ...]
) -> dict[tuple[Any, ...], dict[str, Any]]:
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    for key in dict.fromkeys(part for measure in measures for part in MEASURES[measure].parts):
        sources = [DIMENSIONS[k] for k in by]
        source = next(s for s in PLAIN[key].sources if all(d.way(SOURCES[s]) for d in sources))
        frame = frames[source]
        if by:
            groups = frame.groupby([column(frame, k).rename(k) for k in by], dropna=False)
            parts = [(tuple(map(plain, at)), group) for at, group in groups]
        else:
            parts = [((), frame)]
        for at, group in parts:
            found.setdefault(at, {})[key] = ORACLE[key](group)
    return found


def value(measure: str, parts: dict[str, Any]) -> Any:
    def part(key: str) -> Any:
        return plain(parts.get(key, None if PLAIN[key].is_open else 0))

    if measure not in MADE:
        return part(measure)
    return MADE[measure](*map(part, MEASURES[measure].parts))


def rate(part: Any, whole: Any, times: float = 100) -> Any:
    return None if part is None or not whole else part * times / whole


MADE: dict[str, Callable[..., Any]] = {
    **dict.fromkeys(("discount_rate", "margin_rate", "cost_known", "returns_rate", "price_realisation", "conversion"), rate),
    **dict.fromkeys(
        ("average_order", "order_frequency", "average_price", "average_deal", "cycle_days", "stage_stay"),
        lambda part, whole: rate(part, whole, 1),
    ),
    "profit": lambda margin, cost: None if margin is None else margin - (cost or 0),
    "win_rate": lambda won, lost: rate(won, won + lost),
    "price_gap": lambda listed, got: listed - got,
}  # fmt: skip


@pytest.mark.parametrize("by", BY, ids=lambda by: "+".join(by) or "total")
def test_every_measure_by_everything_that_it_can_be_shown_by(
    world: World, facts: Frames, by: tuple[str, ...]
) -> None:
    asked = [key for key in MEASURES if _fits(key, by)]
    assert len(asked) == len(MEASURES) if not {*by} - {*_START} else asked
    wanted = expected(facts, asked, by)
    found = world.tables.fetch(ask(world.tables, asked, by, context=CONTEXT)).to_pylist()
    told = {tuple(plain(row[key]) for key in by): row for row in found}
    assert len(told) == len(found)
    assert set(told) == set(wanted)
    got = [[number(plain(row[key])) for key in asked] for row in told.values()]
    said = [[number(value(key, wanted[at])) for key in asked] for at in told]
    np.testing.assert_allclose(got, said, rtol=1e-9)


def number(value: Any) -> float:
    return nan if value is None else float(value)


def _fits(measure: str, by: tuple[str, ...]) -> bool:
    try:
        fits([measure], by)
    except RuleViolation:
        return False
    return True


def test_an_earlier_span_beside_a_later_one(world: World) -> None:
    """Month beside month, of the year before and of the twelve months before, is what was asked of that span by itself."""
    of_both = ["revenue", "orders", "margin_rate", "deals_won", "new_buyers"]
    late = Span(date(2025, 3, 21), date(2026, 3, 21))
    late_alone = by_first(world, of_both, "jalali_month", late)
    for compare, span in (("year", late), ("before", Span(date(2025, 9, 23), date(2026, 3, 21)))):
        earlier = span.earlier(compare, "jalali")  # type: ignore[arg-type]
        alone = by_first(world, of_both, "jalali_month", earlier)
        rows = world.tables.fetch(
            ask(world.tables, of_both, ["jalali_month"], span=span, compare=compare, context=CONTEXT)  # type: ignore[arg-type]
        ).to_pylist()
        pairs = dict(zip(span.periods("month", "jalali"), earlier.periods("month", "jalali"), strict=True))
        assert {row["jalali_month"] for row in rows} <= set(pairs)
        for row in rows:
            now, was = row["jalali_month"], pairs[row["jalali_month"]]
            for key in of_both:
                assert row[key] == late_alone.get(now, {}).get(key, row[key])
                assert row[f"{key}__before"] == alone.get(was, {}).get(
                    key, 0 if key != "margin_rate" else None
                ), (now, key)
        assert sum(row["revenue__before"] for row in rows) == sum(row["revenue"] for row in alone.values())


def by_first(world: World, measures: list[str], by: str, span: Span) -> dict[Any, dict[str, Any]]:
    rows = world.tables.fetch(ask(world.tables, measures, [by], span=span, context=CONTEXT)).to_pylist()
    return {row[by]: row for row in rows}


def test_weeks_beside_weeks_of_the_year_before_begin_on_the_same_weekday(world: World) -> None:
    span = Span(date(2026, 5, 2), date(2026, 6, 6))
    rows = world.tables.fetch(
        ask(world.tables, ["revenue"], ["week"], span=span, compare="year", context=CONTEXT)
    ).to_pylist()
    wide = by_first(world, ["revenue"], "week", Span(date(2025, 4, 26), date(2025, 6, 14)))
    assert [row["week"].isoweekday() for row in rows] == [6] * len(rows)
    whole = [row for row in rows if date(2026, 5, 9) <= row["week"] < date(2026, 5, 30)]
    assert len(whole) == 3
    for row in whole:
        assert row["revenue__before"] == wide.get(row["week"] - timedelta(weeks=52), {}).get("revenue", 0)


def test_a_filter_asks_of_everything_that_a_fact_leads_to(world: World, facts: Frames) -> None:
    asked = parse(
        {"and": [{"field": "city", "op": "contains", "value": "تبریز"}, {"not": {"field": "team", "op": "is", "value": "شمال"}},
                 {"field": "product_code", "op": "in", "value": ["p1", "P2", "P3"]}, {"field": "member", "op": "is_not", "value": "me"},
                 {"field": "day", "op": "within", "value": {"last": 12, "unit": "month"}}]},
        FIELDS,
    )  # fmt: skip
    frame = facts["sale_line"]
    kept = frame[
        frame["customer.city"].map(lambda city: isinstance(city, str) and "تبریز" in fold(city))
        & (frame["member.team"] != "شمال") & frame["product"].isin([1, 2, 3]) & (frame.member != 7)
        & (frame.day >= date(2025, 11, 23))
    ]  # fmt: skip
    assert len(kept) > 3
    [row] = world.tables.fetch(
        ask(world.tables, ["revenue", "orders"], filters=asked, context=CONTEXT)
    ).to_pylist()
    assert row == {"revenue": kept.net.sum(), "orders": kept.sale[~kept.is_return & (kept.net > 0)].nunique()}
    behind = world.tables.fetch(rows_of(world.tables, "orders", {}, asked, context=CONTEXT)).to_pylist()
    sales = set(kept.sale[~kept.is_return & (kept.net > 0)])
    assert {2 * row["id"] + (row["object"] == "invoice") for row in behind} == sales
    assert len(behind) == len(sales)


def test_the_records_behind_each_mark_make_up_the_measure(world: World, facts: Frames) -> None:
    marks = by_first(world, ["orders", "returned", "win_rate"], "customer", ALWAYS)
    for customer, row in [*marks.items()][:6]:
        behind = world.tables.fetch(rows_of(world.tables, "orders", {"customer": customer}, context=CONTEXT))
        assert behind.num_rows == row["orders"]
    deals = facts["deal_closed"]
    behind = world.tables.fetch(
        rows_of(world.tables, "win_rate", {"team": "شمال", "jalali_year": date(2025, 3, 21)}, context=CONTEXT)
    )
    wanted = deals[(deals["member.team"] == "شمال") & (deals.day >= YEAR.since) & (deals.day < YEAR.until)]
    assert sorted(behind["id"].to_pylist()) == sorted(wanted.deal)
    assert set(behind["object"].to_pylist()) == {"deal"}
    calls = world.tables.fetch(rows_of(world.tables, "hours", {"interaction_kind": "mail"}, context=CONTEXT))
    assert set(calls["object"].to_pylist()) == {"mail_message"}
    assert calls.num_rows == (facts["interaction"].kind == "mail").sum()


@pytest.mark.parametrize(
    ("measures", "by", "filters", "says"),
    [
        (["win_rate"], ["product"], {}, "“Deals won” says nothing about “Product”"),
        (["revenue", "touches"], ["sale_channel"], {}, "“Touches” says nothing about “Sales channel”"),
        (["price_realisation"], ["touch_channel"], {}, "“Price realisation” says nothing about “Channel of the touch”"),
        (["leads"], [], {"field": "city", "op": "is", "value": "x"}, ""),
        (["payments"], [], {"field": "deal_status", "op": "is", "value": "won"}, "“Payments” says nothing about “State of the deal”"),
        (["revenue"], ["deal_amount"], {}, "Nothing can be shown by “Amount of the deal”"),
        ([], ["day"], {}, "Choose at least one measure"),
    ],
)  # fmt: skip
def test_what_has_no_meaning_is_refused_with_the_reason(
    measures: list[str], by: list[str], filters: Any, says: str
) -> None:
    asked = parse(filters or {"and": []}, FIELDS)
    if not says:
        fits(measures, by, asked)
        return
    with pytest.raises(RuleViolation, match=says):
        fits(measures, by, asked)


def test_what_is_not_there_is_not_found(world: World) -> None:
    with pytest.raises(NotFound, match="no measure “nonsense”"):
        ask(world.tables, ["nonsense"], context=CONTEXT)
    with pytest.raises(NotFound, match="nothing called “nonsense”"):
        ask(world.tables, ["revenue"], ["nonsense"], context=CONTEXT)
    with pytest.raises(RuleViolation, match="from when until when"):
        ask(world.tables, ["revenue"], compare="year", context=CONTEXT)


def test_an_empty_warehouse_has_totals_of_nothing_and_no_marks(duck: Filled) -> None:
    tables = duck({"calendar_day": calendar()})
    asked = sorted(MEASURES)
    [total] = tables.fetch(ask(tables, asked, span=YEAR, compare="before", context=CONTEXT)).to_pylist()
    assert {key: total[key] for key in ("revenue", "orders", "leads", "margin", "win_rate")} == {
        "revenue": 0, "orders": 0, "leads": 0, "margin": None, "win_rate": None,
    }  # fmt: skip
    assert tables.fetch(ask(tables, asked, ["jalali_month", "customer"], context=CONTEXT)).num_rows == 0


def test_the_future_and_what_has_no_day_are_not_known(duck: Filled) -> None:
    """Days ahead of today, a zero amount, a return above all that was bought, a customer who is not known."""
    days = [TODAY, TODAY + timedelta(days=1), date(2031, 1, 1), None, FIRST]
    tables = duck(
        {
            "calendar_day": calendar(),
            "sale": pa.table(
                {
                    "sale": [2, 4, 6, 8, 10], "source": ["order"] * 5, "customer": [None, 2, 2, 2, 2], "day": days,
                    "is_return": [False, False, False, False, True], "net": [0, 5, 7, 11, -90], "gross": [0, 5, 7, 11, -90],
                    "discount": [0] * 5, "tax": [0] * 5,
                }
            ),
        }
    )  # fmt: skip
    [row] = tables.fetch(
        ask(tables, ["revenue", "orders", "buyers", "returned", "returns_rate"], context=CONTEXT)
    ).to_pylist()
    assert row == {"revenue": -90, "orders": 0, "buyers": 0, "returned": 90, "returns_rate": None}
    later = ask(tables, ["revenue"], ["jalali_year"], span=Span(date(2026, 3, 21), None), context=CONTEXT)
    assert tables.fetch(later).to_pylist() == [{"jalali_year": date(2026, 3, 21), "revenue": 0}]


def test_names_and_units_are_whole() -> None:
    """Labels are told apart, every measure says what it is in a sentence, and what it is made of is there."""
    for declared in (MEASURES, DIMENSIONS):
        labels = [each.label for each in declared.values()]
        assert len(set(labels)) == len(labels)
        assert all(labels)
    for measure in MEASURES.values():
        assert measure.says.endswith(".")
        assert set(measure.parts) <= set(PLAIN)
        assert measure.objects
        assert isinstance(measure, Made) or {*measure.sources} <= set(SOURCES)


def test_no_dimension_hides_another_column_of_its_name() -> None:
    """Rows carry a dimension under its key: where a fact has such a column, it must be the same thing."""
    for source in SOURCES.values():
        columns = {column.name for column in TABLES[source.table].columns} - {"source"}
        for dimension in DIMENSIONS.values():
            way = dimension.way(source)
            assert way is None or dimension.key not in columns or way == dimension.key, (
                source.key,
                dimension.key,
            )


def test_what_pages_need_loads_no_engine() -> None:
    asked = (
        "import sys, peyvand.analytical.measures.fitting, peyvand.analytical.measures.spans;"
        "sys.exit(bool({'ibis', 'duckdb', 'pyarrow', 'numpy'} & set(sys.modules)))"
    )
    subprocess.run([sys.executable, "-c", asked], check=True, timeout=60)
