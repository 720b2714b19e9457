"""Who may ask what: a figure tells of all the rows that it counts, so whoever asks must be allowed to see all of them."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import override

from peyvand.analytical.measures.catalogue import MEASURES, Measure
from peyvand.analytical.measures.dimensions import DIMENSIONS, Dimension
from peyvand.analytical.reports.question import Question
from peyvand.kernel.conditions import fields_of
from peyvand.kernel.errors import Message, NotAllowed, msg
from peyvand.platform.access.decisions import decide
from peyvand.platform.access.rules import reaches_all
from peyvand.platform.identity.actor import Actor
from peyvand.platform.objects.spec import ObjectSpec, find_object


def open_measures(actor: Actor) -> list[Measure]:
    """The measures that the actor may ask for."""
    return [m for m in MEASURES.values() if not closed(actor, m.objects, m.fields)]


def open_dimensions(actor: Actor) -> list[Dimension]:
    """The dimensions that the actor may show measures by, or filter by."""
    return [d for d in DIMENSIONS.values() if not closed(actor, d.objects)]


def demand_question(actor: Actor, question: Question) -> None:
    """Raises NotAllowed, with the reason: the question tells of rows or fields that the actor may not see."""
    for key in question.measures:
        if (known := MEASURES.get(key)) and (reason := closed(actor, known.objects, known.fields)):
            raise NotAllowed(msg("“%(measure)s”: %(reason)s", measure=Message(known.label), reason=reason))
    for key in (*question.by, *fields_of(question.condition)):
        if reason := closed(actor, DIMENSIONS[key].objects):
            raise NotAllowed(
                msg("“%(measure)s”: %(reason)s", measure=Message(DIMENSIONS[key].label), reason=reason)
            )


def name_of_all(spec: ObjectSpec) -> Message:
    """What an object's records are called, to be said in any language."""
    with override("en"):
        return Message(str(spec.label_plural))


def closed(actor: Actor, objects: Iterable[str], fields: Iterable[str] = ()) -> Message | None:
    """Why the actor may not know figures about these objects and fields; None where nothing forbids it."""
    for key in objects:
        spec = find_object(key)
        if spec is None:
            continue
        if not decide(actor, spec.permission("view")):
            return msg("your role does not see %(objects)s.", objects=name_of_all(spec))
        if not reaches_all(actor, spec.permission("view")):
            return msg("it counts all of %(objects)s, and you see only some.", objects=name_of_all(spec))
        # A sum, a name to group by, a condition: each could tell a field that is hidden.
        if actor.grants.hides(key):
            return msg("it tells of a field that your role hides.")
    for path in fields:
        object_key, _, field = path.partition(".")
        if field in actor.grants.hides(object_key):
            return msg("it tells of a field that your role hides.")
    return None
