"""The forecast and what-if as people see them: drawn of the newest cards, in both languages, for whoever sees all records alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import orjson
import pytest
from tests.analytical.forecasts.making import CALENDAR, PERSIAN, TODAY, each_month, sales
from tests.analytical.forecasts.test_pipeline import world

from peyvand.analytical.analyses.contract import Inputs, analysis_named
from peyvand.analytical.analyses.models import ModelCard
from peyvand.analytical.warehouse.tables import filled
from peyvand.kernel import clock
from peyvand.operational.catalog.public import PRODUCT
from peyvand.operational.orders.public import ORDER
from peyvand.operational.targets.public import Quota
from peyvand.platform.identity.models import Account, Membership
from peyvand.platform.objects.records import create_record
from peyvand.platform.workspaces.scope import workspace_scope

FORECAST, WHAT_IF = "/w/arman/insights/forecast", "/w/arman/insights/what-if"
FIRST = date(2025, 3, 21)


def keep(analysis: str, more: dict[str, Any], number: int = 1, **told: Any) -> None:
    ModelCard.objects.create(
        analysis=analysis,
        number=number,
        as_of=TODAY,
        started_at=clock.now(),
        more=more,
        **{"state": "ready", **told},
    )


@pytest.fixture(scope="module")
def business() -> dict[str, Any]:
    """What all three analyses find about a small business, as a run keeps it."""
    import ibis

    sold = each_month([10_000_000 + 100_000 * n for n in range(20)], FIRST, "jalali", cost=4_000_000)
    tables = {"calendar_day": CALENDAR, **world(460, 2), "sale": sales([*sold, {"day": TODAY, "net": 5_000}])}
    read = filled(ibis.duckdb.connect(), tables)
    found = {}
    for key in ("sales_forecast", "pipeline_forecast", "what_if"):
        analysis = analysis_named(key)
        assert analysis is not None
        more = analysis.function(Inputs(read, TODAY, PERSIAN, analysis.defaults)).more
        found[key] = orjson.loads(orjson.dumps(more, option=orjson.OPT_SERIALIZE_NUMPY))
    return found


@pytest.fixture
def reckoned(cast: Any, business: dict[str, Any]) -> None:
    with workspace_scope(cast.arman.id):
        for key, more in business.items():
            keep(key, more)


def test_before_anything_was_reckoned_each_page_says_what_it_waits_for(cast: Any, browse: Any) -> None:
    client = browse(cast.sara)
    for url in (FORECAST, WHAT_IF):
        assert "page-empty" in client.get(url).content.decode()
    with workspace_scope(cast.arman.id):
        few = [
            "Not enough %(what)s yet: %(has)s so far, %(needs)s needed.",
            {"needs": 12, "what": {"text": "whole months"}, "has": 3},
        ]
        for key in ("sales_forecast", "what_if", "pipeline_forecast"):
            keep(key, {}, state="refused", refusal=few)
    for url in (FORECAST, WHAT_IF):
        assert "۱۲ ماه کامل لازم است؛ ۳ هست." in client.get(url).content.decode()


@pytest.mark.usefixtures("reckoned")
def test_the_forecast_is_drawn_of_the_newest_cards(cast: Any, browse: Any) -> None:
    with workspace_scope(cast.arman.id):
        Quota.objects.create(
            name="همه", measure="won_amount", unit="month", calendar="jalali", starts_on=date(2026, 12, 22),
            ends_on=date(2027, 1, 20), amount=7_000_000,
        )  # fmt: skip
    client = browse(cast.sara)
    page = client.get(FORECAST)
    told = page.context
    assert (told["running"].name, told["running"].so_far) == ("آذر ۱۴۰۵", "۵۰۰")
    assert [line.name for line in told["ahead"]][:2] == ["دی ۱۴۰۵", "بهمن ۱۴۰۵"]
    assert told["months"] == 20
    assert len(told["tried"]) == 8
    assert len(told["stages"]) == 2
    assert told["chart"].names[-1] == "خرداد ۱۴۰۶"
    assert client.get(told["stages"][0].url).status_code == 200
    won = client.get(f"{FORECAST}?m=won_amount").context
    assert [line.target for line in won["ahead"]][:2] == ["۷۰۰ هزار", ""]


@pytest.mark.usefixtures("reckoned")
def test_a_month_that_is_over_opens_what_it_counts(
    cast: Any, acting: Any, filled: Callable[[], Any], browse: Any
) -> None:
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        product = create_record(ctx, PRODUCT, {"name": "کاشی هشت‌پر", "price": 5000})
        within, before = (
            create_record(ctx, ORDER, {
                "status": "placed", "ordered_at": f"2026-{day}T09:00:00Z",
                "lines": [{"product": product.id, "quantity": 1, "price": 2000}],
            }).number
            for day in ("04-08", "03-10")
        )  # fmt: skip
        filled()
    client = browse(cast.sara)
    month = client.get(FORECAST).context["tried"][-1]
    assert month.name == "فروردین ۱۴۰۵"
    listed = client.get(month.url, follow=True).content.decode()
    assert within in listed
    assert before not in listed


@pytest.mark.usefixtures("reckoned")
def test_levers_change_the_course_and_wrong_ones_are_named(cast: Any, browse: Any) -> None:
    client = browse(cast.sara)
    now = client.get(WHAT_IF).context
    assert (now["is_moved"], now["gain"]) == (False, ("۰", "۰", "۰"))
    assert now["lines"][0].name == "دی ۱۴۰۵"
    assert len(now["lines"]) == 12
    assert now["lines"][0].cells[0] == now["lines"][0].cells[1]
    assert [f.key for group in now["groups"] for f in group.fields] == [
        "win_rate",
        "people",
        "orders",
        "size",
        "price",
        "discount",
        "elasticity",
    ]
    # Where nothing is changed there is one line: two upon each other would be read as one.
    assert [one.name for one in now["chart"].series] == ["مثل اکنون"]
    moved = client.get(f"{WHAT_IF}?orders=۲۰&price=x").context
    assert [one.name for one in moved["chart"].series] == ["با این تغییرها", "مثل اکنون"]
    assert moved["is_moved"]
    assert moved["is_gain"]
    assert moved["total"].cells[0] == now["total"].cells[0]
    assert [[f.key for f in g.fields if f.problem] for g in moved["groups"] if g.is_open] == [
        [],
        [],
        ["price"],
    ]
    assert client.get(f"{WHAT_IF}?win_rate=120").context["groups"][0].fields[0].problem


@pytest.mark.usefixtures("reckoned")
def test_as_now_begins_at_the_forecast_with_the_same_figures(cast: Any, browse: Any) -> None:
    client = browse(cast.sara)
    said, page = client.get(FORECAST).context, client.get(WHAT_IF)
    now = page.context["lines"]
    assert [(line.name, (line.expected, *line.between)) for line in said["ahead"]] == [
        (line.name, line.cells[0]) for line in now[: len(said["ahead"])]
    ]
    assert f"تا {said['ahead'][-1].name} همان است که پیش‌بینی می‌گوید" in page.content.decode()
    assert FORECAST in page.content.decode()
    # Without a forecast it is said that it is the mean of the months that are known.
    with workspace_scope(cast.arman.id):
        ModelCard.objects.filter(analysis="sales_forecast").delete()
    alone = client.get(WHAT_IF)
    assert alone.context["lines"][0].cells[0] != now[0].cells[0]
    assert "میانگین ۱۲ ماه کامل گذشته" in alone.content.decode()


@pytest.mark.usefixtures("reckoned")
def test_both_pages_in_english(cast: Any, browse: Any) -> None:
    membership = Membership.objects.get(workspace_id=cast.arman.id, user_id=cast.sara.id)
    Account.objects.filter(id=membership.account_id).update(language="en")
    client = browse(cast.sara)
    orders = client.get(f"{FORECAST}?m=orders")
    assert orders.context["running"].name == "Azar 1405"
    assert "never learned from" in orders.content.decode()
    smaller = client.get(f"{WHAT_IF}?size=-10")
    assert smaller.context["is_loss"]
    assert "is your assumption" in smaller.content.decode()


@pytest.mark.usefixtures("reckoned")
def test_who_sees_only_some_records_is_told_nothing(cast: Any, browse: Any) -> None:
    client = browse(cast.babak)
    for url in (FORECAST, WHAT_IF):
        assert client.get(url).status_code == 403
    assert "insights/forecast" not in client.get("/w/arman/").content.decode()
