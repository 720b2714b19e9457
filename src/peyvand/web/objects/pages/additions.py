"""What a slice adds to the form of a new record of another: inputs that are no fields of it, and what comes of them.

A slice registers it beside its screens, in its ``web`` module:

    add_to_form("task", Addition(_("Repeats"), (REPEAT, UNTIL), "task.repeat", repeat))

``apply`` is called in the transaction that made the record, with what was typed; its refusals are the form's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise

from peyvand.kernel.errors import Invalid, Problem
from peyvand.platform.access.decisions import decide
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import Field
from peyvand.platform.objects.spec import ObjectSpec
from peyvand.web.objects.pages.drawn import DrawnSection, draw_field


@dataclass(frozen=True)
class Addition:
    """Inputs under a heading, for those who may do the action ``operation``."""

    label: str | Promise
    fields: tuple[Field, ...]
    operation: str
    apply: Callable[[Context, Any, Mapping[str, Any]], None]


_additions: dict[str, list[Addition]] = {}


def add_to_form(key: str, addition: Addition) -> None:
    """Add inputs to the form of new records of an object."""
    _additions.setdefault(key, []).append(addition)


def additions_of(ctx: Context, spec: ObjectSpec) -> list[Addition]:
    """What the actor is asked besides in the form of a new record."""
    return [one for one in _additions.get(spec.key, ()) if decide(ctx.actor, one.operation)]


def draw_additions(
    ctx: Context, additions: Sequence[Addition], values: Mapping[str, Any], problems: Sequence[Problem]
) -> list[DrawnSection]:
    """The added inputs as sections of the form."""
    return [
        DrawnSection(one.label, [draw_field(f, values.get(f.key), ctx.reader, problems) for f in one.fields])
        for one in additions
    ]


def apply_additions(ctx: Context, additions: Sequence[Addition], record: Any, raw: Mapping[str, Any]) -> None:
    """Do with the new record what was typed besides.

    Raises:
        Invalid, RuleViolation: it cannot be understood, or done.
    """
    for one in additions:
        problems: list[Problem] = []
        typed: dict[str, Any] = {}
        for field in one.fields:
            try:
                typed[field.key] = field.parse(raw.get(field.key, ""), ctx.reader)
            except Invalid as error:
                problems += error.at(field.key).problems
        if problems:
            raise Invalid(problems)
        one.apply(ctx, record, typed)
