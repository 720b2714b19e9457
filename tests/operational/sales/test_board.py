"""The board: order of cards, sums, pages, rot, and what somebody has in hand."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from peyvand.kernel import clock
from peyvand.kernel.errors import Invalid
from peyvand.operational.sales import ranks
from peyvand.operational.sales.public import (
    DEAL,
    Deal,
    Stage,
    deal_health,
    deals_gone_quiet,
    move_deal,
    my_numbers,
)  # fmt: skip
from peyvand.platform.objects.lanes import Lanes, LaneSums, first_rows, following_rows, lane_sums
from peyvand.platform.objects.queries import ListQuery
from peyvand.platform.objects.records import create_records, delete_records
from peyvand.platform.workspaces.scope import workspace_scope


@pytest.fixture
def ctx(cast, acting):
    with workspace_scope(cast.arman.id):
        yield acting(cast.babak)


def column(ctx, stage: Stage, limit: int = 50) -> list[int]:
    lanes = board(ctx)
    page = first_rows(lanes, [stage.id], ("id",), limit)[stage.id]
    ids = [id for (id,) in page.rows]
    while page.next is not None:
        page = following_rows(lanes, stage.id, ("id",), page.next, limit)
        ids += [id for (id,) in page.rows]
    return ids


def board(ctx) -> Lanes:
    return Lanes(ListQuery(DEAL, ctx.actor, ()), "stage_id", "board_rank")


def sums(ctx) -> list[tuple[Stage, LaneSums]]:
    stages = list(Stage.objects.order_by("position", "id"))
    found = lane_sums(board(ctx), [stage.id for stage in stages], ("amount", "weighted"))
    return [(stage, found[stage.id]) for stage in stages]


moves = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), st.booleans()), max_size=25)


@settings(max_examples=15)
@given(moves)
def test_cards_lie_where_they_were_laid(ctx, moves):
    Deal.objects.all().delete()
    stage = Stage.objects.order_by("position").first()
    gap, ranks.GAP = ranks.GAP, 4
    try:
        ids = [d.id for d in create_records(ctx, DEAL, [{"name": f"Deal {n}"} for n in range(10)])]
        for moving, near, above in moves:
            card, neighbour = ids[moving], ids[near]
            if card == neighbour:
                continue
            side = {"before": neighbour} if above else {"after": neighbour}
            move_deal(ctx, Deal.objects.get(id=card), stage=stage.id, **side)
            ids.remove(card)
            ids.insert(ids.index(neighbour) + (not above), card)
    finally:
        ranks.GAP = gap
    assert column(ctx, stage, limit=3) == ids


def test_new_and_moved_cards_lie_on_top(ctx):
    first, second = Stage.objects.order_by("position")[:2]
    a, b, c = (create_records(ctx, DEAL, [{"name": name}])[0] for name in "abc")
    assert column(ctx, first) == [c.id, b.id, a.id]
    move_deal(ctx, a, stage=second.id)
    move_deal(ctx, b, stage=second.id, after=a.id)
    assert (column(ctx, first), column(ctx, second)) == ([c.id], [a.id, b.id])


def test_a_neighbour_that_left_is_named(ctx):
    second = Stage.objects.order_by("position")[1]
    a, b = create_records(ctx, DEAL, [{"name": "a"}, {"name": "b"}])
    with pytest.raises(Invalid) as caught:
        move_deal(ctx, a, stage=second.id, before=b.id)
    assert caught.value.problems[0].code == "stale"


amounts = st.lists(
    st.tuples(st.integers(0, 6), st.none() | st.integers(0, 10**15), st.integers(0, 100), st.booleans()),
    max_size=30,
)


@settings(max_examples=15)
@given(amounts)
def test_sums_are_those_of_the_cards(ctx, amounts):
    Deal.objects.all().delete()
    stages = list(Stage.objects.order_by("position"))
    today = clock.today(ctx.tenant.tz)
    rows = [
        {
            "name": f"{n}",
            "stage": stages[s].id,
            "amount": amount,
            "probability": p,
            **({"closed_on": today} if stages[s].kind != "open" else {}),
        }
        for n, (s, amount, p, _) in enumerate(amounts)
    ]
    made = create_records(ctx, DEAL, rows)
    delete_records(ctx, DEAL, [d for d, (*_, gone) in zip(made, amounts, strict=True) if gone])
    for place, (stage, shown) in enumerate(sums(ctx)):
        here = [
            (amount or 0, {"won": 100, "lost": 0}.get(stage.kind, p))
            for s, amount, p, gone in amounts
            if s == place and not gone
        ]
        assert shown.count == len(here)
        assert shown.sums == (sum(a for a, _ in here), sum(a * p // 100 for a, p in here))


def test_others_deals_are_neither_shown_nor_summed(cast, acting):
    with workspace_scope(cast.arman.id):
        create_records(acting(cast.sara), DEAL, [{"name": "Sara's", "amount": 10}])
        create_records(acting(cast.babak), DEAL, [{"name": "Babak's", "amount": 5}])
        for user, count, amount in ((cast.babak, 1, 5), (cast.sara, 2, 15)):
            first, shown = sums(acting(user))[0]
            assert (shown.count, shown.sums[0], len(column(acting(user), first))) == (count, amount, count)


def test_a_deal_rots_past_its_stages_limit(ctx):
    stage = Stage.objects.order_by("position").first()
    now = clock.now()
    with clock.freeze(now - timedelta(days=stage.rots_after, minutes=1)):
        old = create_records(ctx, DEAL, [{"name": "Old"}])[0]
    create_records(ctx, DEAL, [{"name": "New"}])
    assert deal_health(old.stage_since, stage).is_rotting
    assert not deal_health(now, stage).is_rotting
    assert not deal_health(old.stage_since, Stage(kind="won", rots_after=1)).is_rotting
    assert [row.title for row in deals_gone_quiet(ctx.actor)] == ["Old"]


def test_my_numbers_are_mine_and_of_this_month(cast, acting, still):
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.babak)
        won, lost = (Stage.objects.get(kind=kind) for kind in ("won", "lost"))
        today = clock.today(ctx.tenant.tz)
        create_records(ctx, DEAL, [
            {"name": "a", "amount": 1000}, {"name": "b", "stage": won.id, "amount": 500, "closed_on": today},
            {"name": "c", "stage": won.id, "amount": 700, "closed_on": today - timedelta(days=70)},
            {"name": "d", "stage": lost.id, "amount": 9, "closed_on": today},
        ])  # fmt: skip
        create_records(acting(cast.mina), DEAL, [{"name": "e", "amount": 77}])
        numbers = my_numbers(ctx.actor)
        assert (numbers.open_count, numbers.open_amount, numbers.open_weighted) == (1, 1000, 100)
        assert (numbers.won_count, numbers.won_amount, numbers.lost_count, numbers.win_rate) == (
            1,
            500,
            1,
            0.5,
        )
