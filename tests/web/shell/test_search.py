"""The page of all results, the palette's way to it, and the API: the same answers, and nothing that acts in what is shown."""

from __future__ import annotations

import re
from typing import Any

import pytest

from peyvand.platform.identity.actor import access_changed
from peyvand.platform.identity.models import Role, User
from peyvand.platform.objects.records import create_record
from peyvand.platform.objects.spec import object_named
from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.testing.programs import program_of


def text(answer: Any) -> str:
    assert answer.status_code == 200, answer.status_code
    found: str = answer.content.decode()
    return found


@pytest.fixture
def note(cast: Any, acting: Any) -> Any:
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        create_record(ctx, object_named("company"), {"name": "ساختمانی البرز"})
        body = "<script>alert(1)</script> بازدید از ساختمان‌های البرز & <b>تهران</b>"
        return create_record(ctx, object_named("note"), {"text": f"یادداشت روز\n{body}"})


def test_the_page_shows_where_it_was_found_and_nothing_in_it_acts(cast, browse, note):
    page = text(browse(cast.sara).get("/w/arman/search", {"q": "ساختمان"}))
    assert f'href="/w/arman/notes/{note.id}/"' in page
    assert "<mark>ساختمان</mark>" in page
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "<b>تهران" not in page
    assert "aria-current" not in re.search(r'<nav class="found-facets".*?</nav>', page, re.DOTALL)[0]


def test_each_result_says_what_it_is_about_and_since_when(cast, acting, browse, note):
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        firm = create_record(ctx, object_named("company"), {"name": "کاشی کویر"})
        create_record(ctx, object_named("task"), {"title": "پرسیدن نظر", "about": f"company:{firm.id}"})
        role = Role.objects.create(
            key="guard", name="Guard", grants={"*.view": "all"},
            fields={"task.about": "hidden", "task.created_at": "hidden"},
        )  # fmt: skip
        User.objects.filter(id=cast.babak.id).update(role=role)
        access_changed(cast.arman.id)
    line = text(browse(cast.sara).get("/w/arman/search", {"q": "پرسیدن"})).split('class="found-line"')[1]
    assert "کاشی کویر" in line
    assert "<time" in line
    hidden = text(browse(cast.babak).get("/w/arman/search", {"q": "پرسیدن"})).split('class="found-line"')[1]
    assert "کاشی کویر" not in hidden
    assert "<time" not in hidden


def test_a_query_that_is_markup_is_only_text(cast, browse, note):
    page = text(browse(cast.sara).get("/w/arman/search", {"q": '"><img src=x onerror=alert(1)> البرز'}))
    assert "<img src=x" not in page


def test_facets_narrow_and_are_taken_off_again(cast, browse, note):
    page = text(browse(cast.sara).get("/w/arman/search", {"q": "البرز", "object": "note"}))
    assert "ساختمانی البرز" not in page
    assert 'aria-current="true"' in page
    assert 'href="?q=%D8%A7%D9%84%D8%A8%D8%B1%D8%B2"' in page


def test_a_typo_is_told_and_nothing_is_said_plainly(cast, browse, note):
    sara = browse(cast.sara)
    page = text(sara.get("/w/arman/search", {"q": "ساخنمان بازدبد"}))
    assert f"/notes/{note.id}/" in page
    assert "بازدید" in page
    empty = text(sara.get("/w/arman/search", {"q": "ققققققق"}))
    assert 'class="empty page-empty"' in empty
    for odd in ("", " ", "'", "\\", "%_", "&|!():*", "\x00", "ها", "a" * 500, "؟!"):
        text(
            sara.get(
                "/w/arman/search", {"q": odd, "object": "nothing", "owner": "x", "days": "-1", "show": "zz"}
            )
        )
        text(sara.get("/w/arman/palette", {"q": odd}))


def test_the_palette_leads_to_texts_and_to_all_results(cast, browse, note):
    options = text(browse(cast.sara).get("/w/arman/palette", {"q": "بازدید"}))
    assert f'href="/w/arman/notes/{note.id}/"' in options
    assert "/w/arman/search?q=" in options


def test_recent_searches_are_a_persons_own_and_can_be_forgotten(cast, browse, note):
    sara, mina = browse(cast.sara), browse(cast.mina)
    sara.get("/w/arman/search", {"q": "البرز"})
    sara.get("/w/arman/search", {"q": "ققققققق"})
    assert "البرز" in text(sara.get("/w/arman/search"))
    assert "ققققققق" not in text(sara.get("/w/arman/search"))
    assert "البرز" in text(sara.get("/w/arman/palette"))
    assert "البرز" not in text(mina.get("/w/arman/search"))
    assert sara.post("/w/arman/search/forget").status_code == 302
    assert "البرز" not in text(sara.get("/w/arman/search"))


def test_the_api_answers_the_same_and_only_what_may_be_seen(cast, note):
    sara, cyrus = program_of(cast.sara, cast.arman), program_of(cast.cyrus, cast.rival)
    found = sara.get("search", q="بازديد").json
    assert [(i["object"], i["id"], i["source"]) for i in found["items"]] == [("note", note.id, "text")]
    assert "بازدید" in found["items"][0]["excerpt"]
    assert found["facets"]["objects"] == {"note": 1}
    assert cyrus.get("search", q="بازدید").json["items"] == []
    for wrong in (
        {},
        {"q": "x" * 101},
        {"q": "x", "object": "no"},
        {"q": "x", "days": "5"},
        {"q": "x", "limit": "0"},
    ):
        assert sara.get("search", **wrong).status == 422


@pytest.mark.parametrize("access", ["hidden", "masked"])
def test_a_text_whose_field_is_hidden_finds_nothing(cast, note, access):
    with workspace_scope(cast.arman.id):
        role = Role.objects.create(
            key="guard",
            name="Guard",
            grants={"*.view": "all"},
            fields={"note.text": access, "meeting.outcome": access},
        )
        User.objects.filter(id=cast.babak.id).update(role=role)
        access_changed(cast.arman.id)
    babak = program_of(cast.babak, cast.arman)
    answer = babak.get("search", q="بازدید").json
    assert answer["items"] == []
    assert answer["count"] == 0
    assert answer["meant"] is None
    assert all(i["object"] != "note" for i in babak.get("search", q="بازدید البرز").json["items"])


def test_who_sees_only_their_own_finds_only_their_own(cast, acting, note):
    with workspace_scope(cast.arman.id):
        role = Role.objects.create(
            key="own", name="Own", grants={"*.view": "own", "company.view": "own"}, fields={}
        )
        User.objects.filter(id=cast.babak.id).update(role=role)
        mine = create_record(
            acting(cast.sara), object_named("note"), {"text": "بازدید بابک", "owner": cast.babak.id}
        )
        access_changed(cast.arman.id)
    found = program_of(cast.babak, cast.arman).get("search", q="بازدید").json
    assert [i["id"] for i in found["items"]] == [mine.id]
    assert found["count"] == 1
