"""The boards: each card answers whoever sees all that it counts, and nobody else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from peyvand.analytical.analyses.models import ModelCard
from peyvand.analytical.measures.catalogue import MEASURES
from peyvand.analytical.reports import answering
from peyvand.analytical.reports.rights import may_ask, open_dimensions, open_measures
from peyvand.analytical.reports.web.board import BOARDS, CARDS
from peyvand.kernel import clock
from peyvand.operational.catalog.public import PRODUCT
from peyvand.operational.orders.public import ORDER, SUBSCRIPTION
from peyvand.operational.sales.public import DEAL, Stage, StageMove, move_deal
from peyvand.platform.identity.actor import access_changed
from peyvand.platform.identity.models import Role
from peyvand.platform.objects.records import create_record
from peyvand.platform.workspaces.models import Workspace
from peyvand.platform.workspaces.scope import workspace_scope


def test_every_card_of_every_board_answers(
    cast: Any, acting: Any, filled: Callable[[], Any], browse: Any
) -> None:
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        product = create_record(ctx, PRODUCT, {"name": "کاشی هشت‌پر", "price": 5000})
        for days, price in ((720, 2000), (3, 4000)):
            create_record(ctx, ORDER, {
                "status": "placed", "ordered_at": (clock.now() - timedelta(days=days)).isoformat(),
                "lines": [{"product": product.id, "quantity": 1, "price": price}],
            })  # fmt: skip
        first, second = Stage.objects.filter(pipeline__is_default=True, kind="open").order_by("position")[:2]
        slow, quick = (create_record(ctx, DEAL, {"name": name}) for name in ("کند", "تند"))
        move_deal(ctx, quick, stage=second.id)
        StageMove.objects.filter(from_stage=first).update(seconds=36 * 3600)
        filled()
        rule = {"items": [{"id": product.id, "name": "کاشی هشت‌پر"}], "then": {"id": product.id, "name": "چسب"},
                "together": 12, "confidence": 0.25, "lift": 3.0}  # fmt: skip
        ModelCard.objects.create(
            analysis="offers",
            number=1,
            state="ready",
            as_of=clock.now().date(),
            started_at=clock.now(),
            more={"rules": [rule]},
        )
        assert slow.stage_id == first.id
        create_record(ctx, SUBSCRIPTION, {"name": "پشتیبانی", "amount": 100, "started_on": "2026-01-01"})
    client = browse(cast.sara)
    for board in BOARDS:
        page = client.get(f"/w/arman/{board.path}")
        assert [c.key for c in (*page.context["kpis"], *page.context["cards"])] == [
            c.key for c in board.cards
        ]
        assert {entry.href for entry in page.context["nav"].beside} >= {
            f"/w/arman/{each.path}" for each in BOARDS
        }
    for key in CARDS:
        told = client.get(f"/w/arman/insights/card/{key}")
        assert told.status_code == 200, key
        assert "problem" not in told.context, key

    moved = client.get("/w/arman/insights/card/moved").context
    assert [(one.name, one.now.change) for one in moved["rose"]] == [("کاشی هشت‌پر", "۱۰۰٪ بیشتر")]
    assert client.get(moved["rose"][0].url).status_code == 200
    assert client.get("/w/arman/insights/card/together").context["rules"][0].share == "۲۵٪"

    stages = {stage.name: stage for stage in client.get("/w/arman/insights/card/stages").context["stages"]}
    left = stages[first.name]
    assert (left.median, left.goes_on, left.is_narrow) == ("۱٫۵ روز", "۱۰۰٪", True)
    standing = client.get(left.standing[1]).content.decode()
    assert "کند" in standing
    assert "تند" not in standing


def test_a_business_of_contracts_sees_who_stays_first(
    cast: Any, acting: Any, filled: Callable[[], Any], browse: Any
) -> None:
    """Nothing was ever sold: recurring revenue, what began and ended, who stays and whose contract is at risk stand before the rest."""
    about = {card.key: card.of for card in CARDS.values()}
    client = browse(cast.sara)
    page = client.get("/w/arman/insights").context
    assert "subscription" not in {about[card.key] for card in (*page["kpis"], *page["cards"])}
    assert client.get("/w/arman/insights/card/stays").status_code == 404
    with workspace_scope(cast.arman.id):
        ctx, today = acting(cast.sara), clock.now().date()
        for name, began, ended in (("کوتاه", 75, 40), ("دیرپا", 75, None), ("تازه", 2, None)):
            days = {
                "started_on": today - timedelta(days=began),
                "ended_on": ended and today - timedelta(days=ended),
            }
            create_record(ctx, SUBSCRIPTION, {
                "name": name, "amount": 700, "every": "month", **{key: day.isoformat() for key, day in days.items() if day},
            })  # fmt: skip
        filled()
    page = client.get("/w/arman/insights").context
    for shown in (page["kpis"], page["cards"]):
        facts = [about[card.key] for card in shown]
        assert "subscription" in facts
        # What was never sold stands last.
        assert facts == sorted(facts, key=lambda of: of == "sale")
    told = {key: client.get(f"/w/arman/insights/card/{key}") for key in about if about[key] == "subscription"}
    assert {answer.status_code for answer in told.values()} == {200}
    assert told["recurring"].context["total"].cells[0].text == "۱۴۰"
    # The calendar reaches back to the first of them, though nothing else ever happened.
    months = told["running-months"].context["answer"].rows
    assert all(row.values[0] is not None for row in months)
    assert sum(row.figures["subscriptions_started"] or 0 for row in months) == 3
    # Of the two that began then, one ended in the month after it or the one after that.
    began = told["stays"].context["rows"][0]
    assert (began.count, began.cells[0][0], began.cells[-1][0]) == (2, "۱۰۰", "۵۰")
    assert sum(row.count for row in told["stays"].context["rows"]) == 3
    assert "شب‌ها محاسبه می‌شود" in told["contracts-at-risk"].content.decode()


def test_the_buttons_of_time_move_the_figures_too(
    cast: Any, acting: Any, filled: Callable[[], Any], browse: Any
) -> None:
    with workspace_scope(cast.arman.id):
        for days, price in ((3, 4000), (200, 2000), (720, 1000)):
            create_record(acting(cast.sara), ORDER, {
                "status": "placed", "ordered_at": (clock.now() - timedelta(days=days)).isoformat(),
                "lines": [{"description": "کاشی", "quantity": 1, "price": price}],
            })  # fmt: skip
        filled()
    client = browse(cast.sara)
    page = client.get("/w/arman/insights?span=ever")
    assert page.content.decode().count("insights/card/revenue?span=ever") == 1

    def told(span: str) -> tuple[Any, str]:
        answer = client.get(f"/w/arman/insights/card/revenue?span={span}")
        assert "problem" not in answer.context
        return answer.context["answer"].total.figures["revenue"], answer.content.decode()

    figures = {span: told(span) for span in ("", "last_30_days", "last_12_months", "ever", "nonsense")}
    few, year, ever = (figures[span][0] for span in ("last_30_days", "last_12_months", "ever"))
    assert ever == 7 / 4 * few
    assert year == 6 / 4 * few
    assert figures[""][0] == figures["nonsense"][0] == few
    # Each says of which time it is, and beside which.
    assert "۱۲ ماه گذشته" in figures["last_12_months"][1]
    assert "از زمان پیش از آن" in figures["last_12_months"][1]
    assert "از ۳۰ روز پیش از آن" not in figures["last_12_months"][1]
    assert "از ابتدا" in figures["ever"][1]


def test_a_half_card_that_is_left_over_gets_the_whole_row(cast: Any, browse: Any) -> None:
    client = browse(cast.sara)
    for board in BOARDS:
        page = client.get(f"/w/arman/{board.path}").context
        halves = [card.key for card in page["cards"] if card.size == 2]
        assert page["last"] == (halves[-1] if len(halves) % 2 else "")


def test_whoever_sees_only_some_has_no_board(cast: Any, browse: Any) -> None:
    client = browse(cast.babak)
    for board in BOARDS[1:]:
        assert client.get(f"/w/arman/{board.path}").status_code == 403
    for key in ("items", "moved", "together", "stages", "people"):
        assert client.get(f"/w/arman/insights/card/{key}").status_code == 404
    assert browse(cast.sara).get("/w/arman/insights/card/nonsense").status_code == 404


def test_private_letters_close_no_figure_of_work(cast: Any, acting: Any) -> None:
    """They are left out of the warehouse, so that whoever sees all others may ask."""
    with workspace_scope(cast.arman.id):
        for key in ("interactions", "hours", "service_cost", "profit", "touches"):
            assert may_ask(acting(cast.sara).actor, MEASURES[key]), key
            assert not may_ask(acting(cast.babak).actor, MEASURES[key]), key


def test_a_module_that_is_off_closes_no_figure_of_others(
    cast: Any, acting: Any, filled: Callable[[], Any], browse: Any
) -> None:
    with workspace_scope(cast.arman.id):
        create_record(acting(cast.sara), ORDER, {
            "status": "placed", "ordered_at": clock.now().isoformat(), "lines": [{"description": "کاشی", "quantity": 1, "price": 4000}],
        })  # fmt: skip
        filled()
        # Whoever could not see invoices learns nothing of them where there are none any more.
        Role.objects.filter(key="viewer").update(fields={"invoice.total": "hidden"})
        Workspace.objects.filter(id=cast.arman.id).update(modules_off=["billing", "catalog"])
        access_changed(cast.arman.id)
    with workspace_scope(cast.arman.id):
        sara, viewer = acting(cast.sara).actor, acting(cast.viewer).actor
        open_keys = {measure.key for measure in open_measures(sara)}
        assert {"revenue", "average_order", "touches"} <= open_keys
        # What only a module that is off would tell is gone with it.
        assert not {"payments", "payment_count"} & open_keys
        assert not {"product", "product_name"} & {dimension.key for dimension in open_dimensions(sara)}
        assert not may_ask(viewer, MEASURES["revenue"])
        assert not may_ask(acting(cast.babak).actor, MEASURES["revenue"])
    client = browse(cast.sara)
    assert client.get("/w/arman/insights").status_code == 200
    shown = client.get("/w/arman/insights/card/revenue").context["total"].cells[0]
    assert client.get(client.get(shown.url).url).status_code == 200


def test_what_fell_to_nothing_is_found_among_however_many(
    cast: Any, acting: Any, filled: Callable[[], Any], browse: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answering, "MOST_NAMED", 1)
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        for name, days in (("تازه", 3), ("فراموش‌شده", 400)):
            product = create_record(ctx, PRODUCT, {"name": name, "price": 5000})
            create_record(ctx, ORDER, {
                "status": "placed", "ordered_at": (clock.now() - timedelta(days=days)).isoformat(),
                "lines": [{"product": product.id, "quantity": 1, "price": 3000}],
            })  # fmt: skip
        filled()
    card = "/w/arman/insights/card/moved"
    # Of the year before a month is all that is known: there is nothing to compare with.
    nothing = browse(cast.sara).get(card)
    assert not nothing.context["rose"]
    assert "کامل ثبت نشده" in nothing.content.decode()
    with workspace_scope(cast.arman.id):
        create_record(acting(cast.sara), ORDER, {
            "status": "placed", "ordered_at": (clock.now() - timedelta(days=1000)).isoformat(),
            "lines": [{"description": "کاشی", "quantity": 1, "price": 3000}],
        })  # fmt: skip
        filled()
    moved = browse(cast.sara).get(card).context
    assert [one.name for one in moved["rose"]] == ["تازه"]
    assert [one.name for one in moved["fell"]] == ["فراموش‌شده"]


def test_a_time_that_was_not_recorded_as_a_whole_is_compared_with_nothing(
    cast: Any, acting: Any, filled: Callable[[], Any], browse: Any
) -> None:
    """The first sale is of twenty days before the thirty: a third of the time before has no record."""

    def sold(days: int) -> None:
        create_record(acting(cast.sara), ORDER, {
            "status": "placed", "ordered_at": (clock.now() - timedelta(days=days)).isoformat(),
            "lines": [{"description": "کاشی", "quantity": 1, "price": 4000}],
        })  # fmt: skip

    with workspace_scope(cast.arman.id):
        for days in (3, 40, 49):
            sold(days)
        filled()
    client, card = browse(cast.sara), "/w/arman/insights/card/revenue"
    (cell,) = client.get(card).context["total"].cells
    assert (cell.change, cell.tone) == ("زمان پیش از آن کامل ثبت نشده است", "")
    report = client.get("/w/arman/reports/build?m=revenue&by=source&span=last_30_days&compare=before")
    assert {cell.change for line in report.context["lines"] for cell in line.cells} == {""}
    assert "با زمان پیش از آن سنجیده نشده است" in report.content.decode()
    with workspace_scope(cast.arman.id):
        sold(70)
        filled()
    (cell,) = client.get(card).context["total"].cells
    assert (cell.change, cell.tone) == ("۵۰٪ کمتر", "bad")


def test_a_time_that_lies_ahead_is_compared_with_nothing(
    cast: Any, acting: Any, filled: Callable[[], Any], browse: Any
) -> None:
    with workspace_scope(cast.arman.id):
        create_record(acting(cast.sara), ORDER, {
            "status": "placed", "ordered_at": (clock.now() - timedelta(days=3)).isoformat(),
            "lines": [{"description": "کاشی", "quantity": 1, "price": 4000}],
        })  # fmt: skip
        filled()
    since, until = (clock.now().date() + timedelta(days=days) for days in (40, 70))
    for compare in ("before", "year"):
        url = f"/w/arman/reports/build?m=revenue&span=own&from={since}&to={until}&compare={compare}"
        report = browse(cast.sara).get(url)
        assert report.status_code == 200
        assert report.context["answer"].days.since == since
        assert "problem" not in report.context


def test_that_nothing_had_ended_before_the_first_end_is_no_missing_record(
    cast: Any, acting: Any, filled: Callable[[], Any], browse: Any
) -> None:
    """Contracts are on record for two years; the first one ended this month: before there were none, which is known."""
    with workspace_scope(cast.arman.id):
        ctx, today = acting(cast.sara), clock.now().date()
        for ended in (None, today - timedelta(days=5)):
            begun = {"started_on": (today - timedelta(days=730)).isoformat()}
            create_record(ctx, SUBSCRIPTION, {
                "name": "پشتیبانی", "amount": 700, **begun, **({"ended_on": ended.isoformat()} if ended else {}),
            })  # fmt: skip
        filled()
    report = browse(cast.sara).get(
        "/w/arman/reports/build?m=subscriptions_ended&span=last_30_days&compare=before"
    )
    answer = report.context["answer"]
    assert answer.began is None
    assert (answer.total.figures["subscriptions_ended"], answer.total.before["subscriptions_ended"]) == (1, 0)


def test_a_little_curve_is_of_the_time_that_was_chosen(
    cast: Any, acting: Any, filled: Callable[[], Any], browse: Any
) -> None:
    with workspace_scope(cast.arman.id):
        for days in (2, 9, 30, 70, 100, 200, 300, 500):
            create_record(acting(cast.sara), ORDER, {
                "status": "placed", "ordered_at": (clock.now() - timedelta(days=days)).isoformat(),
                "lines": [{"description": "کاشی", "quantity": 1, "price": 1000 + days}],
            })  # fmt: skip
        filled()
    client = browse(cast.sara)
    curves = {
        span: client.get(f"/w/arman/insights/card/revenue?span={span}").context["spark"]
        for span in ("", "last_12_months", "last_month", "ever")
    }
    assert all(curves.values())
    assert len(set(curves.values())) == len(curves)


def test_what_is_behind_the_first_board_is_one_menu(cast: Any, browse: Any) -> None:
    page = browse(cast.sara).get("/w/arman/insights")
    more = {str(label): url for label, url in page.context["more"]}
    assert more["پرسش با SQL"] == "/w/arman/settings/warehouse"
    assert browse(cast.sara).get(more["پرسش با SQL"]).status_code == 200
    assert (
        'href="/w/arman/settings/warehouse"'
        in browse(cast.sara).get("/w/arman/reports/build").content.decode()
    )
    with workspace_scope(cast.arman.id):
        role = Role.objects.create(key="reader", name="Reader", grants={"*.view": "all"})
        cast.babak.role = role
        cast.babak.save()
        access_changed(cast.arman.id)
    assert "settings/warehouse" not in browse(cast.babak).get("/w/arman/insights").content.decode()
    assert "settings/warehouse" not in browse(cast.babak).get("/w/arman/reports/build").content.decode()
