"""Questions: what a condition may ask of a record that is no field of it. A slice answers them from tables of its own.

A question is a field that filters itself: lists, views, the API and bulk actions ask it like any field, but no record
shows it and nothing writes it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from peyvand.platform.fields.types import Field
from peyvand.platform.identity.actor import Actor

if TYPE_CHECKING:
    from peyvand.platform.objects.spec import ObjectSpec

Make = Callable[["ObjectSpec"], Field | None]
MayAsk = Callable[[Actor, "ObjectSpec"], bool]
_questions: dict[str, tuple[Make, MayAsk]] = {}


def register_question(key: str, make: Make, may_ask: MayAsk) -> None:
    """Let conditions ask under this key: ``make`` gives the field for an object, None where it makes no sense there."""
    _questions[key] = make, may_ask


def question(spec: ObjectSpec, key: str) -> Field | None:
    """What is asked of an object's records under this key."""
    known = _questions.get(key)
    return known[0](spec) if known else None


def questions_of(spec: ObjectSpec) -> list[Field]:
    """Every question that makes sense for an object's records."""
    return [field for make, _ in _questions.values() if (field := make(spec)) is not None]


def is_closed(key: str, spec: ObjectSpec, actor: Actor) -> bool:
    """Whether a key is a question that this actor may not ask."""
    known = _questions.get(key)
    return known is not None and not known[1](actor, spec)
