"""HTML of strangers made harmless, plain text of HTML, and HTML of plain text.

What is left of a stranger's HTML has no scripts, forms, frames or styles but a few that cannot reach out. It is shown
nowhere but in a frame that can do nothing (web/reading.py), so that what slips through here still finds a closed door.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Final

import nh3
from django.utils.html import escape

from peyvand.collaborative.mail.balancing import balanced

_TAGS: Final = {
    "a", "abbr", "b", "bdi", "bdo", "big", "blockquote", "br", "caption", "center", "cite", "code", "col", "colgroup", "dd", "del", "div",
    "dl", "dt", "em", "figcaption", "figure", "font", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img", "ins", "kbd", "li", "mark",
    "ol", "p", "pre", "q", "s", "small", "span", "strike", "strong", "sub", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr",
    "tt", "u", "ul",
}  # fmt: skip
_ANY: Final = {"dir", "lang", "title", "align", "valign", "style", "width", "height", "bgcolor"}
_ATTRIBUTES: Final = {
    "*": _ANY,
    "a": {"href"},
    "img": {"src", "alt"},
    "font": {"color", "face", "size"},
    "table": {"border", "cellpadding", "cellspacing"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
    "ol": {"start", "type"},
    "col": {"span"},
}
# Nothing with an address in it, and nothing that takes a thing out of its place.
_STYLES: Final = {
    "background-color", "border", "border-bottom", "border-collapse", "border-color", "border-left", "border-radius", "border-right",
    "border-spacing", "border-style", "border-top", "border-width", "color", "direction", "font-family", "font-size", "font-style",
    "font-weight", "height", "letter-spacing", "line-height", "margin", "margin-bottom", "margin-left", "margin-right", "margin-top",
    "max-width", "min-width", "padding", "padding-bottom", "padding-left", "padding-right", "padding-top", "text-align",
    "text-decoration", "text-indent", "text-transform", "unicode-bidi", "vertical-align", "white-space", "width",
}  # fmt: skip
_SILENT: Final = {
    "script",
    "style",
    "title",
    "template",
    "noscript",
    "svg",
    "math",
    "object",
    "select",
    "textarea",
}
LONGEST: Final = 500_000
_LINK: Final = re.compile(r"(?:https?://|www\.)[^\s<>\"'«»]+[^\s<>\"'«».,;:!?)\]}،؛؟]")
_RTL: Final = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_LTR: Final = re.compile("[A-Za-z\u00c0-\u024f]")


def harmless(html: str) -> str:
    """The HTML without anything that acts; links open elsewhere and tell nobody where they were pressed."""
    return cleaned(html)[0]


def cleaned(html: str) -> tuple[str, bool]:
    """As ``harmless``; and whether it was cut off, because there is too much of it."""
    tidy, is_cut = balanced(html[:LONGEST], _TAGS, _SILENT)
    safe = nh3.clean(
        tidy,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes={"http", "https", "mailto", "tel", "cid"},
        clean_content_tags=_SILENT,
        filter_style_properties=_STYLES,
        attribute_filter=_judge,
        link_rel="noopener noreferrer nofollow",
        set_tag_attribute_values={"a": {"target": "_blank"}},
        strip_comments=True,
    )  # fmt: skip
    return safe, is_cut or len(html) > LONGEST


def loads_pictures(html: str) -> bool:
    """Whether showing it would fetch pictures from elsewhere."""
    return bool(re.search(r"<img[^>]+src=\"https?:", html))


def _judge(tag: str, attribute: str, value: str) -> str | None:
    if attribute == "src" and not value.lower().lstrip().startswith(("http://", "https://", "cid:")):
        return None
    if attribute == "style" and re.search(r"url|expression|@import|\\", value, re.IGNORECASE):
        return None
    return value


def reads_from_right(text: str) -> bool:
    """Whether the text is mostly in letters that read from right to left."""
    beginning = _LINK.sub("", text[:4000])
    return len(_RTL.findall(beginning)) > len(_LTR.findall(beginning))


def html_of(text: str) -> str:
    """Plain text as HTML for a letter: paragraphs, lines and links, in the direction of its letters."""
    paragraphs = [part for part in re.split(r"\n{2,}", text.strip()) if part.strip()]
    direction = "rtl" if reads_from_right(text) else "ltr"
    body = "\n".join(f'<p dir="auto">{_linked(part)}</p>' for part in paragraphs)
    return f'<div dir="{direction}">\n{body}\n</div>'


def _linked(text: str) -> str:
    out: list[str] = []
    at = 0
    for match in _LINK.finditer(text):
        out.append(escape(text[at : match.start()]))
        url = match[0] if "://" in match[0] else f"https://{match[0]}"
        out.append(f'<a href="{escape(url)}">{escape(match[0])}</a>')
        at = match.end()
    return ("".join(out) + escape(text[at:])).replace("\n", "<br>\n")


class _Text(HTMLParser):
    """Collects what a reader would see."""

    _SILENT: Final = {"script", "style", "title", "head", "template", "noscript", "svg", "math", "object"}
    _BREAKS: Final = {
        "p", "div", "br", "tr", "li", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "table", "ul", "ol", "pre", "hr",
    }  # fmt: skip

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self._SILENT:
            self._silent += 1
        elif tag in self._BREAKS:
            self.parts.append("\n")
        elif tag in ("td", "th"):
            self.parts.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in self._SILENT:
            self._silent = max(0, self._silent - 1)
        elif tag in ("p", "blockquote", "table", "h1", "h2", "h3"):
            self.parts.append("\n\n")
        elif tag in ("div", "li"):
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.parts.append(re.sub(r"\s+", " ", data))


def text_of(html: str) -> str:
    """What HTML says, as plain text. It is read once it is harmless: nothing in it is left open then."""
    reader = _Text()
    reader.feed(harmless(html))
    reader.close()
    lines = (line.strip() for line in "".join(reader.parts).splitlines())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
