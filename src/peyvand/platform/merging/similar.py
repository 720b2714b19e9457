"""Records like one that is being typed: the question is asked here for any object, slices that know an answer register it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from peyvand.kernel.errors import Message
from peyvand.platform.actions.context import Context
from peyvand.platform.objects.spec import ObjectSpec


@dataclass(frozen=True)
class Similar:
    """A record that may be the one being typed, and why. One that the actor may not see has no id and no title."""

    id: int | None
    title: str
    reasons: tuple[Message, ...]


Finder = Callable[[Context, Mapping[str, Any]], Sequence[Similar]]
_finders: dict[str, Finder] = {}


def similar_by(object_key: str) -> Callable[[Finder], Finder]:
    """Have ``finder(ctx, values)`` asked for records like these values, by field key, as they were typed or sent."""

    def register(finder: Finder) -> Finder:
        _finders[object_key] = finder
        return finder

    return register


def warns(spec: ObjectSpec) -> bool:
    """Whether somebody can tell records of this object that are like a new one."""
    return spec.key in _finders


def find_similar(ctx: Context, spec: ObjectSpec, values: Mapping[str, Any]) -> list[Similar]:
    """The records most like these values, surest first."""
    finder = _finders.get(spec.key)
    if finder is None:
        return []
    # A match would confirm a guess: what is hidden, also by what is worked out from it, is no part of the question.
    hidden = ctx.actor.grants.hides(spec.key)
    unknown = hidden.union(*(spec.field(key).reads for key in hidden & spec.all_fields.keys()))
    return list(finder(ctx, {key: value for key, value in values.items() if key not in unknown}))
