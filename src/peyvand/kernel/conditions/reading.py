"""Conditions from JSON and back; what is not understood is refused with its place and the reason."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from peyvand.kernel.conditions.tree import (
    BY_NAME,
    Age,
    All,
    Any_,
    Compare,
    Condition,
    FieldType,
    Not,
    Operator,
    Schema,
    Takes,
)
from peyvand.kernel.errors import Invalid, Problem, msg
from peyvand.kernel.persian.text import fold, to_ascii_digits
from peyvand.kernel.ranges import parse_count, parse_range, range_json, within_reach

MAX_DEPTH: Final = 8
MAX_NODES: Final = 200
MAX_VALUES: Final = 1000
# Of all lists of a filter together.
MAX_ALL_VALUES: Final = 5000
MAX_TEXT: Final = 1000
_BIGINT: Final = 2**63
# What the database cannot hold: NUL, and halves of characters, which JSON can spell.
_UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")


def parse(json: Any, schema: Schema) -> Condition:
    """The condition that a decoded JSON value says, over the fields of `schema`.

    Values become typed: dates `date`, instants `date` (a whole day) or an aware `datetime`, numbers `int` or
    `Decimal`, ids and choices `str`, lists tuples, relative ranges as in `ranges`, ages `Age`.
    Invalid, naming each place ("and[1].or[0].value"), for what is not understood or is too large.
    """
    return _Reader(schema).node(json, "", 1)


def to_json(condition: Condition) -> dict[str, Any]:
    """The JSON form of a condition: `parse(to_json(c), schema) == c`."""
    match condition:
        case All(parts):
            return {"and": [to_json(part) for part in parts]}
        case Any_(parts):
            return {"or": [to_json(part) for part in parts]}
        case Not(part):
            return {"not": to_json(part)}
        case Compare(field, op, value, type):
            takes = BY_NAME[type][op].takes
            if takes is Takes.nothing:
                return {"field": field, "op": op}
            return {"field": field, "op": op, "value": _value_json(value, takes)}


def _value_json(value: Any, takes: Takes) -> Any:
    if takes is Takes.range:
        return range_json(value)
    if takes is Takes.age:
        return {"n": value.n, "unit": value.unit}
    return [_scalar_json(each) for each in value] if isinstance(value, tuple) else _scalar_json(value)


def _scalar_json(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


class _Reader:
    """Reads nodes; a group gathers the problems of all its parts before it gives up."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self.nodes = self.values = 0

    def node(self, json: Any, place: str, depth: int) -> Condition:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise Invalid.of(
                msg("This filter has more than %(most)s parts.", most=MAX_NODES), place, "too_large"
            )
        if depth > MAX_DEPTH:
            raise Invalid.of(
                msg("This filter is nested more than %(most)s deep.", most=MAX_DEPTH), place, "too_deep"
            )
        prefix = f"{place}." if place else ""
        match json:
            case {"and": list(parts), **rest} if not rest:
                return All(self.group(parts, f"{prefix}and", depth))
            case {"or": list(parts), **rest} if not rest:
                return Any_(self.group(parts, f"{prefix}or", depth))
            case {"not": part, **rest} if not rest:
                return Not(self.node(part, f"{prefix}not", depth + 1))
            case {"field": field, "op": op, **rest} if rest.keys() <= {"value"}:
                return self.leaf(field, op, rest, prefix)
        raise Invalid.of(
            msg("A part of a filter has “field”, “op” and “value”, or one of “and”, “or” and “not”."), place
        )

    def group(self, parts: list[Any], place: str, depth: int) -> tuple[Condition, ...]:
        read: list[Condition] = []
        problems: list[Problem] = []
        for number, part in enumerate(parts):
            try:
                read.append(self.node(part, f"{place}[{number}]", depth + 1))
            except Invalid as error:
                problems += error.problems
            if self.nodes > MAX_NODES or self.values > MAX_ALL_VALUES:
                break
        if problems:
            raise Invalid(problems)
        return tuple(read)

    def leaf(self, field: Any, op: Any, rest: Mapping[Any, Any], prefix: str) -> Compare:
        kind = self.schema.get(field) if isinstance(field, str) else None
        if kind is None:
            raise Invalid.of(
                msg("There is no field “%(field)s”.", field=field), f"{prefix}field", "unknown_field"
            )
        operator = BY_NAME[kind].get(op) if isinstance(op, str) else None
        if operator is None:
            raise Invalid.of(
                msg("“%(op)s” cannot be asked of “%(field)s”.", op=op, field=field),
                f"{prefix}op",
                "unknown_operator",
            )
        place = f"{prefix}value"
        said = rest.get("value")
        self.values += len(said) if isinstance(said, list | tuple) else 0
        if self.values > MAX_ALL_VALUES:
            raise Invalid.of(
                msg("This filter has more than %(most)s values.", most=MAX_ALL_VALUES), place, "too_large"
            )
        if operator.takes is Takes.nothing:
            if rest.get("value") is not None:
                raise Invalid.of(msg("“%(op)s” takes no value.", op=op), place)
            return Compare(field, op, None, kind)
        if "value" not in rest:
            raise Invalid.of(msg("A value is needed."), place, "required")
        try:
            return Compare(field, op, _value(rest["value"], kind, operator), kind)
        except Invalid as error:
            raise error.at(place) from error


def _value(json: Any, kind: FieldType, operator: Operator) -> Any:
    match operator.takes:
        case Takes.range:
            return parse_range(json)
        case Takes.age:
            if not isinstance(json, Mapping) or set(json) != {"n", "unit"}:
                raise Invalid.of(msg("Write a count and a unit."))
            return Age(*parse_count(json["n"], json["unit"]))
        case Takes.many:
            if not isinstance(json, list | tuple) or not 1 <= len(json) <= MAX_VALUES:
                raise Invalid.of(msg("Write a list of 1 to %(most)s values.", most=MAX_VALUES))
            return tuple(_scalar(each, kind) for each in json)
        case Takes.pair:
            if not isinstance(json, list | tuple) or len(json) != 2:
                raise Invalid.of(msg("Write two values, the smaller one first."))
            low, high = (_scalar(each, kind) for each in json)
            if type(low) is not type(high) and isinstance(low, date):
                raise Invalid.of(msg("Write two days, or two moments."))
            if low > high:
                raise Invalid.of(msg("Write two values, the smaller one first."))
            return low, high
        case _:
            return _scalar(json, kind)


def _scalar(json: Any, kind: FieldType) -> Any:
    match kind:
        case FieldType.flag:
            if not isinstance(json, bool):
                raise Invalid.of(msg("Write true or false."))
            return json
        case FieldType.number:
            return _number(json)
        case FieldType.money:
            return _amount(json)
        case FieldType.date | FieldType.instant:
            return _date(json, kind)
        case FieldType.text:
            text = _text(json)
            if not fold(text):
                raise Invalid.of(msg("Write at least one letter."))
            return text
        case _:
            # Ids come as numbers too; as text they are compared alike wherever they come from.
            whole = isinstance(json, int) and not isinstance(json, bool) and abs(json) < _BIGINT
            return _text(str(json) if whole else json)


def _text(json: Any) -> str:
    if not isinstance(json, str) or not 1 <= len(json) <= MAX_TEXT or _UNSTORABLE.search(json):
        raise Invalid.of(msg("Write a text of 1 to %(most)s letters.", most=MAX_TEXT))
    return json


def _number(json: Any) -> int | Decimal:
    if isinstance(json, int) and not isinstance(json, bool) and abs(json) < _BIGINT:
        return json
    if isinstance(json, float | str | Decimal):
        try:
            number = Decimal(to_ascii_digits(str(json)).strip())
        except InvalidOperation:
            number = Decimal("NaN")
        if number.is_finite() and abs(number) < _BIGINT and number.as_tuple().exponent >= -12:  # type: ignore[operator]
            return number
    raise Invalid.of(msg("Write a number."))


def _amount(json: Any) -> int:
    number = _number(json)
    if number != int(number):
        raise Invalid.of(msg("Write an amount in whole minor units."))
    return int(number)


def _date(json: Any, kind: FieldType) -> date:
    text = to_ascii_digits(json).strip() if isinstance(json, str) else ""
    try:
        if len(text) == 10:
            return within_reach(date.fromisoformat(text))
        if kind is FieldType.instant and "T" in text:
            moment = datetime.fromisoformat(text)
            if moment.tzinfo is None:
                raise Invalid.of(msg("Write the time zone of the moment, as in 2026-11-21T14:05:00Z."))
            return within_reach(moment)
    except ValueError as error:
        raise Invalid.of(msg("This is not a date; write it as %(example)s.", example="2026-11-21")) from error
    raise Invalid.of(msg("This is not a date; write it as %(example)s.", example="2026-11-21"))
