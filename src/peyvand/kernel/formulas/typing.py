"""The kind of a formula's result, found before it is ever computed; what does not fit together is refused."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from peyvand.kernel.errors import Invalid, msg
from peyvand.kernel.formulas.functions import FUNCTIONS
from peyvand.kernel.formulas.grammar import Call, Constant, Formula, Name


class Kind(StrEnum):
    """What a value is, as far as formulas are concerned."""

    number = "n"
    text = "t"
    date = "d"
    flag = "f"


_ARITHMETIC: Final = frozenset("+-*/%")
_COMPARISONS: Final = frozenset({"=", "<>", "<", "<=", ">", ">="})


def check(formula: Formula, fields: Mapping[str, Kind]) -> Kind:
    """The kind of the result.

    Raises:
        Invalid: a field or a function does not exist, or parts do not fit.
    """
    match formula:
        case Constant(value):
            return (
                Kind.flag if isinstance(value, bool) else Kind.text if isinstance(value, str) else Kind.number
            )
        case Name(key):
            if key not in fields:
                raise Invalid.of(msg("There is no field “%(name)s” to compute with.", name=key))
            return fields[key]
        case Call(function, parts):
            kinds = [check(part, fields) for part in parts]
            if function in _ARITHMETIC:
                return _arithmetic(function, kinds)
            if function in _COMPARISONS:
                if kinds[0] is not kinds[1]:
                    raise Invalid.of(msg("“%(sign)s” compares values of one kind.", sign=function))
                return Kind.flag
            if function == "&":
                return Kind.text
            if function in ("and", "or", "not"):
                if any(kind is not Kind.flag for kind in kinds):
                    raise Invalid.of(msg("“%(sign)s” joins what is true or false.", sign=function))
                return Kind.flag
            return _call(function, kinds)


def _arithmetic(sign: str, kinds: list[Kind]) -> Kind:
    match (sign, *kinds):
        case (_, Kind.number, Kind.number):
            return Kind.number
        case ("-", Kind.date, Kind.date):
            return Kind.number
        case ("+" | "-", Kind.date, Kind.number):
            return Kind.date
    raise Invalid.of(msg("“%(sign)s” computes with numbers; texts are joined by “&”.", sign=sign))


def _call(name: str, kinds: list[Kind]) -> Kind:
    known = FUNCTIONS.get(name)
    if known is None:
        raise Invalid.of(
            msg(
                "There is no function “%(name)s”; there are: %(known)s.",
                name=name,
                known=", ".join(FUNCTIONS),
            )
        )
    most = 99 if known.repeats else len(known.takes)
    if not known.least <= len(kinds) <= most:
        raise Invalid.of(msg("“%(name)s” takes %(n)s values.", name=name, n=len(known.takes)))
    alike: Kind | None = None
    for n, kind in enumerate(kinds):
        wanted = known.takes[min(n, len(known.takes) - 1)]
        if wanted == "+":
            if alike is not None and kind is not alike:
                raise Invalid.of(msg("The values of “%(name)s” must be of one kind.", name=name))
            alike = kind
        elif wanted not in ("*", kind.value):
            raise Invalid.of(msg("A value of “%(name)s” is of the wrong kind.", name=name))
    if known.gives == "+":
        return alike or Kind.text
    return Kind(known.gives)
