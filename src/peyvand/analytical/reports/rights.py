"""Who may ask what: a figure tells of all the rows that it counts, so whoever asks must be allowed to see all of them."""

from __future__ import annotations

from functools import cache

from peyvand.analytical.analyses.rights import closed
from peyvand.analytical.measures.catalogue import MEASURES, Measure
from peyvand.analytical.measures.dimensions import DIMENSIONS, Dimension
from peyvand.analytical.reports.question import Question
from peyvand.kernel.conditions import fields_of
from peyvand.kernel.errors import Message, NotAllowed, msg
from peyvand.platform.access.decisions import demand
from peyvand.platform.identity.actor import Actor


def is_off(actor: Actor) -> bool:
    """Whether reports are switched off in the workspace."""
    return actor.grants.is_off("report.view")


def may_ask(actor: Actor, measure: Measure) -> bool:
    """Whether the actor may ask for a measure."""
    return not is_off(actor) and closed(actor, measure.objects, measure.fields) is None


def open_measures(actor: Actor) -> list[Measure]:
    """The measures that the actor may ask for."""
    if is_off(actor):
        return []
    # Asked for every page's menu: the same objects once, however many measures count them.
    may_not = cache(lambda objects: closed(actor, objects))
    return [m for m in MEASURES.values() if not may_not(m.objects) and not closed(actor, (), m.fields)]


def open_dimensions(actor: Actor) -> list[Dimension]:
    """The dimensions that the actor may show measures by, or filter by."""
    return [d for d in DIMENSIONS.values() if not closed(actor, d.objects)]


def demand_question(actor: Actor, question: Question) -> None:
    """Raises NotAllowed, with the reason: the question tells of rows or fields that the actor may not see."""
    if is_off(actor):
        demand(actor, "report.view")
    for key in question.measures:
        if (known := MEASURES.get(key)) and (reason := closed(actor, known.objects, known.fields)):
            raise NotAllowed(msg("“%(measure)s”: %(reason)s", measure=Message(known.label), reason=reason))
    for key in (*question.by, *fields_of(question.condition)):
        if reason := closed(actor, DIMENSIONS[key].objects):
            raise NotAllowed(
                msg("“%(measure)s”: %(reason)s", measure=Message(DIMENSIONS[key].label), reason=reason)
            )
