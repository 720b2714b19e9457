"""What a formula gives for one record. The formula was checked; here nothing raises, what cannot be is absent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Context, Decimal, DivisionByZero, InvalidOperation, Overflow
from typing import Any, Final

from peyvand.kernel.formulas.functions import FUNCTIONS, add_days, day_of, days_between, written
from peyvand.kernel.formulas.grammar import Call, Constant, Formula, Name
from peyvand.kernel.persian.text import fold

Value = Decimal | str | date | bool | None
_MATHS: Final = Context(prec=34, traps=[InvalidOperation, DivisionByZero, Overflow])


def evaluate(formula: Formula, values: Mapping[str, Value]) -> Value:
    """The result for a record's values by field key; None where it is absent."""
    match formula:
        case Constant(value):
            return value
        case Name(key):
            return values.get(key)
        case Call("and", parts):
            return all(bool(evaluate(part, values)) for part in parts)
        case Call("or", parts):
            return any(bool(evaluate(part, values)) for part in parts)
        case Call("not", (part,)):
            return not evaluate(part, values)
        case Call(function, parts):
            return _applied(function, [evaluate(part, values) for part in parts])


def _applied(function: str, parts: list[Any]) -> Value:
    if function == "&":
        return written(parts[0]) + written(parts[1])
    if function in _COMPARED:
        return _compared(function, *parts)
    known = FUNCTIONS.get(function)
    if any(part is None for part in parts) and not (known and known.sees_absent):
        return None
    try:
        result: Value = known.run(*parts) if known else _SIGNS[function](*parts)
    except (InvalidOperation, DivisionByZero, Overflow, OverflowError):
        return None
    return result


_COMPARED: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "=": lambda a, b: bool(a == b),
    "<>": lambda a, b: bool(a != b),
    "<": lambda a, b: bool(a < b),
    "<=": lambda a, b: bool(a <= b),
    ">": lambda a, b: bool(a > b),
    ">=": lambda a, b: bool(a >= b),
}


def _compared(sign: str, left: Any, right: Any) -> bool:
    if left is None or right is None:
        return sign == "<>" and left is not right
    if isinstance(left, str):
        left, right = fold(left), fold(right)
    elif isinstance(left, date):
        left, right = day_of(left), day_of(right)
    return _COMPARED[sign](left, right)


def _plus(left: Any, right: Any) -> Value:
    return add_days(left, right) if isinstance(left, date) else _MATHS.add(left, right)


def _minus(left: Any, right: Any) -> Value:
    if isinstance(left, date):
        return days_between(left, right) if isinstance(right, date) else add_days(left, -right)
    return _MATHS.subtract(left, right)


_SIGNS: Final[dict[str, Callable[[Any, Any], Value]]] = {
    "+": _plus,
    "-": _minus,
    "*": _MATHS.multiply,
    "/": _MATHS.divide,
    "%": _MATHS.remainder,
}
