"""Strangers' HTML as tags that open and close in order, few within each other.

What the standard makes of tags that do not is work and memory by the square of their number: 500 KB of «<div>» take minutes,
100 KB of «<b title=1><b title=2>…» and paragraphs after them many gigabytes; and so is what it makes of «&amp;», one after
another. Here every sign is looked at once.
"""

from __future__ import annotations

import re
from html import unescape
from typing import Final

# A letter's tags stand in so many others; what is deeper goes on without its tags.
DEEPEST: Final = 100
# These are opened anew in each paragraph that they reach over.
MOST_MARKED: Final = 8
LONGEST_TAG: Final = 8000
# So many signs of a letter can only be written as «&lt;» or «&amp;»; a letter with more of them ends there.
MOST_SIGNS: Final = 20_000
_MARKS: Final = {"a", "b", "big", "code", "em", "font", "i", "s", "small", "strike", "strong", "tt", "u"}
_VOID: Final = {"br", "col", "hr", "img"}
_TAG: Final = re.compile(r"(/?)([a-zA-Z][a-zA-Z0-9]{0,15})(?=[\s/>])([^<>]*)>")
_BEGUN: Final = re.compile(r"/?[a-zA-Z][^<>]*>?")
_ATTRIBUTE: Final = re.compile(r"""([a-zA-Z][a-zA-Z-]{0,20})\s*=\s*("[^"]*"|'[^']*'|[^\s"'<>]+)""")


def balanced(html: str, tags: set[str], silent: set[str]) -> tuple[str, bool]:
    """The HTML with only these tags, each closed where it should be; without what ``silent`` ones hold, and without comments.
    And whether it was cut off, because of MOST_SIGNS."""
    out: list[str] = []
    opened: list[str] = []
    at = signs = 0
    while (found := html.find("<", at)) >= 0:
        text = _text(html[at:found])
        signs += text.count("&")
        if signs >= MOST_SIGNS:
            break
        out.append(text)
        if html.startswith("<!", found) or html.startswith("<?", found):
            end = "-->" if html.startswith("<!--", found) else ">"
            closes = html.find(end, found)
            at = closes + len(end) if closes >= 0 else len(html)
            continue
        match = _TAG.match(html, found + 1)
        if match is None:
            # The beginning of a tag that never ends is left out, as browsers do; any other is a sign.
            broken = _BEGUN.match(html, found + 1)
            out.append("" if broken else "&lt;")
            signs += not broken
            at = broken.end() if broken else found + 1
            continue
        at, name = match.end(), match[2].lower()
        if name in silent and not match[1]:
            ends = re.compile(rf"</{name}[^<>]*>", re.IGNORECASE).search(html, at)
            at = ends.end() if ends else len(html)
        elif name in tags:
            out.append(_closed(name, opened) if match[1] else _opened(name, match[3], opened))
    rest = _text(html[at:]) if found < 0 else ""
    is_cut = found >= 0 or signs + rest.count("&") > MOST_SIGNS
    if found < 0:
        out.append(rest if not is_cut else rest[: _place_of(rest, "&", MOST_SIGNS - signs)])
    return "".join(out) + "".join(f"</{name}>" for name in reversed(opened)), is_cut


def _text(text: str) -> str:
    """Text between tags, with as few entities as can be."""
    return unescape(text).replace("&", "&amp;").replace("<", "&lt;") if "&" in text else text


def _place_of(text: str, sign: str, nth: int) -> int:
    """Where a sign stands for the nth time, from 0."""
    at = -1
    for _ in range(nth + 1):
        at = text.find(sign, at + 1)
    return at


def _opened(name: str, attributes: str, opened: list[str]) -> str:
    if name not in _VOID:
        if len(opened) >= DEEPEST or (name in _MARKS and sum(n in _MARKS for n in opened) >= MOST_MARKED):
            return ""
        opened.append(name)
    said = _ATTRIBUTE.findall(attributes) if len(attributes) <= LONGEST_TAG else []
    bare = ((key, value[1:-1] if value[0] in "\"'" else value) for key, value in said)
    return "".join(
        (f"<{name}", *(f' {key}="{value.replace(chr(34), "&quot;")}"' for key, value in bare), ">")
    )


def _closed(name: str, opened: list[str]) -> str:
    if name not in opened:
        return ""
    closed = ""
    while (last := opened.pop()) != name:
        closed += f"</{last}>"
    return f"{closed}</{name}>"
