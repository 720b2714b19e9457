"""Reasons of an insight: kept as a template and typed values, said in the reader's language, digits and calendar.

A reason is ``[template, params, effect]``: the template is a msgid with ``%(name)s`` places; a param is a whole number, or
says what it is: ``{"number": 2.4}``, ``{"percent": 37}``, ``{"money": 120000}``, ``{"day": "2026-11-22"}``,
``{"name": "…"}`` (a word as it is) or ``{"text": "…"}`` (a msgid). ``effect`` says how much it lifts (positive) or
lowers (negative) the value, in the value's own unit; 0 where that is not known. A reason that tells the value of a field which the
workspace added ends in that field's key: whom it is hidden from is not told the reason.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext

from peyvand.kernel import numbers
from peyvand.kernel.errors import Message
from peyvand.platform.fields.reader import Reader
from peyvand.platform.fields.types import Day, Money

_DAY, _MONEY = Day(key="day", label=""), Money(key="money", label="")


def reason(said: Message, effect: float = 0.0, of: str = "") -> list[Any]:
    """A reason as it is kept, of a Message whose params are as above; ``of``: the key of the own field whose value it tells."""
    return [said.template, said.params, round(effect, 4), *([of] if of else [])]


def open_to_all(reasons: Sequence[Sequence[Any]]) -> list[Sequence[Any]]:
    """Those that tell no field which may be hidden from somebody: what a fact may carry."""
    return [each for each in reasons if len(each) == 3]


@dataclass(frozen=True)
class Reason:
    """A reason as somebody reads it."""

    text: str
    effect: float


def read_reasons(
    kept: Sequence[Sequence[Any]], reader: Reader, hidden: Set[str] = frozenset()
) -> list[Reason]:
    """The reasons in the active language, for this reader, from whom the fields of these keys are ``hidden``."""
    return [
        Reason(_said(template, params, reader), effect)
        for template, params, effect, *of in kept
        if hidden.isdisjoint(of)
    ]


def _said(template: str, params: Mapping[str, Any], reader: Reader) -> str:
    text = gettext(template)
    return text % {name: _shown(value, reader) for name, value in params.items()} if params else text


def _shown(value: Any, reader: Reader) -> str:
    if not isinstance(value, Mapping):
        return numbers.format_number(value, reader.language) if isinstance(value, int) else str(value)
    [(kind, of)] = value.items()
    match kind:
        case "money":
            return _MONEY.show(of, reader, "short")
        case "percent":
            return numbers.format_percent(of / 100, reader.language)
        case "number":
            return numbers.format_number(of, reader.language, 1)
        case "day":
            return _DAY.show(date.fromisoformat(of), reader, "long")
        case "text":
            return gettext(of)
    return str(of)


def kept(message: Message) -> list[Any]:
    """A message as it is kept: its template and params, as ``said`` reads them again."""
    return [message.template, {name: _plain(value) for name, value in message.params.items()}]


def said(message: Sequence[Any], reader: Reader) -> str:
    """A kept message in the active language, for this reader."""
    template, params = message[:2]
    return _said(template, params, reader)


def _plain(value: Any) -> Any:
    if isinstance(value, Message):
        return {"text": value.template}
    if isinstance(value, float | Decimal):
        return {"number": float(value)}
    return value if isinstance(value, int | Mapping) else {"name": str(value)}
