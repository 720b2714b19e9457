"""Views: what an address and a saved view hold, groups and figures on the page, which view comes back."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.web.lists.filling import make

from peyvand.platform.identity.actor import access_changed
from peyvand.platform.identity.models import Role
from peyvand.platform.objects.spec import object_named
from peyvand.platform.workspaces.scope import workspace_scope

DEALS = "/w/arman/deals/"


def deals(user: Any, *raws: dict[str, Any]) -> list[int]:
    return make(user, "deal", *({"name": f"Deal {n}", **raw} for n, raw in enumerate(raws)))


def at(**words: str) -> str:
    return f"{DEALS}?{urlencode(words)}"


def landing(response: Any) -> str:
    return json.loads(response["HX-Location"])["path"]


def test_groups_come_with_their_figures_and_open_by_key(cast: Any, browse: Any) -> None:
    made = deals(
        cast.sara,
        *({"source": "website", "amount": 10_000_000_000} for _ in range(30)),
        {"source": "referral", "amount": 50_000_000_000},
    )
    client = browse(cast.sara)
    page = client.get(at(group="source")).content.decode()
    assert "rows=1" in page, "the page does not wait for its groups"
    heads = client.get(at(group="source", rows="1")).content.decode()
    assert re.findall(r'data-group="(\w*)"', heads) == ["website", "referral"], "in the order of the choices"
    assert "۳۰ میلیارد" in heads
    urls = [u.replace("&amp;", "&") for u in re.findall(r'hx-get="([^"]+)"', heads)]
    first = client.get(urls[0]).content.decode()
    more = re.search(r'hx-get="([^"]+)"', first)
    assert more, "a large group goes on by key"
    rest = client.get(more[1].replace("&amp;", "&")).content.decode()
    seen = re.findall(r'<tr data-id="(\d+)"', first + rest)
    assert sorted(map(int, seen)) == sorted(made[:30])


def test_what_groups_cost_does_not_grow_with_their_number(cast: Any, browse: Any) -> None:
    client = browse(cast.sara)

    def cost() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(at(group="expected_on:day", rows="1")).status_code == 200
        return len(queries)

    deals(cast.sara, {"expected_on": "2026-11-01"})
    client.get(at(group="expected_on:day", rows="1"))
    few = cost()
    deals(cast.sara, *({"expected_on": f"2026-12-{n:02}"} for n in range(1, 28)))
    assert cost() == few <= 12


def test_a_group_by_a_hidden_field_is_not_drawn(cast: Any, browse: Any) -> None:
    deals(cast.sara, {"source": "website"})
    with workspace_scope(cast.arman.id):
        Role.objects.filter(key="viewer").update(fields={"deal.source": "hidden"})
        access_changed(cast.arman.id)
    client = browse(cast.viewer)
    assert '<tr data-id="' in client.get(at(group="source")).content.decode(), (
        "the plain list stands there instead"
    )
    assert "data-group" not in client.get(at(group="source", rows="1")).content.decode()


def test_the_view_holds_how_the_list_is_laid_out(cast: Any, browse: Any) -> None:
    client = browse(cast.sara)
    look = {"group": "-created_at:week", "sums": "amount:avg", "pin": "2", "density": "compact"}
    kept = client.post(f"/w/arman/deals/views/save?{urlencode(look)}", {"name": "Mine by week"})
    where = landing(kept)
    page = client.get(where).content.decode()
    assert 'class="tbl compact" data-pinned="2"' in page
    assert "into=" not in page, "nothing was changed yet"
    changed = client.get(f"{where}&density=roomy").content.decode()
    assert "into=" in changed, "a changed view can be updated"
    assert "density=roomy" in changed
    assert client.get(f"{where}&group=").status_code == 200


def test_the_view_used_last_comes_back(cast: Any, browse: Any) -> None:
    client = browse(cast.sara)
    where = landing(client.post("/w/arman/people/views/save?sort=name", {"name": "By name"}))
    mark = where.rpartition("=")[2]
    assert client.get("/w/arman/people/").status_code == 200, "nothing was used yet"
    page = client.get(where).content.decode()
    used = re.search(r'hx-post="([^"]+views/used[^"]+)"', page)
    assert used
    assert client.post(used[1].replace("&amp;", "&")).status_code == 204
    assert client.get("/w/arman/people/").url == f"/w/arman/people/?view={mark}"
    assert "views/used" not in client.get(where).content.decode(), "kept once"
    assert browse(cast.mina).get("/w/arman/people/").status_code == 200, "a habit is one's own"
    client.post("/w/arman/people/views/used?view=all")
    assert client.get("/w/arman/people/").status_code == 200


def test_a_role_begins_with_a_view(cast: Any, browse: Any) -> None:
    client = browse(cast.sara)
    with workspace_scope(cast.arman.id):
        role = cast.babak.role_id
    url = "/w/arman/people/views/recent/begin"
    assert client.get(url).status_code == 200
    client.post(url, {"roles": [role]})
    assert browse(cast.babak).get("/w/arman/people/").url == "/w/arman/people/?view=recent"
    assert client.get("/w/arman/people/").status_code == 200
    assert browse(cast.babak).post(url, {"roles": [role]}).status_code == 403
    client.post(url, {"roles": []})
    assert browse(cast.babak).get("/w/arman/people/").status_code == 200


def test_every_object_of_the_menu_comes_with_views(cast: Any, browse: Any) -> None:
    client = browse(cast.sara)
    for key in ("person", "company", "deal", "task"):
        spec = object_named(key)
        assert {"mine", "recent"} <= spec.standard_views.keys()
        for view in spec.standard_views.values():
            screen = "" if view.kind == "list" else view.kind
            page = client.get(f"/w/arman/{spec.plural}/{screen}?view={view.key}")
            assert page.status_code == 200, (key, view.key)
            assert f'view={view.key}" aria-current="page"' in page.content.decode()


def test_a_view_that_comes_with_the_program_is_changed_by_nobody(cast: Any, browse: Any) -> None:
    client = browse(cast.sara)
    assert client.post("/w/arman/deals/views/save?view=mine&sort=name&into=1").status_code == 403
    copied = client.post("/w/arman/deals/views/mine/copy")
    assert client.get(landing(copied)).status_code == 200


def test_views_stand_in_ones_own_order(cast: Any, browse: Any) -> None:
    client = browse(cast.sara)
    client.post("/w/arman/people/views/order", {"order": "recent,mine"})
    page = client.get("/w/arman/people/?view=all").content.decode()
    assert page.index("view=recent") < page.index("view=mine")
    assert client.get("/w/arman/people/views/arrange").status_code == 200


@pytest.mark.parametrize(
    "words", [{"group": "nope"}, {"sums": "amount:median"}, {"pin": "99"}, {"density": "x"}, {"on": "name"}]
)
def test_words_that_are_not_understood_are_passed_over(cast: Any, browse: Any, words: dict[str, str]) -> None:
    assert browse(cast.sara).get(at(view="all", **words)).status_code == 200


def test_sort_keys_change_places_by_hand(cast: Any, browse: Any) -> None:
    moved = browse(cast.sara).post("/w/arman/deals/sorting?sort=name,-amount", {"order": "-amount,name"})
    assert moved["HX-Replace-Url"] == "/w/arman/deals/?sort=-amount%2Cname"


def test_a_tool_is_given_the_rows_that_were_chosen(cast: Any, browse: Any) -> None:
    first, _, third = deals(cast.sara, {"amount": 1}, {"amount": 2}, {"amount": 3})
    client = browse(cast.sara)
    asked = client.get(f"{DEALS}chosen/export?sort=amount&ids={first}&ids={third}")
    assert asked.url == f"/w/arman/export/deals?sort=amount&only={first}%2C{third}"
    assert "۲ رکورد" in client.get(asked.url).content.decode()
    rows = client.get(at(view="all", only=f"{first},{third},x")).content.decode()
    assert re.findall(r'<tr data-id="(\d+)"', rows) == [str(third), str(first)]
    everything = client.get(f"{DEALS}chosen/export?sort=amount&ids={first}&all=1")
    assert everything.url == "/w/arman/export/deals?sort=amount"
    assert client.get(f"{DEALS}chosen/nothing").status_code == 404
    assert browse(cast.viewer).get(f"{DEALS}chosen/export").status_code == 404


def test_figures_are_those_that_were_chosen(cast: Any, browse: Any) -> None:
    deals(cast.sara, {"amount": 20_000_000_000}, {"amount": 40_000_000_000})
    body = browse(cast.sara).get(f"{DEALS}count?sums=amount:avg,created_at:max").content.decode()
    assert "۳ میلیارد" in body
    assert "۶ میلیارد" not in body
    none = browse(cast.sara).get(f"{DEALS}count?sums=amount:none").content.decode()
    assert "میلیارد" not in none


def test_a_records_place_in_its_list(cast: Any, browse: Any) -> None:
    first, second, third = deals(cast.sara, {"amount": 1}, {"amount": 2}, {"amount": 3})
    client = browse(cast.sara)
    body = client.get(f"{DEALS}{second}/place?sort=amount").content.decode()
    assert f'href="{DEALS}{first}/"' in body
    assert f'href="{DEALS}{third}/"' in body
    assert "۲ از ۳" in body
    outside = urlencode({"filter": json.dumps({"field": "amount", "op": "gt", "value": 2})})
    assert client.get(f"{DEALS}{second}/place?{outside}").content == b""


def test_a_view_that_is_not_there_leads_to_the_list_itself(cast: Any, browse: Any) -> None:
    sara = browse(cast.sara)
    for mark in ("list", "999999"):
        answer = sara.get(f"/w/arman/people/?view={mark}")
        assert (answer.status_code, answer["Location"]) == (302, "/w/arman/people/?view=all")
    assert sara.get("/w/arman/people/?view=999999&rows=1").status_code == 404
