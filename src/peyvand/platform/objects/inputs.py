"""What an action takes, understood: typed keyword arguments from what was typed or sent."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from peyvand.kernel.errors import Invalid, Problem, msg
from peyvand.platform.actions.action import ActionSpec
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import Field, is_empty
from peyvand.platform.objects.cleaning import lost_links


def clean_inputs(ctx: Context, inputs: Sequence[Field], raw: Mapping[str, Any]) -> dict[str, Any]:
    """The keyword arguments of an action. What is not given is left to the function's own default.

    Raises:
        Invalid: every input that is wrong, missing or unknown, with its reason.
    """
    fields = {f.key: f for f in inputs}
    problems = [
        Problem(key, msg("There is no field “%(name)s”.", name=key), "unknown")
        for key in raw
        if key not in fields
    ]
    values: dict[str, Any] = {}
    for key, field in fields.items():
        if key not in raw:
            if field.required:
                problems.append(Problem(key, msg("This is required."), "required"))
            continue
        try:
            values[key] = field.parse(raw[key], ctx.reader)
        except Invalid as error:
            problems += error.at(key).problems
            continue
        if field.required and is_empty(values[key]):
            problems.append(Problem(key, msg("This is required."), "required"))
    problems += lost_links(ctx, inputs, [values])[0]
    if problems:
        raise Invalid(problems)
    return values


@cache
def is_described(action: ActionSpec) -> bool:
    """Whether the declared inputs are all that the function needs: then forms, programs and automations can call it."""
    parameters = list(inspect.signature(action.function).parameters.values())[
        1 if action.on == "none" else 2 :
    ]
    known = {f.key for f in action.inputs}
    named = {p.name for p in parameters}
    anything = any(p.kind is p.VAR_KEYWORD for p in parameters)
    needed = {
        p.name for p in parameters if p.default is p.empty and p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL)
    }
    return needed <= known and (anything or known <= named)
