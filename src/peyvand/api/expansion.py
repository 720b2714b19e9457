"""Linked records told in full: ``expand=company,owner`` costs one query for each kind of record, however many rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

from peyvand.api.serializers import Item, serializer
from peyvand.kernel.errors import Invalid, Problem, msg
from peyvand.platform.fields.about import About
from peyvand.platform.fields.types import Link
from peyvand.platform.identity.actor import Actor
from peyvand.platform.identity.grants import Scope
from peyvand.platform.objects.spec import ObjectSpec, find_object

MOST: Final = 10
Expanded = tuple[Link | About, ...]


def expanded(spec: ObjectSpec, actor: Actor, asked: str) -> Expanded:
    """The links named in ``asked``, but for those whose field the actor's role hides.

    Raises:
        Invalid: one of the names is no link, or they are too many.
    """
    keys = list(dict.fromkeys(filter(None, (k.strip() for k in asked.split(",")))))
    if len(keys) > MOST:
        raise Invalid.of(msg("At most %(most)s links can be expanded.", most=MOST), "expand")
    fields = {key: spec.all_fields.get(key) for key in keys}
    problems = [
        Problem("expand", msg("There is no link “%(name)s”.", name=key), "unknown")
        for key, field in fields.items()
        if not isinstance(field, Link | About)
    ]
    if problems:
        raise Invalid(problems)
    hidden = actor.grants.hides(spec.key)
    return tuple(f for k, f in fields.items() if isinstance(f, Link | About) and k not in hidden)


def expand(items: Sequence[Item], fields: Expanded, actor: Actor) -> None:
    """Put the linked record's own item in the place of its id and title.

    What the actor may not see, or what rests in the bin, stays as it is.
    """
    wanted: dict[str, set[int]] = defaultdict(set)
    for field in fields:
        for item in items:
            if link := item[field.key]:
                wanted[_object_of(field, link)].add(link["id"])
    found: dict[tuple[str, int], Item] = {}
    for key, ids in wanted.items():
        linked = find_object(key)
        if linked is None or actor.grants.scope(linked.permission("view")) is Scope.NONE:
            continue
        for item in serializer(linked, actor).several(actor, sorted(ids)):
            found[key, item["id"]] = item
    for field in fields:
        for item in items:
            if link := item[field.key]:
                item[field.key] = link | found.get((_object_of(field, link), link["id"]), {})


def _object_of(field: Link | About, link: Item) -> str:
    return field.to if isinstance(field, Link) else str(link["object"])
