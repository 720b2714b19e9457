"""Why a question has no answer, in words for whoever asked: what the engine says is English and full of its own terms."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from peyvand.kernel.errors import Message, msg

# So much of what the engine itself says, where nothing better is known.
_LONGEST: Final = 1000
_Case = tuple[re.Pattern[str], Callable[[re.Match[str]], Message]]


def _isolated(text: str) -> str:
    return f"\u2066{text}\u2069"


def _column(found: re.Match[str]) -> Message:
    near = ", ".join(re.findall(r'"([^"]+)"', found["near"] or ""))
    name = _isolated(found["name"])
    if near:
        return msg("There is no column %(name)s. Similar ones: %(near)s.", name=name, near=_isolated(near))
    return msg("There is no column %(name)s.", name=name)


_CASES: Final[tuple[_Case, ...]] = (
    (re.compile(r"one SELECT"), lambda m: msg("Ask one SELECT and nothing else: here one only reads.")),
    (re.compile(r"the answer is too large"), lambda m: msg("The answer is too large. Ask for fewer rows or columns.")),
    (re.compile(r"Out of Memory Error"), lambda m: msg("This needs more memory than a question may take. Ask for less at once.")),
    (re.compile(r"Catalog Error: Table with name (?P<name>.+?) does not exist"),
     lambda m: msg("There is no table %(name)s. The tables stand below.", name=_isolated(m["name"]))),
    (re.compile(r"Catalog Error: \w+ Function with name (?P<name>\S+) does not exist"),
     lambda m: msg("There is no function %(name)s.", name=_isolated(m["name"]))),
    (re.compile(r'Binder Error: (?:Referenced column|Table ".+?" does not have a column named) "(?P<name>[^"]+)"(?P<near>.*)', re.DOTALL), _column),
    (re.compile(r'Binder Error: Referenced table "(?P<name>[^"]+)" not found'),
     lambda m: msg("Nothing is called %(name)s in this question.", name=_isolated(m["name"]))),
    (re.compile(r'Binder Error: column "(?P<name>[^"]+)" must appear in the GROUP BY'),
     lambda m: msg("Either group by %(name)s as well, or sum it up.", name=_isolated(m["name"]))),
    (re.compile(r"Parser Error: SELECT clause without selection list"), lambda m: msg("The question ends too early.")),
    (re.compile(r"Parser Error: syntax error at end of input"), lambda m: msg("The question ends too early.")),
    (re.compile(r'Parser Error: syntax error at or near "(?P<near>.*?)"'),
     lambda m: msg("This is not valid SQL from here on: %(near)s", near=_isolated(m["near"]))),
    (re.compile(r"Permission Error|Invalid Configuration|file system operations are disabled|has been disabled"),
     lambda m: msg("That is not allowed: questions read the tables of this page, no files, networks or settings.")),
    (re.compile(r"nested too deeply|Max expression depth|Recursion level"),
     lambda m: msg("This is nested too deeply, or a sum of too many parts. Ask it in several steps.")),
    (re.compile(r"Conversion Error: (?:Could not convert string|invalid \w+ field format:?) ['\"](?P<value>.*?)['\"]"),
     lambda m: msg("“%(value)s” cannot be read as what it is compared with.", value=m["value"])),
)  # fmt: skip


def why(reason: str) -> Message:
    """The engine's reason as people read it; its own words where they are not known here."""
    for pattern, words in _CASES:
        if found := pattern.search(reason):
            return words(found)
    return msg("This cannot be answered: %(reason)s", reason=reason[:_LONGEST])
