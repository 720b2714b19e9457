"""Reports: what ended, the way through the stages, calendars, and that each figure opens its rows."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import pairwise

import pytest
from tests.operational.targets.scenes import deal, ids_behind, links, stages

from peyvand.kernel import clock
from peyvand.operational.catalog.objects import PRODUCT
from peyvand.operational.sales.models import LostReason
from peyvand.operational.sales.public import lose_deal, move_deal, reopen_deal, win_deal
from peyvand.operational.targets.funnel import bottleneck, funnel
from peyvand.operational.targets.outcomes import WAYS, outcomes
from peyvand.operational.targets.periods import EVER, Span, spans
from peyvand.platform.objects.records import create_record
from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.testing.programs import program_of

ALWAYS = Span(EVER, "gregorian")
NOON = datetime(2026, 6, 10, 9, tzinfo=UTC)


@pytest.fixture
def june():
    with clock.freeze(NOON) as moment:
        yield moment


def test_lost_deals_are_told_apart_by_reason_and_by_whom_they_were_lost_to(cast, acting, june):
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        dear, late = LostReason.objects.order_by("position")[:2]
        for n, reason in enumerate((dear, dear, late)):
            lose_deal(ctx, deal(ctx, f"Lost {n}", amount=100 * (n + 1)), lost_reason=reason.id)
        win_deal(ctx, deal(ctx, "Won", amount=1000))
        lines, total = outcomes(ctx.actor, WAYS["lost_reason"], ALWAYS)
    assert {line.name: (line.lost, line.lost_amount, line.won) for line in lines} == {
        dear.name: (2, 300, 0), late.name: (1, 300, 0),
    }  # fmt: skip
    assert (total.won, total.lost, total.rate) == (1, 3, 0.25)


def test_a_deal_of_two_products_counts_its_lines_for_each_and_itself_once(cast, acting, june):
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        carpet, tile = (
            create_record(ctx, PRODUCT, {"name": name, "price": price})
            for name, price in (("Carpet", 500), ("Tile", 70))
        )
        win_deal(
            ctx,
            deal(
                ctx,
                "Both",
                lines=[{"product": carpet.id, "quantity": 2}, {"product": tile.id}, {"product": tile.id}],
            ),
        )
        win_deal(ctx, deal(ctx, "Neither", amount=9))
        lines, total = outcomes(ctx.actor, WAYS["product"], ALWAYS)
    assert {line.name: (line.won, line.won_amount) for line in lines} == {
        "Carpet": (1, 1000),
        "Tile": (1, 140),
        "": (1, 9),
    }
    assert (total.won, total.won_amount) == (2, 1149)


def test_velocity_is_what_deals_at_work_bring_in_a_day(cast, acting, june):
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        for n in range(4):
            won = {
                "stage": stages()[1]["won"].id,
                "engaged_on": date(2026, 5, 1),
                "closed_on": date(2026, 5, 11),
            }
            lost = {
                "stage": stages()[1]["lost"].id,
                "engaged_on": date(2026, 5, 1),
                "closed_on": date(2026, 5, 3),
            }
            deal(ctx, f"Ended {n}", amount=6000, **(won if n < 3 else lost))
        for n in range(8):
            deal(ctx, f"Open {n}", amount=1)
        _lines, total = outcomes(ctx.actor, WAYS["owner"], ALWAYS)
    # 8 at work × 3/4 won × 6000 each ÷ 10 days.
    assert (total.mean_days, total.velocity) == (10, 3600)


def test_quarters_are_those_of_the_calendar_chosen(cast, acting, june):
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        won = stages()[1]["won"].id
        # The last day of winter 1404 and the first day of spring 1405; both lie in the first quarter of 2026.
        for day in (date(2026, 3, 20), date(2026, 3, 21)):
            deal(ctx, f"Won {day}", amount=10, stage=won, closed_on=day)
        jalali = outcomes(ctx.actor, WAYS["quarter"], Span(EVER, "jalali"))[0]
        gregorian = outcomes(ctx.actor, WAYS["quarter"], ALWAYS)[0]
    assert [(line.won, line.span.start) for line in jalali] == [
        (1, date(2025, 12, 22)),
        (1, date(2026, 3, 21)),
    ]
    assert [(line.won, line.name) for line in gregorian] == [(2, "۲۰۲۶ · ۱")]


def test_spans_follow_one_another_without_a_gap_over_a_leap_year():
    months = spans("month", date(2025, 3, 21), date(2026, 3, 21), "jalali")
    assert len(months) == 12
    assert all(a.end == b.start for a, b in pairwise(months))
    assert (months[-1].last, months[-1].start) == (date(2026, 3, 20), date(2026, 2, 20))


def test_the_funnel_counts_ways_through_the_stages(cast, acting, june):
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        first, second, *_rest = stages()[0]
        reason = LostReason.objects.first().id
        deals = [deal(ctx, f"Deal {n}") for n in range(5)]
        with clock.freeze(NOON.replace(day=14)):
            for each in deals[:3]:
                move_deal(ctx, each, stage=second.id)
        with clock.freeze(NOON.replace(day=24)):
            win_deal(ctx, deals[0])
            lose_deal(ctx, deals[1], lost_reason=reason)
            move_deal(ctx, deals[2], stage=first.id)
        with clock.freeze(NOON.replace(month=7, day=2)):
            lose_deal(ctx, deals[4], lost_reason=reason)
            steps = {
                s.stage: s
                for s in funnel(
                    ctx.actor, first.pipeline_id, Span("own", "gregorian", date(2026, 6, 1), date(2026, 7, 1))
                )
            }
            later = {
                s.stage: s
                for s in funnel(
                    ctx.actor, first.pipeline_id, Span("own", "gregorian", date(2026, 7, 1), date(2026, 8, 1))
                )
            }
    one, two = steps[first.id], steps[second.id]
    assert (one.came, one.left, one.on, one.back, one.lost, one.days) == (5, 3, 3, 0, 0, 4)
    assert (two.came, two.left, two.on, two.back, two.lost, two.days) == (3, 3, 1, 1, 1, 10)
    assert (one.rate, two.rate) == (1.0, 0.5)
    assert bottleneck(list(steps.values())) == second.id
    assert (later[first.id].left, later[first.id].lost) == (1, 1)


def test_every_figure_of_the_reports_opens_its_rows(cast, acting, browse, june):
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        second = stages()[0][1]
        won, lost, back = (deal(ctx, name, amount=10) for name in ("Won", "Lost", "Back"))
        for each in (won, lost, back):
            move_deal(ctx, each, stage=second.id)
        win_deal(ctx, won)
        win_deal(ctx, back)
        reopen_deal(ctx, back)
        lose_deal(ctx, lost, lost_reason=LostReason.objects.first().id)
        mine = acting(cast.babak)
        theirs = deal(mine, "Theirs", amount=7)
        win_deal(mine, theirs)
    program, page = program_of(cast.sara, cast.arman), browse(cast.sara)
    answer = page.get("/w/arman/reports/sales?by=owner&span=this_year&calendar=gregorian").content.decode()
    found = [ids_behind(program, url) for url in links(answer)]
    for wanted in ({won.id}, {lost.id}, {won.id, lost.id}, {theirs.id}, {won.id, theirs.id}, {back.id}):
        assert wanted in found
    answer = page.get("/w/arman/reports/funnel?span=this_year&calendar=gregorian").content.decode()
    found = [ids_behind(program, url) for url in links(answer)]
    for wanted in ({won.id, lost.id, back.id}, {won.id, lost.id, back.id, theirs.id}, {lost.id}):
        assert wanted in found
    for by in WAYS:
        assert page.get(f"/w/arman/reports/sales?by={by}&span=ever").status_code == 200


def test_reports_know_only_what_the_reader_sees(cast, acting, browse, june):
    with workspace_scope(cast.arman.id):
        win_deal(acting(cast.sara), deal(acting(cast.sara), "Owner's", amount=500))
        win_deal(acting(cast.babak), deal(acting(cast.babak), "Member's", amount=20))
        assert outcomes(acting(cast.babak).actor, WAYS["owner"], ALWAYS)[1].won_amount == 20
        assert outcomes(acting(cast.sara).actor, WAYS["owner"], ALWAYS)[1].won_amount == 520
    with workspace_scope(cast.rival.id):
        assert outcomes(acting(cast.cyrus).actor, WAYS["owner"], ALWAYS) == ([], None)
    assert browse(cast.cyrus).get("/w/rival/reports/sales").content.decode().count("<tbody>") == 0
