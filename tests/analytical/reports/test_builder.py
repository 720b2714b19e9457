"""The builder: an address asks, the page answers with a chart, a table and the rows behind every figure."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection

from peyvand.analytical.measures.dimensions import DIMENSIONS
from peyvand.analytical.reports import answering, drawing
from peyvand.analytical.reports.answering import answer
from peyvand.analytical.reports.counted import mark_of, read_mark
from peyvand.analytical.reports.models import Report
from peyvand.analytical.reports.question import Question, of_address, of_json
from peyvand.analytical.warehouse.tables import Tables
from peyvand.kernel import clock
from peyvand.operational.contacts.public import PERSON
from peyvand.operational.orders.public import ORDER
from peyvand.platform.identity.actor import access_changed
from peyvand.platform.identity.models import Role
from peyvand.platform.objects.records import create_record, create_records
from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.testing.programs import program_of

BUILD = "/w/arman/reports/build"


@pytest.fixture
def orders(cast: Any, acting: Any, filled: Callable[[], Any]) -> list[Any]:
    """Three orders of two people: 100, 200 and 400 toman."""
    with workspace_scope(cast.arman.id):
        ctx, now = acting(cast.sara), clock.now()
        leila, reza = create_records(ctx, PERSON, [{"name": "لیلا بهشتی"}, {"name": "رضا کیانی"}])
        made = [
            create_record(ctx, ORDER, {
                "person": person.id, "status": "placed", "ordered_at": (now - timedelta(hours=n + 1)).isoformat(),
                "lines": [{"description": "کاشی", "quantity": 1, "price": amount}],
            })
            for n, (person, amount) in enumerate(((leila, 1000), (leila, 2000), (reza, 4000)))
        ]  # fmt: skip
        filled()
    return made


def test_an_address_holds_a_question() -> None:
    question = Question(("revenue", "orders"), ("jalali_month",), {"and": [{"field": "city", "op": "is", "value": "یزد"}]},
                        span="this_year", compare="year", chart="lines", sort="orders", most=20)  # fmt: skip
    given = {key: values[0] for key, values in parse_qs(question.to_address()).items()}
    assert of_address(given) == question
    assert of_json(question.to_json()) == question


def test_figures_by_customer_with_their_rows(cast: Any, orders: list[Any], browse: Any) -> None:
    client = browse(cast.sara)
    page = client.get(BUILD, {"m": ["revenue", "orders"], "by": "customer", "span": "ever"})
    assert page.status_code == 200
    told = page.context
    assert [line.names for line in told["lines"]] == [("رضا کیانی",), ("لیلا بهشتی",)]
    assert [line.cells[1].text for line in told["lines"]] == ["۱", "۲"]
    assert told["total"].cells[1].text == "۳"
    assert "pv-chart" in page.content.decode()
    # Dimensions stand in groups as measures do, each once.
    groups = dict(told["ways"])
    assert {key for key, _, _ in groups["زمان"]} >= {"day", "jalali_month", "weekday"}
    assert {key for key, _, _ in groups["مشتریان"]} >= {"customer", "city"}
    listed = [key for items in groups.values() for key, _, _ in items]
    assert sorted(listed) == sorted(d.key for d in DIMENSIONS.values() if d.groups)
    # A figure's address leads to the list of its orders.
    found = client.get(told["lines"][1].cells[1].url)
    assert found.status_code == 302
    assert urlsplit(found.url).path == "/w/arman/orders/"
    listed = client.get(found.url).content.decode()
    assert all(
        (f"/w/arman/orders/{order.id}/" in listed) == (order.person_id == orders[0].person_id)
        for order in orders
    )


def test_a_month_of_which_there_is_nothing_stands_between_the_others(
    cast: Any, acting: Any, filled: Callable[[], Any]
) -> None:
    with workspace_scope(cast.arman.id):
        person = create_record(acting(cast.sara), PERSON, {"name": "لیلا بهشتی"})
        for day, price in (("2026-03-10", 1000), ("2026-06-10", 3000)):
            create_record(acting(cast.sara), ORDER, {
                "person": person.id, "status": "placed", "ordered_at": f"{day}T09:00:00Z",
                "lines": [{"description": "کاشی", "quantity": 1, "price": price}],
            })  # fmt: skip
        filled()
        question = Question(("revenue", "average_order"), ("month",), span="ever")
        told = answer(acting(cast.sara), question)
        with connection.cursor() as cursor:
            cursor.execute("select sum(net) from customer_order where workspace_id = %s", [cast.arman.id])
            assert cursor.fetchone() == (told.total.figures["revenue"],)
    months = [
        (row.values[0].month, row.figures["revenue"], row.figures["average_order"]) for row in told.rows
    ]
    assert months == [(3, 1000, 1000), (4, 0, None), (5, 0, None), (6, 3000, 3000)]
    assert sum(row.figures["revenue"] or 0 for row in told.rows) == told.total.figures["revenue"]


def test_a_zero_is_an_answer_where_nobody_asked_to_leave_it_out(
    cast: Any, acting: Any, orders: list[Any], filled: Callable[[], Any], browse: Any
) -> None:
    with workspace_scope(cast.arman.id):
        given_away = create_record(acting(cast.sara), PERSON, {"name": "سینا مرادی"})
        create_record(acting(cast.sara), ORDER, {
            "person": given_away.id, "status": "placed", "ordered_at": (clock.now() - timedelta(hours=1)).isoformat(),
            "lines": [{"description": "نمونه", "quantity": 1, "price": 0}],
        })  # fmt: skip
        filled()
    client, asked = browse(cast.sara), {"m": "revenue", "by": "customer", "span": "ever"}
    names = [line.names for line in client.get(BUILD, asked).context["lines"]]
    assert names == [("رضا کیانی",), ("لیلا بهشتی",), ("سینا مرادی",)]
    some = client.get(BUILD, {**asked, "some": "1"}).context
    assert [line.names for line in some["lines"]] == names[:2]
    assert of_address({"some": "1"}).some
    assert of_json(Question(some=True).to_json()).some
    assert not of_json(Question().to_json()).some


def test_pairs_of_two_dimensions_are_bounded_and_the_rest_is_one_row(
    cast: Any, acting: Any, filled: Callable[[], Any], browse: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Forty people and thirty cities of one person each: what is not shown is asked of the warehouse as one."""
    monkeypatch.setattr(answering, "MOST_HEADS", 3)
    monkeypatch.setattr(drawing, "MOST_HEADS", 3)
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        people = create_records(
            ctx, PERSON, [{"name": f"خریدار {n}", "city": f"شهر {n % 6}"} for n in range(8)]
        )
        for n, person in enumerate(people):
            create_record(ctx, ORDER, {
                "person": person.id, "status": "placed", "ordered_at": (clock.now() - timedelta(hours=1)).isoformat(),
                "lines": [{"description": "کاشی", "quantity": 1, "price": 1000 * 2**n}],
            })  # fmt: skip
        filled()
        asked_for = []
        fetch = Tables.fetch
        monkeypatch.setattr(
            Tables, "fetch", lambda self, e: asked_for.append(found := fetch(self, e)) or found
        )
        question = Question(("revenue", "price_realisation"), ("customer", "city"), span="ever", most=3)
        found = answer(ctx, question)
        grid = drawing.grid(ctx, found)
    # The pairs are of the first three of each: never all of them.
    pairs = [table for table in asked_for if {"customer", "city"} <= set(table.column_names)]
    assert [table.num_rows for table in pairs] == [3]
    assert found.is_cut
    assert grid is not None
    assert grid.heads[-1] == "سایر" or grid.heads[-1] == "Others"
    beneath, beside = found.others
    assert beneath is not None
    assert beside is not None
    shown = sum(row.figures["revenue"] or 0 for row in found.alone[0].rows)
    assert beneath.total.figures["revenue"] == pytest.approx((found.total.figures["revenue"] or 0) - shown)
    assert sum(row.figures["revenue"] or 0 for row in beneath.rows.values()) == pytest.approx(
        beneath.total.figures["revenue"]
    )
    # A rate is reckoned of the others' rows, not added up.
    assert beneath.total.figures["price_realisation"] in (None, 100.0)
    assert [len(line.cells) for line in grid.lines] == [5, 5, 5, 5]
    assert grid.lines[-1].names[0] == grid.heads[-1]
    page = browse(cast.sara).get(
        BUILD, {"m": "revenue", "by": ["customer", "city"], "span": "ever", "most": "3", "chart": "heat"}
    )
    assert "سایر" in page.content.decode()


def test_a_filter_is_written_line_by_line(cast: Any, orders: list[Any], browse: Any) -> None:
    client = browse(cast.sara)
    asked = {"m": "orders", "span": "ever", "wf": ["customer_name", ""], "wo": ["is", "is"], "wv": ["", ""]}
    begun = client.get(BUILD, asked).context
    # Its value is still to be written: the line stays, and says nothing yet.
    assert [(line.field, line.value) for line in begun["filters"]] == [("customer_name", ""), ("", "")]
    assert begun["total"].cells[0].text == "۳"
    told = client.get(BUILD, {**asked, "wv": ["لیلا بهشتی", ""]}).context
    assert told["total"].cells[0].text == "۲"


def test_what_means_nothing_says_why(cast: Any, orders: list[Any], browse: Any) -> None:
    page = browse(cast.sara).get(BUILD, {"m": "revenue", "by": "campaign"}).context
    assert page["problem"]
    assert browse(cast.sara).get(BUILD, {"m": "revenue", "where": "{"}).context["problem"]
    assert browse(cast.sara).get(BUILD, {"m": "nonsense"}).context["problem"]


def test_whoever_sees_only_some_orders_gets_no_sums(cast: Any, orders: list[Any], browse: Any) -> None:
    member = browse(cast.babak)
    told = member.get(BUILD, {"m": "revenue"})
    assert told.status_code in (200, 403)
    if told.status_code == 200:
        assert told.context["problem"]
    export = member.get("/w/arman/reports/build/export", {"m": "revenue", "span": "ever", "as": "csv"})
    assert export.status_code == 403


def test_a_report_is_kept_changed_and_stands_on_the_dashboard(
    cast: Any, orders: list[Any], browse: Any
) -> None:
    client = browse(cast.sara)
    address = Question(("revenue",), ("customer",), span="ever", chart="bars").to_address()
    made = client.post(
        f"{BUILD}/save", {"address": address, "name": "فروش به مشتری", "audience": "everyone", "pinned": "on"}
    )
    assert made.status_code == 204
    with workspace_scope(cast.arman.id):
        report = Report.objects.get()
    assert (report.name, report.is_pinned, report.owner_id) == ("فروش به مشتری", True, cast.sara.id)
    opened = client.get(made["HX-Redirect"])
    assert opened.context["question"].chart == "bars"
    assert "فروش به مشتری" in client.get("/w/arman/insights").content.decode()
    card = client.get(f"/w/arman/insights/card/report-{report.id}")
    assert "pv-chart" in card.content.decode()
    for tile in client.get("/w/arman/insights").context["kpis"]:
        assert client.get(f"/w/arman/insights/card/{tile.key}").status_code == 200
    assert (
        client.get(f"{BUILD}/export?{address}&as=csv").content.decode("utf-8-sig").splitlines()[-1]
        == "همه,700"
    )


def test_a_hand_made_mark_tells_nobody_more_than_they_may_ask(cast: Any, orders: list[Any]) -> None:
    with workspace_scope(cast.arman.id):
        mark = mark_of(Question(("revenue",), (), span="ever"), "revenue", (), at=None)
    asked = {"fields": "number", "filter": json.dumps({"field": "counted", "op": "is", "value": mark})}
    assert len(program_of(cast.sara, cast.arman).get("orders", **asked).json["items"]) == 3
    with workspace_scope(cast.arman.id):
        Role.objects.filter(key="viewer").update(fields={"order.total": "hidden"})
        access_changed(cast.arman.id)
    found = program_of(cast.viewer, cast.arman).get("orders", **asked)
    assert found.status == 422 or found.json["items"] == []
    for odd in (
        "{",
        "[]",
        '{"q": {}, "m": "revenue", "v": [{}]}',
        '{"q": {"by": ["customer"]}, "m": "revenue", "v": ["x"]}',
    ):
        asked["filter"] = json.dumps({"field": "counted", "op": "is", "value": odd})
        assert program_of(cast.sara, cast.arman).get("orders", **asked).status in (200, 422)


@pytest.mark.parametrize("who", ["mina", "viewer"])
def test_whoever_sees_all_records_gets_figures_of_them(
    cast: Any, orders: list[Any], browse: Any, who: str
) -> None:
    """What is worked out of something else that they do not see, as some insights are, is in no figure."""
    page = browse(getattr(cast, who)).get(BUILD, {"m": "revenue", "by": "customer", "span": "ever"})
    assert page.status_code == 200
    assert "لیلا بهشتی" in page.content.decode()


def test_whoever_is_hidden_a_field_gets_no_figures_of_such_records(
    cast: Any, orders: list[Any], browse: Any
) -> None:
    with workspace_scope(cast.arman.id):
        Role.objects.filter(key="viewer").update(fields={"order.net": "hidden"})
        access_changed(cast.arman.id)
    page = browse(cast.viewer).get(BUILD, {"m": "orders", "span": "ever"})
    assert page.status_code == 403 or page.context["problem"]
    assert browse(cast.sara).get(BUILD, {"m": "revenue", "most": "1" * 5000}).status_code == 200


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_a_mark_of_a_day_out_of_reach_counts_nothing(day: str) -> None:
    asked = {"q": {"measures": ["revenue"], "by": ["day"]}, "m": "revenue"}
    assert read_mark(json.dumps({**asked, "v": ["2026-02-01"]})) is not None
    assert read_mark(json.dumps({**asked, "v": [day]})) is None
