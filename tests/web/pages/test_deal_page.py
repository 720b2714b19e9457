"""What a deal's form begins with, what its pickers offer, and what stands on its page beside the timeline."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from peyvand.kernel import clock
from peyvand.operational.catalog.public import PRODUCT
from peyvand.operational.contacts.public import COMPANY, PERSON
from peyvand.operational.sales.public import DEAL, PIPELINE, STAGE, Deal, Pipeline, Stage
from peyvand.platform.objects.records import create_record
from peyvand.platform.objects.spec import object_named
from peyvand.platform.workspaces.scope import workspace_scope

BASE = "/w/arman/deals/"


@pytest.fixture
def service(cast: Any, acting: Any) -> tuple[Pipeline, Stage]:
    """A second pipeline with one open stage."""
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        pipeline = create_record(ctx, PIPELINE, {"name": "Service"})
        return pipeline, create_record(ctx, STAGE, {"name": "Asked", "pipeline": pipeline.id, "position": 1})


def chosen(html: str, key: str) -> str:
    """The id that the picker of a field holds."""
    control = html.split(f'<pv-picker id="f-{key}"')[1].split("</pv-picker>")[0]
    return control.split('value="')[1].split('"')[0]


def test_a_new_deal_begins_in_the_first_stage_of_the_default_pipeline(cast: Any, visiting: Any) -> None:
    with workspace_scope(cast.arman.id):
        pipeline = Pipeline.objects.get(is_default=True)
        first = Stage.objects.filter(pipeline=pipeline).order_by("position").first()
    html = visiting(cast.sara).get(f"{BASE}new").content.decode()
    assert chosen(html, "pipeline") == str(pipeline.id)
    assert chosen(html, "stage") == str(first.id)
    assert 'data-mark="v-10"' in html


def test_a_new_deal_takes_the_stage_that_was_pressed_or_the_pipeline_that_is_shown(
    cast: Any, visiting: Any, service: Any
) -> None:
    pipeline, stage = service
    client = visiting(cast.sara)
    pressed = client.get(f"{BASE}new?stage={stage.id}").content.decode()
    over = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{BASE}board?pipeline={pipeline.id}"}
    shown = client.get(f"{BASE}new", headers=over).content.decode()
    for html in (pressed, shown):
        assert (chosen(html, "pipeline"), chosen(html, "stage")) == (str(pipeline.id), str(stage.id))
    board = client.get(f"{BASE}board?pipeline={pipeline.id}").content.decode()
    assert f"new?pipeline={pipeline.id}&amp;stage={stage.id}" in board


def test_stages_to_choose_from_are_those_of_the_pipeline_with_their_colours(
    cast: Any, visiting: Any, service: Any
) -> None:
    pipeline, stage = service
    client = visiting(cast.sara)
    found = client.get(f"/w/arman/stages/options?pipeline={pipeline.id}").json()
    assert [(o["id"], o["mark"]) for o in found] == [(str(stage.id), "v-0")]
    assert client.get(f"/w/arman/stages/options?pipeline={pipeline.id}&q=Won").json() == []
    everything = client.get("/w/arman/stages/options").json()
    assert {"good", "bad", "v-90"} <= {o["mark"] for o in everything}


def test_a_record_is_shared_with_somebody_else(cast: Any, acting: Any, visiting: Any) -> None:
    with workspace_scope(cast.arman.id):
        deal = create_record(acting(cast.sara), DEAL, {"name": "Lobby"})
    client = visiting(cast.sara)
    assert '/users/options?others=1"' in client.get(f"{BASE}{deal.id}/share").content.decode()
    everybody = {option["id"] for option in client.get("/w/arman/users/options").json()}
    others = {option["id"] for option in client.get("/w/arman/users/options?others=1").json()}
    assert everybody - others == {str(cast.sara.id)}


def test_a_chosen_product_brings_its_price_unless_the_role_may_not_see_it(
    cast: Any, acting: Any, visiting: Any
) -> None:
    with workspace_scope(cast.arman.id):
        create_record(acting(cast.sara), PRODUCT, {"name": "Tile", "price": 1_250_000})
    client = visiting(cast.sara)
    assert client.get("/w/arman/products/options?with=price").json()[0]["fill"] == {"price": "125,000"}
    assert "fill" not in client.get("/w/arman/products/options").json()[0]
    assert "fill" not in client.get("/w/arman/products/options?with=description").json()[0]


def test_the_page_tells_lines_worth_age_people_and_next_step(cast: Any, acting: Any, visiting: Any) -> None:
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        tile = create_record(ctx, PRODUCT, {"name": "Tile", "price": 1_000_000})
        avand = create_record(ctx, COMPANY, {"name": "Avand"})
        neda = create_record(ctx, PERSON, {"name": "Neda Karimi", "company": avand.id, "job_title": "Buyer"})
        create_record(ctx, PERSON, {"name": "Omid Rad", "company": avand.id})
        create_record(ctx, PERSON, {"name": "Stranger"})
        lines = [{"product": tile.id, "quantity": 3, "discount": 10}, {"product": tile.id}]
        deal = create_record(
            ctx, DEAL, {"name": "Lobby", "company": avand.id, "person": neda.id, "lines": lines}
        )
        Deal.objects.filter(id=deal.id).update(stage_since=clock.now() - timedelta(days=40))
        due = clock.now() - timedelta(days=1)
        create_record(
            ctx, object_named("task"), {"title": "Send it", "due_at": due, "about": f"deal:{deal.id}"}
        )
    html = visiting(cast.sara).get(f"{BASE}{deal.id}/").content.decode()
    for text in (
        '<b class="num">270,000</b><span class="of">3 × 100,000, 10% discount</span>',
        '<li class="sum"><span>Sum</span><b class="num">370,000 toman</b></li>',
        "Weighted amount",
        "Stale: deals in this stage go stale after 21 days.",
        "Neda Karimi</a>",
        "Contact of the deal, Buyer",
        "Omid Rad</a>",
        ">Send it</a>",
        'class="due late"',
        f"tasks/new?about=deal%3A{deal.id}",
        f"calls/new?about=deal%3A{deal.id}",
        '<i class="mark v-10" aria-hidden="true"></i>',
    ):
        assert text in html, text
    assert "Stranger" not in html
    other = visiting(cast.viewer).get(f"{BASE}{deal.id}/").content.decode()
    assert "Send it" in other
    assert "Plan a task" not in other


def test_an_ended_deal_says_how_long_it_took_and_asks_for_nothing(
    cast: Any, acting: Any, visiting: Any
) -> None:
    with workspace_scope(cast.arman.id):
        won = Stage.objects.get(kind="won")
        values = {"name": "Old", "stage": won.id, "engaged_on": "2026-01-01", "closed_on": "2026-01-31"}
        deal = create_record(acting(cast.sara), DEAL, values)
    html = visiting(cast.sara).get(f"{BASE}{deal.id}/").content.decode()
    assert "From the first day to the win" in html
    assert "30 days" in html
    assert "Nothing is planned for this deal" not in html
    assert "Weighted amount</span>" not in html


@pytest.fixture
def unplanned() -> Any:
    """``unplanned(ask)``: the statements of what ``ask`` does that PostgreSQL plans anew each time, and how many there are in all."""

    def watched(ask: Callable[[], Any]) -> tuple[list[str], int]:
        asked: list[tuple[str, bool]] = []

        def watch(execute: Any, sql: Any, params: Any, many: Any, context: Any) -> Any:
            # Django's own cursors prepare nothing.
            asked.append((str(sql), type(context["cursor"].cursor).__module__.startswith("peyvand.")))
            return execute(sql, params, many, context)

        ask()
        with connection.execute_wrapper(watch):
            assert ask().status_code == 200
        said = [pair for pair in asked if not pair[0].startswith(("SAVEPOINT", "RELEASE"))]
        return [sql for sql, is_prepared in said if not is_prepared], len(said)

    return watched


@pytest.mark.parametrize(
    ("plural", "part", "most"),
    [
        ("deals", "", 40), ("deals", "?part=head", 6), ("deals", "?part=path", 5), ("deals", "?part=related", 32),
        ("people", "", 40), ("companies", "", 40),
    ],
)  # fmt: skip
def test_what_a_members_page_asks_is_planned_already(
    cast: Any, acting: Any, visiting: Any, unplanned: Any, plural: str, part: str, most: int
) -> None:
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.babak)
        company = create_record(ctx, COMPANY, {"name": "Planned"})
        person = create_record(
            ctx, PERSON, {"given_name": "P", "family_name": "Lanned", "company": company.id}
        )
        deal = create_record(ctx, DEAL, {"name": "Planned", "company": company.id, "person": person.id})
    id = {"deals": deal.id, "people": person.id, "companies": company.id}[plural]
    client = visiting(cast.babak)
    anew, asked = unplanned(lambda: client.get(f"/w/arman/{plural}/{id}/{part}"))
    assert anew == []
    assert asked <= most


def test_the_colleagues_of_a_deals_person_are_named_beside_it(cast: Any, acting: Any, visiting: Any) -> None:
    """The person the deal is with first, then three others of the company by name, however many there are."""
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        company = create_record(ctx, COMPANY, {"name": "Peopled"})
        first, *_others = (
            create_record(ctx, PERSON, {"given_name": "P", "family_name": name, "company": company.id})
            for name in ("Bina", "Dara", "Azar", "Elahe", "Cyra")
        )
        deal = create_record(ctx, DEAL, {"name": "Peopled", "company": company.id, "person": first.id})
    html = visiting(cast.sara).get(f"{BASE}{deal.id}/?part=related").content.decode()
    named = re.findall(r"P (Azar|Bina|Cyra|Dara|Elahe)</a>", html)
    assert named == ["Bina", "Azar", "Cyra", "Dara"]
