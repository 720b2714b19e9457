"""The chapters of the user guide: Markdown in ``text/``, the same sections in every language, read once by a process."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

TEXT: Final = Path(__file__).parent / "text"
PICTURES: Final = TEXT / "pictures"
# In the order in which somebody reads who begins.
ORDER: Final = ("start", "data", "sales", "automations", "insights", "settings")
# Stands for the reader's workspace in what was drawn for everybody.
_WORKSPACE: Final = "/w/~"


@dataclass(frozen=True)
class Section:
    """Words under a heading. ``anchor`` is the same in every language; ``addresses`` are the places that it speaks of."""

    anchor: str
    title: str
    addresses: tuple[str, ...]


@dataclass(frozen=True)
class Chapter:
    key: str
    title: str
    sections: tuple[Section, ...]
    html: str

    def drawn(self, base: str) -> SafeString:
        """As HTML, whose addresses lie in the workspace at ``base`` ("/w/arman")."""
        # The text is ours, and so is all that was drawn of it.
        return mark_safe(self.html.replace(_WORKSPACE, base))  # noqa: S308


@cache
def chapters(language: str) -> tuple[Chapter, ...]:
    """All chapters in a language ("fa", "en")."""
    return tuple(_read(key, (TEXT / language / f"{key}.md").read_text(encoding="utf-8")) for key in ORDER)


def section_about(language: str, path: str) -> tuple[Chapter, Section] | None:
    """The section that speaks of a page ("/deals/42/"): of the very place, else of the nearest above it, else of a neighbour."""
    best, found = 0, None
    for chapter in chapters(language):
        for section in chapter.sections:
            for address in section.addresses:
                near = _nearness(address.partition("?")[0], path)
                if near > best:
                    best, found = near, (chapter, section)
    return found


def _nearness(address: str, path: str) -> int:
    """How much of the path an address shares; nothing if it speaks of something else."""
    if address == path:
        return len(path) + 1
    place = f"{address.rstrip('/')}/"
    if place == "/":
        return 0
    if path.startswith(place):
        return len(place)
    # One letter: it loses against whatever lies above the page.
    first = path[1:].partition("/")[0]
    return 1 if address.startswith(f"/{first}/") else 0


class _Drawing(RendererHTML):
    """Places of the product become links to them, pictures come from the guide's own address when they are seen."""

    def code_inline(self, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
        """An address is a link, and read from the left in either direction of writing."""
        said = escape(tokens[at].content)
        code = f'<code dir="ltr">{said}</code>'
        return f'<a href="{_WORKSPACE}{said}">{code}</a>' if said.startswith("/") else code

    def image(self, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
        token = tokens[at]
        name = str(token.attrs["src"]).rpartition("/")[2]
        alt = escape(self.renderInlineAsText(token.children or [], options, env))
        return f'<img src="{_WORKSPACE}/guide/pictures/{escape(name)}" alt="{alt}" loading="lazy">'


def _read(key: str, text: str) -> Chapter:
    markdown = MarkdownIt("commonmark", {"html": True}, renderer_cls=_Drawing).enable("table")
    tokens = markdown.parse(text)
    title, sections = "", list[Section]()
    for n, token in enumerate(tokens):
        if token.type != "heading_open":
            continue
        said = _plain(tokens[n + 1])
        if token.tag == "h1":
            title = said
            # The page's own heading says it.
            for each in tokens[n : n + 3]:
                each.hidden = True
            tokens[n + 1].children, tokens[n + 1].content = [], ""
        elif token.tag == "h2":
            anchor = f"s{len(sections) + 1}"
            token.attrSet("id", anchor)
            # What is named before the first section belongs to it.
            begin = n + 1 if sections else 0
            sections.append(Section(anchor, said, tuple(_addresses(tokens, begin, n + 1))))
    return Chapter(key, title, tuple(sections), markdown.renderer.render(tokens, markdown.options, {}))


def _plain(heading: Token) -> str:
    return "".join(child.content for child in heading.children or [])


def _addresses(tokens: Sequence[Token], begin: int, own: int) -> Iterator[str]:
    """The places named from ``begin`` to the next heading of a section after ``own``."""
    for n, token in enumerate(tokens[begin:], begin):
        if n >= own and token.type == "heading_open" and token.tag == "h2":
            return
        for child in token.children or []:
            if child.type == "code_inline" and child.content.startswith("/"):
                yield child.content
