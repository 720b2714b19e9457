"""Ready automations as a newcomer finds them: those that ask for money and bring quiet deals up are on, the others are drafts."""

from __future__ import annotations

from typing import Final

from peyvand.administration.demo.stage import Stage
from peyvand.platform.actions.action import action_named
from peyvand.platform.objects.spec import find_object

SWITCHED_ON: Final = ("stalled", "owed")


def fill_automations(stage: Stage) -> None:
    begin_with, begin = action_named("automation.begin_with"), action_named("automation.begin")
    if find_object("automation") is None or begin_with is None or begin is None:
        return
    ctx = stage.acting[stage.owner]
    for option in begin_with.inputs[0].options:  # type: ignore[attr-defined]  # its only input is a choice
        made = begin_with.function(ctx, ready=option.key)
        if option.key in SWITCHED_ON:
            begin.function(ctx, made)
