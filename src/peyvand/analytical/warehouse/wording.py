"""Why a question has no answer, in words for whoever asked: what the engine says is English and full of its own terms.

What is known exactly is said so; of the rest the kind: too large, too long, of another type. The engine's own words are told beside it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from peyvand.kernel.errors import Message, msg

# So much of what the engine itself says.
_LONGEST: Final = 1000
# Where this server keeps its files is nobody's question.
_PATH: Final = re.compile(r"(?<![\w.])/(?:[^\s/\"']+/)+[^\s\"']*")
_OWN: Final = re.compile(r"^[\w ]+ Error: ")
_Case = tuple[re.Pattern[str], Callable[[re.Match[str]], Message]]


def _column(found: re.Match[str]) -> Message:
    near = ", ".join(re.findall(r'"([^"]+)"', found["near"] or ""))
    name = found["name"]
    if near:
        return msg("There is no column %(name)s. Similar ones: %(near)s.", name=name, near=near)
    return msg("There is no column %(name)s.", name=name)


_CASES: Final[tuple[_Case, ...]] = (
    (re.compile(r"one SELECT"), lambda m: msg("Ask one SELECT and nothing else: here one only reads.")),
    (re.compile(r"the answer is too large"), lambda m: msg("The answer is too large. Ask for fewer rows or columns.")),
    (re.compile(r"Out of Memory Error|IO Error: Could not write file"),
     lambda m: msg("This needs more memory than a question may take. Ask for less at once.")),
    (re.compile(r"Catalog Error: Table with name (?P<name>.+?) does not exist"),
     lambda m: msg("There is no table %(name)s. The tables stand below.", name=m["name"])),
    (re.compile(r"Catalog Error: \w+ Function with name (?P<name>\S+) does not exist"),
     lambda m: msg("There is no function %(name)s.", name=m["name"])),
    (re.compile(r'Binder Error: (?:Referenced column|Table ".+?" does not have a column named) "(?P<name>[^"]+)"(?P<near>.*)', re.DOTALL), _column),
    (re.compile(r'Binder Error: Referenced table "(?P<name>[^"]+)" not found'),
     lambda m: msg("Nothing is called %(name)s in this question.", name=m["name"])),
    (re.compile(r'Binder Error: column "(?P<name>[^"]+)" must appear in the GROUP BY'),
     lambda m: msg("Either group by %(name)s as well, or sum it up.", name=m["name"])),
    (re.compile(r"Parser Error: SELECT clause without selection list"), lambda m: msg("The question ends too early.")),
    (re.compile(r"Parser Error: syntax error at end of input"), lambda m: msg("The question ends too early.")),
    (re.compile(r'Parser Error: syntax error at or near "(?P<near>.*?)"'),
     lambda m: msg("This is not valid SQL from here on: %(near)s", near=m["near"])),
    (re.compile(r"Permission Error|Invalid Configuration|file system operations are disabled|has been disabled"),
     lambda m: msg("That is not allowed: questions read the tables of this page, no files, networks or settings.")),
    (re.compile(r"nested too deeply|Max expression depth|Recursion level"),
     lambda m: msg("This is nested too deeply, or a sum of too many parts. Ask it in several steps.")),
    (re.compile(r'Binder Error: Column "(?P<name>[^"]+)" (?:does not exist|in \w+ list not found)(?P<near>)'), _column),
    (re.compile(r'Binder Error: Ambiguous reference to column name "(?P<name>[^"]+)"'),
     lambda m: msg("Several tables have a column %(name)s: write the table's name before it.", name=m["name"])),
    (re.compile(r"Binder Error: No function matches the given name and argument types '(?P<call>.+?)'"),
     lambda m: msg("%(call)s does not exist for values of these types: convert them with cast.", call=m["call"])),
    (re.compile(r"Invalid Input Error: More than one row returned by a subquery"),
     lambda m: msg("A question within this one gives several rows where one value is needed.")),
    (re.compile(r"Conversion Error: (?:Could not convert string|invalid \w+ field format:?) ['\"](?P<value>.*?)['\"]"),
     lambda m: msg("“%(value)s” cannot be read as what it is compared with.", value=m["value"])),
    # Of what is not known more exactly, the kind.
    (re.compile(r"^Out of Range Error"),
     lambda m: msg("A number on the way is too large for its type, or cannot be reckoned: convert it to double before, or leave such rows out.")),
    (re.compile(r"^Conversion Error|^Mismatch Type Error"), lambda m: msg("A value does not fit the type that it is to be of.")),
    (re.compile(r"^INTERRUPT Error"), lambda m: msg("This took too long and was stopped.")),
    (re.compile(r"^Invalid Input Error"), lambda m: msg("A function was given a value that it cannot take.")),
    (re.compile(r"^Parser Error"), lambda m: msg("This is not valid SQL.")),
    (re.compile(r"^(?:Binder|Catalog) Error"), lambda m: msg("A part of this question does not fit the others or the tables.")),
    (re.compile(r"^Not implemented Error"), lambda m: msg("The engine cannot do this.")),
)  # fmt: skip


def why(reason: str) -> Message:
    """The engine's reason as people read it."""
    for pattern, words in _CASES:
        if found := pattern.search(reason):
            return words(found)
    return msg("This cannot be answered.")


def own_words(reason: str) -> str:
    """What the engine itself says, for who knows SQL well: without the paths of this server; "" where it was not asked."""
    if not _OWN.search(reason):
        return ""
    return _PATH.sub("…", reason.partition("\n\nPossible solutions")[0])[:_LONGEST]
