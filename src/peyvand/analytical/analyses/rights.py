"""Who may be told a figure: it tells of all the rows that it counts, so whoever asks must be allowed to see all of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from django.utils.translation import override

from peyvand.kernel.errors import Message, msg
from peyvand.platform.access.decisions import decide
from peyvand.platform.access.rules import reaches_open
from peyvand.platform.identity.actor import Actor
from peyvand.platform.objects.spec import ObjectSpec, find_object


def closed(actor: Actor, objects: Iterable[str], fields: Iterable[str] = ()) -> Message | None:
    """Why the actor may not know figures about these objects and fields ("object.field"); None where nothing forbids it.

    Figures of several objects outlive a module that is switched off: they tell of its old rows whoever could see them.
    """
    specs = [spec for key in objects if (spec := find_object(key)) is not None]
    off = [spec for spec in specs if spec.key in actor.grants.objects_off]
    if off and len(off) == len(specs):
        return msg("the module of %(objects)s is switched off.", objects=name_of_all(off[0]))
    if off:
        actor = replace(actor, grants=replace(actor.grants, objects_off=frozenset()))
    for spec in specs:
        key = spec.key
        if not decide(actor, spec.permission("view")):
            return msg("your role does not see %(objects)s.", objects=name_of_all(spec))
        # What is private is left out of the warehouse.
        if not reaches_open(actor, spec.permission("view")):
            return msg("it counts all of %(objects)s, and you see only some.", objects=name_of_all(spec))
        # A sum, a name to group by, a condition: each could tell a field that is hidden. What is worked out from others, as
        # insights and formulas are, is in no warehouse.
        if actor.grants.kept_from(key):
            return msg("it tells of a field that your role hides.")
    for path in fields:
        object_key, _, field = path.partition(".")
        if field in actor.grants.hides(object_key):
            return msg("it tells of a field that your role hides.")
    return None


def name_of_all(spec: ObjectSpec) -> Message:
    """What an object's records are called, to be said in any language."""
    with override("en"):
        return Message(str(spec.label_plural))
