"""The builder: an address asks, the page answers with a chart, a table and the rows behind every figure."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from peyvand.analytical.reports.counted import mark_of, read_mark
from peyvand.analytical.reports.models import Report
from peyvand.analytical.reports.question import Question, of_address, of_json
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
    # A figure's address leads to the list of its orders.
    found = client.get(told["lines"][1].cells[1].url)
    assert found.status_code == 302
    assert urlsplit(found.url).path == "/w/arman/orders/"
    listed = client.get(found.url).content.decode()
    assert all(
        (f"/w/arman/orders/{order.id}/" in listed) == (order.person_id == orders[0].person_id)
        for order in orders
    )


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
