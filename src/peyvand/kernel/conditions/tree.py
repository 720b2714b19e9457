"""The tree of a condition, and which operators each type of field has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from peyvand.kernel.errors import msgid
from peyvand.kernel.persian.calendar import Unit

ME: Final = "me"
MY_TEAM: Final = "my_team"


class FieldType(StrEnum):
    """What a field holds, as far as filtering is concerned; money is whole minor units."""

    text = "text"
    number = "number"
    money = "money"
    choice = "choice"
    date = "date"
    instant = "instant"
    flag = "flag"
    link = "link"
    links = "links"
    user = "user"


class Takes(StrEnum):
    """What an operator wants as its value."""

    nothing = "nothing"
    one = "one"
    many = "many"
    pair = "pair"
    range = "range"
    age = "age"


@dataclass(frozen=True, slots=True)
class Operator:
    """An operator of one field type: its name in JSON, its label (msgid), and what value it takes."""

    name: str
    label: str
    takes: Takes = Takes.one


@dataclass(frozen=True, slots=True)
class Age:
    """A distance back from today."""

    n: int
    unit: Unit


@dataclass(frozen=True, slots=True)
class Compare:
    """One field compared with one value. The value is already typed: see `parse`."""

    field: str
    op: str
    value: Any
    type: FieldType


@dataclass(frozen=True, slots=True)
class All:
    """True when every part is; with no parts, always."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Any_:  # noqa: N801 (typing.Any stands beside it)  # noqa: N801 (typing.Any stands beside it in every module that uses both)
    """True when some part is; with no parts, never."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """True when its part is not."""

    part: Condition


Condition = Compare | All | Any_ | Not
Schema = Mapping[str, FieldType]


_IS: Final = Operator("is", msgid("is"))
_IS_NOT: Final = Operator("is_not", msgid("is not"))
_IN: Final = Operator("in", msgid("is any of"), Takes.many)
_NOT_IN: Final = Operator("not_in", msgid("is none of"), Takes.many)
_BETWEEN: Final = Operator("between", msgid("is between"), Takes.pair)
_PRESENCE: Final = (
    Operator("empty", msgid("is empty"), Takes.nothing),
    Operator("filled", msgid("is filled"), Takes.nothing),
)
_TEXT: Final = (
    Operator("contains", msgid("contains")),
    _IS,
    _IS_NOT,
    Operator("starts_with", msgid("starts with")),
    _IN,
    *_PRESENCE,
)
_NUMBER: Final = (
    _IS,
    _IS_NOT,
    Operator("lt", msgid("is less than")),
    Operator("lte", msgid("is at most")),
    Operator("gt", msgid("is more than")),
    Operator("gte", msgid("is at least")),
    _BETWEEN,
    *_PRESENCE,
)
_CHOICE: Final = (_IS, _IS_NOT, _IN, _NOT_IN, *_PRESENCE)
_DATE: Final = (
    Operator("within", msgid("is within"), Takes.range),
    _IS,
    Operator("before", msgid("is before")),
    Operator("after", msgid("is after")),
    Operator("on_or_before", msgid("is on or before")),
    Operator("on_or_after", msgid("is on or after")),
    _BETWEEN,
    Operator("older_than", msgid("is older than"), Takes.age),
    Operator("newer_than", msgid("is newer than"), Takes.age),
    *_PRESENCE,
)
_LINKS: Final = (
    Operator("has_any", msgid("has any of"), Takes.many),
    Operator("has_all", msgid("has all of"), Takes.many),
    Operator("has_none", msgid("has none of"), Takes.many),
    *_PRESENCE,
)
OPERATORS: Final[dict[FieldType, tuple[Operator, ...]]] = {
    FieldType.text: _TEXT,
    FieldType.number: _NUMBER,
    FieldType.money: _NUMBER,
    FieldType.choice: _CHOICE,
    FieldType.date: _DATE,
    FieldType.instant: _DATE,
    FieldType.flag: (_IS,),
    FieldType.link: _CHOICE,
    FieldType.links: _LINKS,
    FieldType.user: _CHOICE,
}
"""What may be asked of each type, in the order of a menu."""

BY_NAME: Final = {kind: {operator.name: operator for operator in row} for kind, row in OPERATORS.items()}


def fields_of(condition: Condition) -> Iterator[str]:
    """The fields that a condition asks about, each as often as it is named."""
    for leaf in leaves(condition):
        yield leaf.field


def leaves(condition: Condition) -> Iterator[Compare]:
    """Every comparison in a condition, in order."""
    match condition:
        case Compare():
            yield condition
        case Not(part):
            yield from leaves(part)
        case All(parts) | Any_(parts):
            for part in parts:
                yield from leaves(part)
