"""What a condition means for one record; SQL built from the same tree means the same."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any, Final

from peyvand.kernel.conditions.tree import ME, MY_TEAM, All, Any_, Compare, Condition, FieldType, Not
from peyvand.kernel.persian.calendar import Calendar, shift
from peyvand.kernel.persian.text import fold
from peyvand.kernel.ranges import resolve


@dataclass(frozen=True, slots=True)
class EvalContext:
    """Whose eyes and which day a condition is seen with. `me` and `my_team` are ids of users as text."""

    today: date
    tz: tzinfo
    calendar: Calendar
    me: str | None = None
    my_team: frozenset[str] = frozenset()


def matches(condition: Condition, record: Mapping[str, Any], context: EvalContext) -> bool:
    """Whether a record, keyed by field path, satisfies a condition; the semantics are the module's docstring.

    Values are those of the database: `date`, aware `datetime`, numbers, `bool`, `str`; ids of any type that
    `str` makes equal; a collection of ids for links; None where there is nothing. KeyError for a field that
    the record does not carry.
    """
    match condition:
        case All(parts):
            return all(matches(part, record, context) for part in parts)
        case Any_(parts):
            return any(matches(part, record, context) for part in parts)
        case Not(part):
            return not matches(part, record, context)
        case Compare():
            return _leaf(condition, record[condition.field], context)


def interval(leaf: Compare, context: EvalContext) -> tuple[date | None, date | None]:
    """The half-open interval [from, to) that a comparison of a date or an instant asks for.

    Dates for a date field, aware datetimes for an instant field; None where that side is open. Values whose
    field lies inside match. Not for `empty` and `filled`.
    """
    low, high = _days_asked(leaf, context)
    if leaf.type is FieldType.date:
        return low, high
    return _midnight(low, context.tz), _midnight(high, context.tz)


def users_asked(leaf: Compare, context: EvalContext) -> frozenset[str]:
    """The ids that a comparison of a user field names, with "me" and "my_team" put into ids."""
    named = leaf.value if isinstance(leaf.value, tuple) else (leaf.value,)
    ids = {value for value in named if value not in (ME, MY_TEAM)}
    if ME in named and context.me is not None:
        ids.add(context.me)
    if MY_TEAM in named:
        ids |= context.my_team
    return frozenset(ids)


_OPPOSITES: Final = {"is_not": "is", "not_in": "in", "has_none": "has_any", "filled": "empty"}
_COMPARISONS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "is": lambda have, want: bool(have == want),
    "lt": lambda have, want: bool(have < want),
    "lte": lambda have, want: bool(have <= want),
    "gt": lambda have, want: bool(have > want),
    "gte": lambda have, want: bool(have >= want),
    "between": lambda have, want: bool(want[0] <= have <= want[1]),
}


def _leaf(leaf: Compare, have: Any, context: EvalContext) -> bool:
    op = _OPPOSITES.get(leaf.op, leaf.op)
    return _positive(leaf, op, have, context) is (op == leaf.op)


def _positive(leaf: Compare, op: str, have: Any, context: EvalContext) -> bool:
    if op == "empty":
        return have is None or have == "" or (leaf.type is FieldType.links and not have)
    if have is None:
        return False
    match leaf.type:
        case FieldType.text:
            return _text_matches(op, fold(have), leaf.value)
        case FieldType.date | FieldType.instant:
            low, high = interval(leaf, context)
            return (low is None or have >= low) and (high is None or have < high)
        case FieldType.user:
            return str(have) in users_asked(leaf, context)
        case FieldType.choice | FieldType.link:
            return str(have) in (leaf.value if op == "in" else (leaf.value,))
        case FieldType.links:
            return _links_match(op, have, leaf.value)
        case _:
            return _COMPARISONS[op](have, leaf.value)


def _text_matches(op: str, have: str, want: Any) -> bool:
    if op == "in":
        return have in {fold(each) for each in want}
    want = fold(want)
    if op == "contains":
        return want in have
    return have.startswith(want) if op == "starts_with" else have == want


def _links_match(op: str, have: Collection[Any], want: tuple[str, ...]) -> bool:
    ids = {str(each) for each in have}
    return ids.issuperset(want) if op == "has_all" else not ids.isdisjoint(want)


_MOMENT: Final = timedelta(microseconds=1)


def _days_asked(leaf: Compare, context: EvalContext) -> tuple[date | None, date | None]:
    value = leaf.value
    match leaf.op:
        case "is":
            return value, _after(value)
        case "before":
            return None, value
        case "on_or_before":
            return None, _after(value)
        case "after":
            return _after(value), None
        case "on_or_after":
            return value, None
        case "between":
            return value[0], _after(value[1])
        case "within":
            return resolve(value, context.today, context.calendar)
        case "older_than":
            return None, shift(context.today, -value.n, value.unit, context.calendar)
        case "newer_than":
            return shift(context.today, -value.n, value.unit, context.calendar), None
    raise ValueError(f"{leaf.op} asks for no interval")


def _after(value: date) -> date:
    return value + (_MOMENT if isinstance(value, datetime) else timedelta(days=1))


def _midnight(day: date | None, tz: tzinfo) -> datetime | None:
    if day is None or isinstance(day, datetime):
        return day
    return datetime.combine(day, time(), tz)
