"""The card on an automation's record: the way to the page of what it does and what it changed."""

from __future__ import annotations

from peyvand.platform.actions.context import Context
from peyvand.processes.automations.effects import effect_of
from peyvand.processes.automations.objects import AUTOMATION
from peyvand.processes.automations.rules import in_the_way, steps_of
from peyvand.processes.automations.web.words import verdict_in_words
from peyvand.web.components.tags import say
from peyvand.web.objects.pages.access import Opened
from peyvand.web.objects.pages.cards import record_card
from peyvand.web.shell.navigation import here
from peyvand.web.shell.today import Card


@record_card("automation", order=10)
def plan(ctx: Context, opened: Opened) -> Card:
    """How many steps it has, what is in its way, and what it changed."""
    one = opened.record
    steps = steps_of([one.id])[one.id]
    effect = effect_of([one.id]).get(one.id)
    return Card("automations/card.html", {
        "plan": here(ctx, f"{AUTOMATION.plural}/{one.id}/plan"), "steps": len(steps), "problems": [say(why) for why in in_the_way(one, steps)],
        "effect": verdict_in_words(ctx, effect) if effect else "",
    })  # fmt: skip
