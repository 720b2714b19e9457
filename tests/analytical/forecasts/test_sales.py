"""The sales forecast: whole months alone are learned from, in the workspace's calendar, and its intervals hold."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pytest
from tests.analytical.forecasts.making import TODAY, each_month, figures, found, months, sales

from peyvand.analytical.methods.guards import NotEnough
from peyvand.kernel.errors import RuleViolation

JALALI = date(2025, 3, 21)  # 1 Farvardin 1404
GREGORIAN = date(2025, 4, 1)


def test_the_running_month_is_told_apart_in_both_calendars() -> None:
    """Twenty whole months of 100 each; the running one has 7 so far, which is no fall."""
    for first, calendar, now, english, rest in (
        (JALALI, "jalali", date(2026, 11, 22), False, 97), (GREGORIAN, "gregorian", date(2026, 11, 1), True, 27),
    ):  # fmt: skip
        count = 20 if calendar == "jalali" else 19
        rows = [*each_month([100] * count, first, calendar), {"day": TODAY, "net": 7}]  # type: ignore[arg-type]
        finding = found("sales_forecast", {"sale": sales(rows)}, english=english, horizon_days=90)
        told = finding.more["measures"]["revenue"]
        assert finding.more["calendar"] == calendar
        assert told["months"] == [m.isoformat() for m in months(first, count, calendar)]  # type: ignore[arg-type]
        assert told["values"] == [100.0] * count
        assert told["so_far"] == 7
        assert [a["month"] for a in told["ahead"]] == [m.isoformat() for m in months(now, 4, calendar)]  # type: ignore[arg-type]
        # What the running one has, and what such a month brings in the days after this one: twenty-nine of thirty, or eight.
        assert [round(a["expected"]) for a in told["ahead"]] == [7 + rest, 100, 100, 100]
        assert figures(finding)["Full months of history"] == count


def test_a_running_month_is_surer_the_less_is_left_of_it_and_comes_to_no_less_than_it_has() -> None:
    chance = np.random.default_rng(8)
    course = np.rint(1_000 * (1 + 0.2 * chance.normal(size=20))).astype(int).tolist()
    widths = []
    for day in (date(2026, 11, 23), date(2026, 12, 20)):
        rows = [*each_month(course, JALALI, "jalali"), {"day": date(2026, 11, 22), "net": 900}]
        now = found("sales_forecast", {"sale": sales(rows)}, as_of=day).more["measures"]["revenue"]["ahead"][
            0
        ]
        assert 900 <= now["lower"] <= now["low"] <= now["expected"] <= now["high"] <= now["higher"]
        widths.append(now["high"] - now["low"])
    assert widths[1] < widths[0]


def test_on_its_last_day_a_month_comes_to_what_it_has() -> None:
    rows = [*each_month([100] * 20, JALALI, "jalali"), {"day": TODAY, "net": 7}]
    told = found("sales_forecast", {"sale": sales(rows)}, as_of=date(2026, 12, 21)).more["measures"][
        "revenue"
    ]
    assert [told["ahead"][0][side] for side in ("low", "expected", "high")] == [7, 7, 7]


def test_a_month_that_began_before_the_first_sale_is_not_whole() -> None:
    rows = [
        {"day": JALALI + timedelta(20), "net": 3},
        *each_month([100] * 19, months(JALALI, 2, "jalali")[1], "jalali"),
    ]
    told = found("sales_forecast", {"sale": sales(rows)}).more["measures"]["revenue"]
    assert told["values"] == [100.0] * 19


def test_too_little_is_refused_with_the_missing_count() -> None:
    with pytest.raises(NotEnough) as missing:
        found("sales_forecast", {})
    assert (missing.value.what, missing.value.needs, missing.value.has) == ("whole months", 12, 0)
    eleven = each_month([100] * 12, months(JALALI, 10, "jalali")[-1], "jalali")
    with pytest.raises(NotEnough) as missing:
        found("sales_forecast", {"sale": sales(eleven)})
    assert (missing.value.needs, missing.value.has) == (12, 11)


def test_what_ended_long_ago_is_refused_and_deals_answer_where_nothing_is_sold() -> None:
    old = {"sale": sales(each_month([100] * 8, date(2024, 3, 20), "jalali"))}
    with pytest.raises(RuleViolation, match="newer data are needed"):
        found("sales_forecast", old)
    won = [m + timedelta(4) for m in months(JALALI, 20, "jalali") for _ in range(3)]
    deals = pa.table({
        "deal": pa.array(range(60), pa.int64()), "status": ["won"] * 60, "amount": pa.array([50] * 60, pa.int64()),
        "day": pa.array(won, pa.date32()), "closed": pa.array(won, pa.date32()),
    })  # fmt: skip
    finding = found("sales_forecast", {"deal": deals, **old})
    assert "newer data" in finding.more["measures"]["revenue"]["refusal"][0]
    assert [round(a["expected"]) for a in finding.more["measures"]["won_amount"]["ahead"]] == [
        145,
        *[150] * 6,
    ]
    assert [round(a["expected"]) for a in finding.more["measures"]["deals_won"]["ahead"]] == [3] * 7
    assert finding.more["parts"] == {}


def test_intervals_hold_on_courses_that_are_known() -> None:
    """Months of a level with noise of a fifth: what came lies within 80 percent about as often as that is said."""
    chance = np.random.default_rng(3)
    inside, asked = 0, 0
    for _ in range(3):
        courses = np.rint(1_000 * (1 + 0.2 * chance.normal(size=(8, 23)))).astype(int)
        rows = [
            row
            for n, course in enumerate(courses.tolist())
            for row in each_month(course[:20], JALALI, "jalali", member=n)
        ]
        parts = found("sales_forecast", {"sale": sales(rows)}, horizon_days=60).more["parts"]["member"]
        for part in parts:
            for came, said in zip(courses[part["key"], 20:], part["ahead"], strict=True):
                inside += said["low"] <= came <= said["high"]
                asked += 1
    assert asked == 72
    assert 0.7 <= inside / asked <= 0.92


def test_it_says_how_well_it_did_and_what_the_simple_rule_says() -> None:
    chance = np.random.default_rng(5)
    course = np.rint(1_000 * (1 + 0.2 * chance.normal(size=20))).astype(int).tolist()
    finding = found("sales_forecast", {"sale": sales(each_month(course, JALALI, "jalali"))})
    told = finding.more["measures"]["revenue"]
    assert [t["came"] for t in told["tried"]] == course[12:]
    assert told["inside"] == sum(t["low"] <= t["came"] <= t["high"] for t in told["tried"])
    assert [a["again"] for a in told["ahead"]] == [course[-1]] * 7
    beside = finding.card.beside
    assert beside is not None
    assert beside.rule == "as last time"
    # Around a level the mean foretells better than the last value, whose noise is counted twice.
    assert beside.method < beside.simple


def test_parts_that_are_known_long_enough_are_told_by_themselves() -> None:
    first = JALALI
    rows = [
        *each_month([100] * 20, first, "jalali", member=7), *each_month([300] * 20, first, "jalali", member=8),
        *each_month([900] * 5, months(first, 16, "jalali")[-1], "jalali", member=9),
    ]  # fmt: skip
    parts = found("sales_forecast", {"sale": sales(rows)}).more["parts"]
    assert [(p["key"], p["lately"], round(p["ahead"][1]["expected"])) for p in parts["member"]] == [
        (8, 3_600, 300),
        (7, 1_200, 100),
    ]
    assert parts["product"] == []
