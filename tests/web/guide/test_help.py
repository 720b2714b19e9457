"""The user guide inside the product: read in one's language, at the place that speaks of the page one stood on."""

from __future__ import annotations

import re
from typing import Any

import pytest

from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.web.guide.reading import ORDER, TEXT, chapters, section_about
from peyvand.web.shell.navigation import menu_objects, open_screens
from peyvand.web.shell.settings_pages import open_pages


def body(answer: Any) -> str:
    assert answer.status_code == 200, answer.status_code
    found: str = answer.content.decode()
    return found


def test_every_chapter_has_its_place() -> None:
    for language in ("fa", "en"):
        assert {path.stem for path in (TEXT / language).glob("*.md")} == set(ORDER)
        assert all(chapter.title and chapter.sections for chapter in chapters(language))


@pytest.mark.parametrize("language", ["fa", "en"])
def test_a_chapter_is_read_in_the_readers_language(cast: Any, browse: Any, language: str) -> None:
    browser = browse(cast.viewer)
    browser.post("/language", {"language": language, "next": "/"})
    listed = body(browser.get("/w/arman/guide/"))
    for chapter in chapters(language):
        assert chapter.title in listed
        page = body(browser.get(f"/w/arman/guide/{chapter.key}"))
        text = page.partition('class="prose"')[2]
        assert page.count("<h1") == 1
        for section in chapter.sections:
            assert f'<h2 id="{section.anchor}">' in text
        assert 'href="/w/arman/' in text
        assert "/w/~" not in page
        for name in re.findall(r'src="/w/arman/guide/pictures/([^"]+)"', text):
            assert browser.get(f"/w/arman/guide/pictures/{name}").status_code == 200


@pytest.mark.parametrize(
    ("path", "named"),
    [
        ("/", "/"),
        ("/deals/board", "/deals/board"),
        ("/people/42/", "/people/"),
        ("/settings/roles/7/edit", "/settings/roles"),
        ("/deals/42/", "/deals/board"),
    ],
)
def test_a_page_has_its_section(path: str, named: str) -> None:
    found = section_about("fa", path)
    assert found is not None
    assert named in [address.partition("?")[0] for address in found[1].addresses]
    there = section_about("en", path)
    assert there is not None
    assert (there[0].key, there[1].anchor) == (found[0].key, found[1].anchor)


def test_every_screen_and_kind_of_record_has_its_section(cast: Any, acting: Any) -> None:
    """Whoever adds one says in the guide what it is for, and where."""
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        paths = [screen.path for screen in open_screens(ctx) if screen.path != "guide/"]
        paths += [f"{spec.plural}/{page}" for spec in menu_objects(ctx) for page in ("", "42/")]
        paths += [f"settings/{page.path}" for page in open_pages(ctx)]
    without = [path for path in paths for language in ("fa", "en") if not section_about(language, f"/{path}")]
    assert without == []


def test_the_menu_leads_to_what_is_said_about_the_page(cast: Any, browse: Any) -> None:
    browser = browse(cast.viewer)
    page = body(browser.get("/w/arman/people/"))
    assert 'href="/w/arman/guide/?at=people%2F"' in page
    answer = browser.get("/w/arman/guide/?at=people/")
    assert answer.status_code == 302
    assert re.fullmatch(r"/w/arman/guide/\w+#s\d+", answer["Location"])
    assert browser.get("/w/arman/guide/?at=nowhere").status_code == 200


def test_the_palette_finds_a_section(cast: Any, browse: Any) -> None:
    section = chapters("fa")[1].sections[0]
    found = body(browse(cast.viewer).get("/w/arman/palette", {"q": section.title}))
    assert f"/w/arman/guide/{ORDER[1]}#{section.anchor}" in found


@pytest.mark.parametrize("name", ["..%2F..%2Freading.py", "../reading.py", "nothing.png", "reading.py"])
def test_a_picture_is_one_of_the_guides(cast: Any, browse: Any, name: str) -> None:
    assert browse(cast.viewer).get(f"/w/arman/guide/pictures/{name}").status_code == 404
