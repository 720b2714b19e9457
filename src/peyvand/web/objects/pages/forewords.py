"""What stands above a verb's form: whom it concerns and what will come of it, so far as that is known before it is done.

A slice registers a function beside its screens, in its ``web`` module:

    @before_verb("deal.write_sms")
    def receiver(ctx: Context, opened: Opened, given: Mapping[str, Any]) -> Foreword: ...

``given`` is what was filled in, so far as it can be understood; whenever that changes the foreword is asked for anew.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise

from peyvand.kernel.errors import Invalid
from peyvand.platform.actions.action import ActionSpec
from peyvand.platform.actions.context import Context
from peyvand.web.objects.pages.access import Opened


@dataclass(frozen=True)
class Foreword:
    """A template, which finds itself as ``foreword``. ``button``: what the form's button says instead of the verb.
    ``is_closed``: the verb cannot be done whatever is filled in, so that nothing is asked."""

    template: str
    data: Mapping[str, Any] = field(default_factory=dict)
    button: str | Promise = ""
    is_closed: bool = False


Source = Callable[[Context, Opened, Mapping[str, Any]], Foreword | None]
_sources: dict[str, Source] = {}


def before_verb(key: str) -> Callable[[Source], Source]:
    """Put a foreword above the form of an action."""

    def register(source: Source) -> Source:
        if key in _sources:
            raise ValueError(f"the foreword of {key} is declared twice")
        _sources[key] = source
        return source

    return register


def foreword_of(ctx: Context, opened: Opened, action: ActionSpec, raw: Mapping[str, Any]) -> Foreword | None:
    """The foreword of an action for what was filled in so far; None where it has none."""
    source = _sources.get(action.key)
    if source is None:
        return None
    given = {}
    for one in action.inputs:
        try:
            given[one.key] = one.parse(raw.get(one.key), ctx.reader)
        except Invalid:
            # It says so itself once the form is sent.
            given[one.key] = None
    return source(ctx, opened, given)
