"""The shell around every page: who sees what in it, what it finds and does, and how failures look."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils.translation import override

from peyvand.kernel import clock
from peyvand.operational.activities.public import MEETING, TASK
from peyvand.platform.objects.records import create_record
from peyvand.platform.objects.spec import object_named
from peyvand.platform.workspaces.models import Workspace
from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.web.components.avatars import avatar, initials
from peyvand.web.components.highlight import highlight
from peyvand.web.components.tags import new, times
from peyvand.web.components.words import WORDS, words_json
from peyvand.web.shell.navigation import Screen, menu_objects, open_screens, register_screen
from peyvand.web.shell.today import today_card

FRONTEND = Path(__file__).parents[3] / "frontend"


def text(answer: Any) -> str:
    assert answer.status_code == 200, answer.status_code
    found: str = answer.content.decode()
    return found


@pytest.fixture
def negar(cast: Any, acting: Any) -> Any:
    """A person of Sara's, whose name is written as a Persian keyboard writes it."""
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        company = create_record(
            ctx, object_named("company"), {"name": "بهداشتی آوند طب", "owner": cast.sara.id}
        )
        return create_record(
            ctx, object_named("person"),
            {"given_name": "علی‌رضا", "family_name": "رستگار کیانی", "company": company.id, "owner": cast.sara.id},
        )  # fmt: skip


def task(ctx: Any, **values: Any) -> Any:
    return create_record(
        ctx, TASK, {"title": "تماس با نگار", "owner": ctx.actor.user_id, "due_at": clock.now(), **values}
    )


def test_the_menu_shows_what_the_role_sees(cast: Any, browse: Any) -> None:
    page = text(browse(cast.viewer).get("/w/arman/"))
    assert 'href="/w/arman/people/"' in page
    assert 'href="/w/arman/people/new"' not in page
    assert 'href="/w/arman/people/new"' in text(browse(cast.babak).get("/w/arman/"))


def test_the_menu_goes_area_by_area_and_stays_folded(cast: Any, browse: Any) -> None:
    client = browse(cast.sara)

    def areas() -> dict[str, bool]:
        shown = re.findall(r'data-area="(\w+)" aria-expanded="(\w+)"', text(client.get("/w/arman/people/")))
        return {key: opened == "true" for key, opened in shown}

    known = areas()
    assert list(known)[:3] == ["contacts", "sales", "finance"]
    assert all(known.values())
    client.cookies["folded"] = "sales.insights"
    assert [key for key, opened in areas().items() if not opened] == ["sales", "insights"]


def test_a_module_that_is_off_is_not_there(cast: Any, browse: Any) -> None:
    Workspace.objects.filter(id=cast.arman.id).update(modules_off=["contacts"], access_version=99)
    page = text(browse(cast.sara).get("/w/arman/"))
    assert "/w/arman/people/" not in page
    assert "/w/arman/people/" not in text(browse(cast.sara).get("/w/arman/palette?q=people"))


def test_the_current_place_is_marked_once(cast: Any, browse: Any) -> None:
    (marked,) = re.findall(
        r'<a href="([^"]+)" aria-current="page" data-key', text(browse(cast.sara).get("/w/arman/"))
    )
    assert marked == "/w/arman/"


@pytest.mark.parametrize(("language", "said"), [("fa", ["۲٫۵ برابر", "۳۳ برابر"]), ("en", ["2.5×", "33×"])])
def test_how_often_something_is_covered(language: str, said: list[str]) -> None:
    with override(language):
        assert [times(2.5), times(33.072)] == said


def test_a_screen_or_card_cannot_be_declared_twice() -> None:
    with pytest.raises(ValueError, match="twice"):
        register_screen(Screen("today", "Today", "sun", ""))
    with pytest.raises(ValueError, match="twice"):
        today_card("tasks", order=1, column=1, live="task")(lambda ctx: None)
    with pytest.raises(ValueError, match="columns"):
        today_card("other", order=1, column=4, live="task")


def test_no_two_entries_of_the_menu_look_alike(cast: Any, acting: Any) -> None:
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        icons = [s.icon for s in (*menu_objects(ctx), *open_screens(ctx)) if s.menu is not None]
    assert sorted(icons) == sorted(set(icons))


def test_the_palette_finds_a_name_however_it_is_typed(cast: Any, browse: Any, negar: Any) -> None:
    client = browse(cast.sara)
    for query in ("علی‌رضا", "عليرضا", "علی رضا", "رستگار", "كياني"):
        found = text(client.get("/w/arman/palette", {"q": query}))
        assert f"/w/arman/people/{negar.id}/" in found, query
        assert "<mark>" in found, query
    assert "ي/ی" in text(client.get("/w/arman/palette", {"q": "عليرضا"}))
    assert "data-note" not in text(client.get("/w/arman/palette")) or 'data-note=""' in text(
        client.get("/w/arman/palette")
    )


def test_the_palette_says_when_it_guessed(cast: Any, browse: Any, negar: Any) -> None:
    found = text(browse(cast.sara).get("/w/arman/palette", {"q": "رستگاز"}))
    assert f"/w/arman/people/{negar.id}/" in found
    assert "نزدیک" in found


def test_the_palette_shows_nobody_what_they_may_not_see(cast: Any, browse: Any, negar: Any) -> None:
    found = text(browse(cast.babak).get("/w/arman/palette", {"q": "رستگار", "on": f"person:{negar.id}"}))
    assert f"/people/{negar.id}" not in found
    assert (
        text(browse(cast.cyrus).get("/w/rival/palette", {"q": "رستگار", "on": f"person:{negar.id}"})).find(
            f"people/{negar.id}"
        )
        < 0
    )


def test_the_palette_offers_the_open_records_verbs(cast: Any, browse: Any, acting: Any) -> None:
    with workspace_scope(cast.arman.id):
        open_task = task(acting(cast.babak))
    found = text(browse(cast.babak).get("/w/arman/palette", {"on": f"task:{open_task.id}"}))
    assert f'hx-get="/w/arman/tasks/{open_task.id}/do/complete"' in found
    assert f"/w/arman/tasks/{open_task.id}/do/reopen" not in found
    assert f"tasks/{open_task.id}" not in text(
        browse(cast.viewer).get("/w/arman/palette", {"on": f"task:{open_task.id}"})
    )
    for nonsense in ("task:", "task:x", "task:²", "nothing:1", ":", "task:99999999999999"):
        assert text(browse(cast.babak).get("/w/arman/palette", {"on": nonsense}))


def test_the_palette_shows_markup_as_text(cast: Any, browse: Any, acting: Any) -> None:
    with workspace_scope(cast.arman.id):
        create_record(
            acting(cast.sara),
            object_named("company"),
            {"name": "<img src=x onerror=alert(1)> Ltd", "owner": cast.sara.id},
        )
    found = text(browse(cast.sara).get("/w/arman/palette", {"q": "<img"}))
    assert "<img" not in found
    assert "&lt;" in found


def test_today_shows_my_tasks_the_most_overdue_first(cast: Any, browse: Any, acting: Any, still: Any) -> None:
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        now = clock.now()
        for title, due in (
            ("write to Omid", now + timedelta(days=1)),
            ("ring Zarrin", now - timedelta(days=3)),
            ("next month", now + timedelta(days=40)),
        ):
            task(ctx, title=title, due_at=due)
        task(acting(cast.babak), title="not mine")
        create_record(ctx, MEETING, {"title": "Weekly round", "starts_at": now, "owner": cast.sara.id})
    page = text(browse(cast.sara).get("/w/arman/"))
    assert 0 < page.index("ring Zarrin") < page.index("write to Omid")
    assert "next month" not in page
    assert "not mine" not in page
    assert "۳ روز دیر" in page
    assert "Weekly round" in page


def test_a_task_is_ticked_off_in_place_and_back(cast: Any, browse: Any, acting: Any, still: Any) -> None:
    with workspace_scope(cast.arman.id):
        mine = task(acting(cast.babak))
    client = browse(cast.babak)
    path = f"/w/arman/do/task/{mine.id}/complete?undo=reopen"
    assert path in text(client.get("/w/arman/"))
    answer = client.post(path)
    told = json.loads(answer["HX-Trigger"])
    assert answer.status_code == 204
    assert told["changed"] == {"object": "task", "ids": [mine.id]}
    assert path not in text(client.get("/w/arman/today/tasks"))
    assert client.post(told["toast"]["undo"]).status_code == 204
    assert path in text(client.get("/w/arman/today/tasks"))


def test_a_verb_is_refused_to_others(cast: Any, browse: Any, acting: Any) -> None:
    with workspace_scope(cast.arman.id):
        mine = task(acting(cast.babak))
    path = f"/w/arman/do/task/{mine.id}/complete"
    assert browse(cast.viewer).post(path).status_code in (403, 404)
    assert browse(cast.cyrus).post(path).status_code == 404
    assert browse(cast.cyrus).post(path.replace("arman", "rival")).status_code == 404
    assert browse(cast.babak).get(path).status_code == 405
    for wrong in ("task/complete_many", "user/create", "task/delete", "nothing/x"):
        kind, verb = wrong.split("/")
        assert browse(cast.babak).post(f"/w/arman/do/{kind}/{mine.id}/{verb}").status_code in (403, 404)
    with workspace_scope(cast.arman.id):
        mine.refresh_from_db()
        assert mine.status == "open"


def test_an_unknown_card_is_not_found(cast: Any, browse: Any) -> None:
    assert browse(cast.sara).get("/w/arman/today/nothing").status_code == 404


@pytest.mark.parametrize("language", ["fa", "en"])
def test_failures_are_pages(cast: Any, browse: Any, language: str) -> None:
    guest = Client(headers={"accept-language": language})
    missing = guest.get("/nowhere")
    assert missing.status_code == 404
    assert f'<html lang="{language}"' in missing.content.decode()
    inside = browse(cast.sara).get("/w/arman/nowhere")
    assert inside.status_code == 404
    assert "اینجا چیزی نیست" in inside.content.decode()
    assert 'id="dialog"' in inside.content.decode(), "the menu stays around it"
    closed = browse(cast.babak).get("/w/arman/settings/discounts")
    assert closed.status_code == 403
    assert 'id="dialog"' in closed.content.decode()
    part = browse(cast.sara).get("/w/arman/nowhere", headers={"HX-Request": "true"})
    assert "<html" not in part.content.decode()
    assert browse(cast.cyrus).get("/w/arman/").status_code == 404


def test_a_defect_gives_a_number_and_no_secrets(
    cast: Any, browse: Any, monkeypatch: Any, caplog: Any
) -> None:
    from peyvand.web.shell import palette

    def broken(*_: Any) -> None:
        raise RuntimeError("the secret of the database")

    monkeypatch.setattr(palette, "find", broken)
    answer = browse(cast.sara).get("/w/arman/palette?q=x")
    page = answer.content.decode()
    assert answer.status_code == 500
    assert "secret" not in page
    number = re.search(r'class="ltr">([0-9a-f]{8})<', page)
    assert number
    assert number[1] in caplog.text


def test_it_installs_as_an_app() -> None:
    manifest = json.loads(Client().get("/manifest.webmanifest").content)
    assert manifest["display"] == "standalone"
    static = Path(__file__).parents[3] / "src/peyvand/web/static"
    for image in manifest["icons"]:
        assert (static / image["src"].removeprefix("/static/")).is_file()


def test_today_costs_the_same_however_much_there_is(cast: Any, browse: Any, acting: Any, still: Any) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client = browse(cast.sara)
    client.get("/w/arman/")

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            text(client.get("/w/arman/"))
        return len(captured)

    with workspace_scope(cast.arman.id):
        task(acting(cast.sara))
        create_record(
            acting(cast.sara), MEETING, {"title": "One", "starts_at": clock.now(), "owner": cast.sara.id}
        )
    few = queries()
    with workspace_scope(cast.arman.id):
        for n in range(6):
            task(acting(cast.sara), title=f"task {n}")
            create_record(
                acting(cast.sara),
                MEETING,
                {"title": f"m {n}", "starts_at": clock.now(), "owner": cast.sara.id},
            )
    assert queries() == few


def test_scripts_and_server_know_the_same_words() -> None:
    english = json.loads((FRONTEND / "src/strings.json").read_text(encoding="utf-8"))
    with override("en"):
        assert {key: str(word) for key, word in WORDS.items()} == english
    persian = json.loads(re.sub(r"</?script[^>]*>", "", words_json("fa")))
    assert persian.keys() == english.keys()
    untranslated = {key for key in english if persian[key] == english[key]}
    assert not untranslated
    places = re.compile(r"\{\w+\}")
    assert all(set(places.findall(persian[key])) == set(places.findall(english[key])) for key in english)


@pytest.mark.parametrize(
    ("name", "small", "large"),
    [
        ("نگار رستگار", "ن", "ن\u200cر"),
        ("علی‌رضا", "ع", "ع\u200cر"),
        ("Ada", "A", "A"),
        ("  (ada) lovelace", "A", "A\u200cL"),
        ("", "·", "·"),
        ("۱۲ شرکت", "۱", "۱\u200cش"),
        ("Babak Naderi · November 2026", "B", "B\u200cN"),
        ("الهام فرهمند · آبان ۱۴۰۵", "ا", "ا\u200cف"),
    ],
)
def test_initials(name: str, small: str, large: str) -> None:
    assert initials(name) == small
    assert initials(name, 2) == large


def test_avatars_are_round_or_square_and_safe() -> None:
    assert avatar("آوند", "company", 7) == '<span class="av t2 co" aria-hidden="true">آ</span>'
    assert "<b>" not in avatar("<b>", "person")


@pytest.mark.parametrize(
    ("written", "query", "marked"),
    [
        ("علی‌رضا رستگار", "عليرضا", "<mark>علی‌رضا</mark> رستگار"),
        ("کیانی", "كيان", "<mark>کیان</mark>ی"),
        ("۰۹۱۲ ۳۴", "0912", "<mark>۰۹۱۲</mark> ۳۴"),
        ("A<b> & co", "a<b>", "<mark>A&lt;b</mark>&gt; &amp; co"),
        ("nothing", "zzz", "nothing"),
        ("", "x", ""),
    ],
)
def test_found_letters_are_marked(written: str, query: str, marked: str) -> None:
    assert highlight(written, query) == marked


def test_an_address_without_its_last_slash_is_led_on(cast, browse):
    answer = browse(cast.sara).get("/w/arman/people?view=all")
    assert (answer.status_code, answer["Location"]) == (302, "/w/arman/people/?view=all")
    assert browse(cast.sara).get("/w/arman/nothing-here").status_code == 404


@pytest.mark.parametrize(
    ("label", "said"),
    [("زنجیره", "زنجیرهٔ"), ("رایانامه", "رایانامهٔ"), ("گروه", "گروه"), ("فهرست قیمت", "فهرست قیمت"), ("Person", "person"), ("SMS", "SMS")],
)  # fmt: skip
def test_what_is_new_is_joined_to_its_word(label: str, said: str) -> None:
    assert new(label) == said
