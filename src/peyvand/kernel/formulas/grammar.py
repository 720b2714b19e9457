"""A formula's text as a tree; what is no formula is refused with its place."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

from lark import Lark, Token, Transformer
from lark.exceptions import LarkError, UnexpectedInput

from peyvand.kernel.errors import Invalid, msg
from peyvand.kernel.persian.text import tidy, to_ascii_digits

MAX_LENGTH: Final = 1000
MAX_DEPTH: Final = 40


@dataclass(frozen=True, slots=True)
class Constant:
    """A number, a text, or yes and no."""

    value: Decimal | str | bool


@dataclass(frozen=True, slots=True)
class Name:
    """The value of a field."""

    key: str


@dataclass(frozen=True, slots=True)
class Call:
    """A function or an operator applied to its parts; operators go by their sign."""

    function: str
    parts: tuple[Formula, ...]


Formula = Constant | Name | Call

_GRAMMAR: Final = r"""
?start: either
?either: both | either "or"i both -> either
?both: negation | both "and"i negation -> both
?negation: comparison | "not"i negation -> negation
?comparison: joined | joined COMPARISON joined -> operation
?joined: sum | joined JOIN sum -> operation
?sum: product | sum SUM product -> operation
?product: signed | product PRODUCT signed -> operation
?signed: atom | "-" signed -> minus
?atom: NUMBER -> number
     | STRING -> text
     | "true"i -> yes
     | "false"i -> no
     | NAME "(" [either ("," either)*] ")" -> call
     | NAME -> name
     | "(" either ")"
COMPARISON: "<=" | ">=" | "<>" | "!=" | "=" | "<" | ">"
JOIN: "&"
SUM: "+" | "-"
PRODUCT: "*" | "/" | "%"
NUMBER: /\d{1,18}(\.\d{1,12})?/
STRING: /"[^"\n]*"/ | /'[^'\n]*'/
NAME: /[a-z][a-z0-9_]*/i
%ignore /\s+/
"""
_SIGNS: Final = str.maketrans(
    {"×": "*", "÷": "/", "٫": ".", "،": ",", "؛": ",", "“": '"', "”": '"', "«": '"', "»": '"'}
)
_QUOTED: Final = re.compile(r"""("[^"\n]*"|'[^'\n]*'|“[^”\n]*”|«[^»\n]*»)""")


class _Builder(Transformer[Token, Formula]):
    """Makes the tree; Lark calls the method that a rule is named after."""

    def number(self, parts: list[Any]) -> Formula:
        return Constant(Decimal(str(parts[0])))

    def text(self, parts: list[Any]) -> Formula:
        return Constant(str(parts[0])[1:-1])

    def yes(self, parts: list[Any]) -> Formula:
        return Constant(True)

    def no(self, parts: list[Any]) -> Formula:
        return Constant(False)

    def name(self, parts: list[Any]) -> Formula:
        return Name(str(parts[0]))

    def call(self, parts: list[Any]) -> Formula:
        return Call(str(parts[0]).lower(), tuple(p for p in parts[1:] if p is not None))

    def operation(self, parts: list[Any]) -> Formula:
        left, sign, right = parts
        return Call("<>" if str(sign) == "!=" else str(sign), (left, right))

    def minus(self, parts: list[Any]) -> Formula:
        return Call("-", (Constant(Decimal(0)), parts[0]))

    def either(self, parts: list[Any]) -> Formula:
        return Call("or", tuple(parts))

    def both(self, parts: list[Any]) -> Formula:
        return Call("and", tuple(parts))

    def negation(self, parts: list[Any]) -> Formula:
        return Call("not", tuple(parts))


_PARSER: Final = Lark(_GRAMMAR, parser="lalr", maybe_placeholders=False)


@lru_cache(maxsize=1024)
def parse_formula(text: str) -> Formula:
    """The tree of a formula.

    Raises:
        Invalid: it is too long or not understood; the reason names the place.
    """
    if len(text) > MAX_LENGTH:
        raise Invalid.of(msg("A formula has at most %(max)s characters.", max=MAX_LENGTH))
    plain = to_ascii_digits(text).translate(_SIGNS)
    try:
        tree = _Builder().transform(_PARSER.parse(plain))
    except UnexpectedInput as error:
        at = getattr(error, "pos_in_stream", None)
        is_end = getattr(getattr(error, "token", None), "type", "") == "$END"
        if is_end or at is None or not 0 <= at < len(plain.rstrip()):
            raise Invalid.of(msg("The formula ends too early.")) from None
        # In the writer's own digits and signs: these have one place each, as in ``plain``.
        place = text[at : at + 24].partition("\n")[0]
        raise Invalid.of(msg("The formula is not understood at “%(place)s”.", place=place)) from None
    except LarkError:
        raise Invalid.of(msg("The formula is not understood.")) from None
    except RecursionError:
        raise Invalid.of(msg("The formula is nested too deep.")) from None
    if _depth(tree) > MAX_DEPTH:
        raise Invalid.of(msg("The formula is nested too deep."))
    return tree


def with_keys(text: str, keys: Mapping[str, str]) -> str:
    """The formula with the names that people know fields by (``keys`` has the key of each) put as keys; quoted text stays."""
    if not keys:
        return text
    called = {tidy(name).casefold(): key for name, key in keys.items()}
    named = "|".join(map(re.escape, sorted(called, key=len, reverse=True)))
    known = re.compile(rf"(?<![\w\u200c])(?:{named})(?![\w\u200c])", re.IGNORECASE)
    return "".join(
        part if n % 2 else known.sub(lambda found: called[found[0].casefold()], tidy(part))
        for n, part in enumerate(_QUOTED.split(text))
    )


def names_of(formula: Formula) -> Iterator[str]:
    """The fields that a formula reads, each as often as it is named."""
    match formula:
        case Name(key):
            yield key
        case Call(_, parts):
            for part in parts:
                yield from names_of(part)


def _depth(formula: Formula) -> int:
    return 1 + max(map(_depth, formula.parts), default=0) if isinstance(formula, Call) else 1
