"""Every screen in Persian is Persian: words in Latin letters on it are names, examples or codes."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pytest

from peyvand.kernel.money import CURRENCIES
from peyvand.platform.objects.spec import all_objects
from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.web.shell.settings_pages import open_pages

SPOKEN = {"aria-label", "title", "placeholder", "alt", "data-label"}
UNSPOKEN = {"script", "style", "kbd", "code", "svg", "template"}
# Not ours to translate: names of the cast, of formats and of things that are called so in Persian too.
NAMES = {
    *("Sara", "Moini", "Mina", "Sadeghi", "Babak", "Naderi", "Vida", "Viewer", "Arman", "Sales", "English"),
    *("CSV", "XLSX", "VCF", "API", "OpenAPI", "JSON", "UTC", "Asia", "Tehran", "PNG", "JPEG", "HTML"),
    # Numbers of papers, and the places of a pattern.
    *("INV", "PF", "CN", "RC", "year", "yy"),
    *CURRENCIES,
    # Programs of others.
    *("CalDAV", "DAVx", "Thunderbird", "https", "SQL", "SELECT", "DuckDB", "PostgreSQL", "Parquet"),
    *("Ctrl", "Enter", "Esc", "Shift", "Alt", "Tab"),
}
WORD = re.compile(r"[A-Za-z]{2,}")
# Addresses, keys and names of files, and beside its Persian what another program's own button says: «افزودن» (Add).
CODE = re.compile(r"\S*[@/_.#:]\S*|(?<=» )\([A-Za-z ]+\)")


class Spoken(HTMLParser):
    """What a page says: its text and the attributes that are read out."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in UNSPOKEN:
            self._open.append(tag)
        elif not self._open:
            foreign = ("lang", "en") in attrs
            self.said += [text for name, text in attrs if name in SPOKEN and text and not foreign]

    def handle_endtag(self, tag: str) -> None:
        if self._open and self._open[-1] == tag:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        if not self._open:
            self.said.append(data)


def english(page: str) -> set[str]:
    parser = Spoken()
    parser.feed(page)
    return {word for text in parser.said for word in WORD.findall(CODE.sub(" ", text))} - NAMES


def test_the_eye_sees_english() -> None:
    page = '<p title="Save">ذخیره <b>now</b> <code>x</code></p><script>var yes</script><input value="Sara">'
    assert english(page) == {"Save", "now"}


@pytest.mark.timeout(300)
def test_no_screen_speaks_english(cast: Any, browse: Any, acting: Any, subtests: Any) -> None:
    with workspace_scope(cast.arman.id):
        settings = [page.path for page in open_pages(acting(cast.sara))]
    objects = [spec for spec in all_objects() if spec.menu is not None]
    places = [
        "",
        "account/",
        "import/",
        *(f"settings/{path}" for path in settings),
        *(f"{spec.plural}/" for spec in objects),
        *(f"{spec.plural}/new" for spec in objects if spec.creatable),
    ]
    sara = browse(cast.sara)
    for place in places:
        with subtests.test(place):
            answer = sara.get(f"/w/arman/{place}", follow=True)
            page = answer.content.decode()
            assert (answer.status_code, '<html lang="fa"' in page) == (200, True)
            assert english(page) == set()
