"""The screens: comparing, merging with a way back, the queue and its answers, the warning in the form, the rules."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from peyvand.operational.duplicates.matching.engine import Evidence, Match
from peyvand.operational.duplicates.models import Pair, Rules, Search
from peyvand.operational.duplicates.searching import store
from peyvand.platform.objects.records import create_record
from peyvand.platform.objects.spec import object_named
from peyvand.platform.workspaces.scope import workspace_scope

PERSON = object_named("person")
HX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def pair(cast: Any, acting: Callable[..., Any]) -> tuple[int, int]:
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        one = create_record(
            ctx,
            PERSON,
            {"given_name": "ندا", "family_name": "رستم‌پور", "phones": "09121112233", "city": "یزد"},
        )
        other = create_record(
            ctx, PERSON, {"given_name": "ندا", "family_name": "رستم پور", "job_title": "مدیر خرید"}
        )
        evidence = (Evidence("name", "the same name", 9.0), Evidence("phones", "other phones", -4.0))
        store("person", 1, [Match(one.id, other.id, 0.97, evidence)])
        return one.id, other.id


def state(cast: Any) -> str:
    with workspace_scope(cast.arman.id):
        return str(Pair.objects.get().state)


def test_records_chosen_in_a_list_are_compared_and_merged_and_taken_apart(
    cast: Any, browse: Any, pair: tuple[int, int]
) -> None:
    one, other = pair
    sara, query = browse(cast.sara), f"ids={pair[0]}&ids={pair[1]}"
    chosen = sara.get(f"/w/arman/people/merge?{query}", **HX)
    assert chosen["HX-Redirect"] == f"/w/arman/people/merge?ids={one}&ids={other}"
    page = sara.get(f"/w/arman/people/merge?{query}").content.decode()
    assert page.count('name="winner"') == 2
    assert f'name="choice-family_name" value="{other}"' in page
    assert 'name="choice-city"' in page
    done = sara.post("/w/arman/people/merge", {"ids": pair, "winner": one, "choice-family_name": other}, **HX)
    assert json.loads(done["HX-Location"])["path"] == f"/w/arman/people/{one}/"
    toast = json.loads(done["HX-Trigger"])["toast"]
    assert sara.get(f"/w/arman/people/{other}/").url == f"/w/arman/people/{one}/"
    with workspace_scope(cast.arman.id):
        merged = PERSON.rows.get(id=one)
        assert (merged.family_name, merged.job_title, merged.city) == ("رستم پور", "مدیر خرید", "یزد")
    undone = sara.post(toast["undo"], **HX)
    assert "toast" in json.loads(undone["HX-Trigger"])
    assert sara.get(f"/w/arman/people/{other}/").status_code == 200
    again = json.loads(sara.post(toast["undo"], **HX)["HX-Trigger"])["toast"]
    assert again["kind"] == "bad"


def test_one_record_is_merged_with_another_from_its_page(
    cast: Any, browse: Any, pair: tuple[int, int]
) -> None:
    sara = browse(cast.sara)
    assert f"/w/arman/people/{pair[0]}/merge" in sara.get(f"/w/arman/people/{pair[0]}/").content.decode()
    assert 'name="ids"' in sara.get(f"/w/arman/people/{pair[0]}/merge", **HX).content.decode()
    assert sara.get(f"/w/arman/people/merge?ids={pair[0]}").status_code == 422
    viewer = browse(cast.viewer)
    assert "/merge" not in viewer.get(f"/w/arman/people/{pair[0]}/").content.decode()
    assert viewer.get(f"/w/arman/people/{pair[0]}/merge").status_code == 403
    assert viewer.post("/w/arman/people/merge", {"ids": pair, "winner": pair[0]}).status_code == 403


def test_the_queue_shows_a_pair_with_its_reasons_and_takes_every_answer(
    cast: Any, browse: Any, pair: tuple[int, int]
) -> None:
    sara = browse(cast.sara)
    assert sara.get("/w/arman/duplicates/").url == "/w/arman/duplicates/people/"
    page = sara.get("/w/arman/duplicates/people/").content.decode()
    with workspace_scope(cast.arman.id):
        id = Pair.objects.get().id
    assert f"/w/arman/duplicates/people/{id}" in page
    assert page.count('<li class="for">') == 1
    assert page.count('<li class="against">') == 1
    later = sara.post(f"/w/arman/duplicates/people/{id}/later", **HX)
    assert state(cast) == "later"
    assert str(id) in sara.get("/w/arman/duplicates/people/?state=later").content.decode()
    sara.post(json.loads(later["HX-Trigger"])["toast"]["undo"], **HX)
    assert state(cast) == "open"
    sara.post(f"/w/arman/duplicates/people/{id}/different", **HX)
    assert state(cast) == "different"
    sara.post(f"/w/arman/duplicates/people/{id}/open", **HX)
    turned = sara.post(
        f"/w/arman/duplicates/people/{id}", {"winner": pair[1], "look": "1"}, **HX
    ).content.decode()
    assert f'value="{pair[1]}" checked' in turned
    merged = sara.post(f"/w/arman/duplicates/people/{id}", {"winner": pair[1]}, **HX)
    assert "undo" in json.loads(merged["HX-Trigger"])["toast"]
    assert state(cast) == "merged"
    assert sara.get(f"/w/arman/people/{pair[0]}/").url == f"/w/arman/people/{pair[1]}/"


def test_the_queue_is_closed_to_who_may_not_merge(cast: Any, browse: Any, pair: tuple[int, int]) -> None:
    viewer = browse(cast.viewer)
    assert viewer.get("/w/arman/duplicates/people/").status_code == 403
    assert viewer.post("/w/arman/duplicates/people/search").status_code == 403
    assert viewer.get("/w/arman/duplicates/deals/").status_code == 404
    member = browse(cast.babak)
    assert member.get("/w/arman/duplicates/people/").status_code == 403
    with workspace_scope(cast.arman.id):
        id = Pair.objects.get().id
    for who in (viewer, member):
        assert who.post(f"/w/arman/duplicates/people/{id}/different").status_code == 403
    rival = browse(cast.cyrus)
    assert rival.post(f"/w/rival/duplicates/people/{id}/different").status_code == 404
    assert state(cast) == "open"


def test_a_search_is_asked_for_once_and_shows_how_far_it_is(cast: Any, browse: Any) -> None:
    sara = browse(cast.sara)
    for _ in range(2):
        assert sara.post("/w/arman/duplicates/people/search").status_code == 302
    with workspace_scope(cast.arman.id):
        asked = Search.objects.get()
        Search.objects.filter(id=asked.id).update(state="running", step="learn", percent=30)
    assert 'aria-valuenow="30"' in sara.get("/w/arman/duplicates/people/progress").content.decode()
    with workspace_scope(cast.arman.id):
        Search.objects.filter(id=asked.id).update(state="done")
    assert sara.get("/w/arman/duplicates/people/progress")["HX-Refresh"] == "true"


def test_sure_pairs_are_shown_before_all_are_merged(cast: Any, browse: Any, pair: tuple[int, int]) -> None:
    sara = browse(cast.sara)
    sara.post("/w/arman/settings/duplicates", {"object": "person", "least": "۷۰", "sure": "95"})
    with workspace_scope(cast.arman.id):
        rules = Rules.objects.get()
        assert (rules.least, rules.sure, rules.is_nightly, rules.tells_hidden) == (70, 95, False, False)
    assert "رستم" in sara.get("/w/arman/duplicates/people/sure", **HX).content.decode()
    assert "toast" in sara.post("/w/arman/duplicates/people/sure", **HX)["HX-Trigger"]
    assert (
        sara.post(
            "/w/arman/settings/duplicates", {"object": "person", "least": "10", "sure": "95"}
        ).status_code
        == 422
    )
    assert browse(cast.viewer).get("/w/arman/settings/duplicates").status_code == 403


def test_the_form_warns_of_who_is_there_already(cast: Any, browse: Any, pair: tuple[int, int]) -> None:
    sara = browse(cast.sara)
    assert "/w/arman/people/similar" in sara.get("/w/arman/people/new", **HX).content.decode()
    assert "/similar" not in sara.get("/w/arman/deals/new", **HX).content.decode()
    warned = sara.post(
        "/w/arman/people/similar", {"phones-0-value": "۰۹۱۲۱۱۱۲۲۳۳", "phones-count": "1", "given_name": "ن"}
    ).content.decode()
    assert f"/w/arman/people/{pair[0]}/" in warned
    assert sara.post("/w/arman/people/similar", {"given_name": "ن"}).content.decode().strip() == ""
