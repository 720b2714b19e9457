from __future__ import annotations

import re
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from peyvand.operational.sales.models import Deal, Pipeline, Stage
from peyvand.platform.workspaces.scope import workspace_scope

BOARD = "/w/arman/deals/board"


def test_every_open_stage_is_a_column_with_its_cards_in_order(
    cast: Any, acting: Any, visiting: Any, deal: Any, open_stages: Any
) -> None:
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        first, second, *_ = open_stages()
        low = deal(ctx, "Lobby tiles", first, amount="120000")
        top = deal(ctx, "Roof <b>tiles</b>", first, amount="80000")
        deal(ctx, "Elsewhere", second)
    page = visiting(cast.sara).get(BOARD)
    html = page.content.decode()
    assert page.status_code == 200
    assert len(re.findall(r'<section class="col"', html)) == 5
    assert html.index(f'id="card-{top.id}"') < html.index(f'id="card-{low.id}"')
    assert "Roof &lt;b&gt;tiles&lt;/b&gt;" in html
    assert "<b>tiles</b>" not in html
    assert "2 deals" in html
    assert "1 deal<" in html


def test_sums_are_those_of_the_deals_that_the_actor_may_see(
    cast: Any, acting: Any, visiting: Any, deal: Any, open_stages: Any
) -> None:
    with workspace_scope(cast.arman.id):
        stage = open_stages()[2]
        deal(acting(cast.sara), "Hers", stage, amount="70000")
        deal(acting(cast.babak), "His", stage, amount="30000")
        deals = list(Deal.objects.filter(stage=stage))
        expected = {sum(d.amount for d in deals), sum(d.amount * d.probability // 100 for d in deals)}
    assert expected == {1_000_000, 500_000}
    head = re.compile(rf'<header id="stage-{stage.id}-head".*?</header>', re.DOTALL)
    everything = head.search(visiting(cast.sara).get(BOARD).content.decode())
    own = head.search(visiting(cast.babak).get(BOARD).content.decode())
    assert everything
    assert "<b>100K</b>" in everything[0]
    assert "<b>50K</b>" in everything[0]
    assert "2 deals" in everything[0]
    assert own
    assert "<b>30K</b>" in own[0]
    assert "1 deal<" in own[0]


def test_the_number_of_queries_does_not_depend_on_the_number_of_deals(
    cast: Any, acting: Any, visiting: Any, deal: Any, open_stages: Any
) -> None:
    client = visiting(cast.sara)
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        deal(ctx, "One", open_stages()[0])
    client.get(BOARD)
    with CaptureQueriesContext(connection) as few:
        client.get(BOARD)
    with workspace_scope(cast.arman.id):
        for n in range(12):
            for stage in open_stages():
                deal(ctx, f"Deal {n}", stage, amount="1000")
    with CaptureQueriesContext(connection) as many:
        client.get(BOARD)
    assert len(many) == len(few), [q["sql"] for q in many]
    assert len(many) <= 13, "\n".join(q["sql"][:160] for q in many)


def test_a_long_column_goes_on_by_cursor_without_repeats(
    cast: Any, acting: Any, visiting: Any, deal: Any, open_stages: Any
) -> None:
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        stage = open_stages()[0]
        made = [deal(ctx, f"Deal {n}", stage).id for n in range(70)]
    client = visiting(cast.sara)
    html = client.get(BOARD).content.decode()
    assert "50 more deals" in html
    found = re.findall(r'data-card="(\d+)"', html)
    while more := re.search(r'hx-get="([^"]*/board/lane[^"]*)"', html):
        html = client.get(more[1].replace("&amp;", "&")).content.decode()
        found += re.findall(r'data-card="(\d+)"', html)
    assert [int(id) for id in found] == made[::-1]
    assert client.get(f"{BOARD}/lane", {"lane": stage.id, "after": "nonsense"}).status_code == 422


def test_the_filter_narrows_cards_and_sums_and_says_so(
    cast: Any, acting: Any, visiting: Any, deal: Any, open_stages: Any
) -> None:
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        stage = open_stages()[0]
        deal(ctx, "Small", stage, amount="1000")
        deal(ctx, "Large", stage, amount="900000")
    html = (
        visiting(cast.sara)
        .get(BOARD, {"filter": '{"field":"amount","op":"gte","value":5000000}'})
        .content.decode()
    )
    assert "Large" in html
    assert "Small" not in html
    assert 'class="chip on"' in html
    assert "<b>900K</b>" in html
    wrong = visiting(cast.sara).get(BOARD, {"filter": '{"field":"nothing","op":"is","value":1}'})
    assert wrong.status_code == 422
    assert b"data-card" not in wrong.content


def test_the_pipeline_is_chosen_by_the_address(
    cast: Any, acting: Any, visiting: Any, deal: Any, open_stages: Any
) -> None:
    with workspace_scope(cast.arman.id):
        other = Pipeline.objects.create(workspace_id=cast.arman.id, name="Service", position=5)
        Stage.objects.create(
            workspace_id=cast.arman.id, pipeline=other, name="Asked", position=1, probability=10
        )
    html = visiting(cast.sara).get(BOARD, {"pipeline": other.id}).content.decode()
    assert html.count('<section class="col"') == 1
    assert "Asked" in html
    assert f"pipeline={other.id}" in html


def test_strangers_see_nothing_of_it(
    cast: Any, acting: Any, visiting: Any, deal: Any, open_stages: Any
) -> None:
    with workspace_scope(cast.arman.id):
        made = deal(acting(cast.sara), "Secret", open_stages()[0])
    rival = visiting(cast.cyrus)
    assert rival.get(BOARD).status_code == 404
    assert b"Secret" not in rival.get("/w/rival/deals/board").content
    changes = rival.get("/w/rival/deals/board/changes", {"ids": made.id})
    assert b"card-" not in changes.content
    assert visiting(cast.sara).get("/w/arman/companies/board").status_code == 404


def test_who_may_not_move_gets_a_board_at_rest(cast: Any, visiting: Any) -> None:
    html = visiting(cast.viewer).get(BOARD).content.decode()
    assert "<pv-board" in html
    assert "data-move-url" not in html
    assert 'class="drops"' not in html


def test_an_object_with_a_choice_has_a_board_too(cast: Any, acting: Any, visiting: Any) -> None:
    from peyvand.operational.activities.public import TASK
    from peyvand.platform.objects.records import create_record

    with workspace_scope(cast.arman.id):
        task = create_record(acting(cast.sara), TASK, {"title": "Ring Maryam"})
    client = visiting(cast.sara)
    html = client.get("/w/arman/tasks/board").content.decode()
    assert html.count('<section class="col"') == 3
    assert "Ring Maryam" in html
    answer = client.post("/w/arman/tasks/board/move", {"card": task.id, "stage": "done", "from": "open"})
    assert answer.status_code == 200
    assert f'id="card-{task.id}" data-card="{task.id}" data-lane="done"' in answer.content.decode()
