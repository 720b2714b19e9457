"""Conditions as Ibis expressions; ``kernel.conditions`` says what they mean, and a property test holds the two equal."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from functools import reduce
from math import ceil, floor
from operator import and_, or_
from typing import Any

import ibis

from peyvand.kernel.conditions import (
    All,
    Any_,
    Compare,
    Condition,
    EvalContext,
    FieldType,
    Not,
    interval,
    users_asked,
)
from peyvand.kernel.persian.text import fold

_OPPOSITES = {"is_not": "is", "not_in": "in", "filled": "empty"}


def peyvand_fold(text: str | None) -> str | None:
    """The text as it is matched; some engines do not keep NULL from a function."""
    return None if text is None else fold(text)


_folded = ibis.udf.scalar.python(peyvand_fold, signature=(("string",), "string"))


def compiled(condition: Condition, value_of: Callable[[str], Any], context: EvalContext) -> Any:
    """The rows of which a condition is true: a boolean expression that is never NULL.

    ``value_of`` gives the column or expression of a field. Whole numbers stand for users and links; instants are UTC without
    their zone. ``links`` fields are not known here.
    """
    match condition:
        case All(parts):
            return reduce(and_, (compiled(part, value_of, context) for part in parts), ibis.literal(True))
        case Any_(parts):
            return reduce(or_, (compiled(part, value_of, context) for part in parts), ibis.literal(False))
        case Not(part):
            return ~compiled(part, value_of, context)
        case Compare():
            op = _OPPOSITES.get(condition.op, condition.op)
            positive = _positive(condition, op, value_of(condition.field), context)
            return positive if op == condition.op else ~positive


def _positive(leaf: Compare, op: str, have: Any, context: EvalContext) -> Any:
    is_text = leaf.type in (FieldType.text, FieldType.choice)
    if op == "empty":
        return have.isnull() | (have == "").fill_null(False) if is_text else have.isnull()
    return _compared(leaf, op, have, context).fill_null(False)


def _compared(leaf: Compare, op: str, have: Any, context: EvalContext) -> Any:
    many = leaf.value if op == "in" else (leaf.value,)
    match leaf.type:
        case FieldType.text:
            return _text(op, _folded(have), leaf.value)
        case FieldType.date | FieldType.instant:
            return _during(have, *interval(leaf, context))
        case FieldType.user:
            return _among(have, users_asked(leaf, context))
        case FieldType.link:
            return _among(have, many)
        case FieldType.choice:
            return have.isin(list(many))
        case FieldType.flag:
            return have == leaf.value
        case _:
            return _number(op, have, leaf.value)


def _text(op: str, have: Any, want: Any) -> Any:
    if op == "in":
        return have.isin(sorted({fold(each) for each in want}))
    if op == "contains":
        return have.contains(fold(want))
    return have.startswith(fold(want)) if op == "starts_with" else have == fold(want)


def _during(have: Any, low: date | None, high: date | None) -> Any:
    within = have.notnull()
    if low is not None:
        within &= have >= _moment(low)
    return within if high is None else within & (have < _moment(high))


def _moment(at: date) -> Any:
    if isinstance(at, datetime):
        return ibis.timestamp(at.astimezone(UTC).replace(tzinfo=None))
    return ibis.date(at)


def _among(have: Any, ids: Iterable[str]) -> Any:
    """Ids are compared as text elsewhere; what is no whole number as it is written is nobody's id."""
    known = sorted(
        int(id) for id in ids if id.isascii() and id.removeprefix("-").isdigit() and str(int(id)) == id
    )
    return have.isin(known) if known else ibis.literal(False)


def _number(op: str, have: Any, want: Any) -> Any:
    if op == "between":
        return _number("gte", have, want[0]) & _number("lte", have, want[1])
    if have.type().is_integer():
        if op == "is":
            return have == int(want) if want == int(want) else ibis.literal(False)
        want = ceil(want) if op in ("lt", "gte") else floor(want)
    else:
        want = float(want)
    match op:
        case "is":
            return have == want
        case "lt":
            return have < want
        case "lte":
            return have <= want
        case "gt":
            return have > want
        case _:
            return have >= want
