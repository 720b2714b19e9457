"""What may be told of a record that another one names: its title only to those who may see it.

One rule for lists, pages, boards, groups, exports and the API. That a link is there, and to which id, is a value of the
record that has it; what the linked record is called is not. What belongs to everybody (a stage, a colleague, a product)
is no secret by its name.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from peyvand.platform.access.policies import SharedRows, policy_of
from peyvand.platform.access.rules import rule
from peyvand.platform.fields.types import Compound, Link, Ref
from peyvand.platform.identity.actor import Actor
from peyvand.platform.objects.references import titled
from peyvand.platform.objects.spec import ObjectSpec, find_object
from peyvand.platform.search.permitted import visible

Values = tuple[Any, ...]


def unseen(actor: Actor, object_key: str, ids: Collection[int]) -> set[int]:
    """Those of the records whose titles the actor must not learn; one query, and none where there can be no such record."""
    spec = find_object(object_key)
    if (
        spec is None
        or not ids
        or isinstance(policy_of(object_key), SharedRows)
        or rule(actor, object_key) is None
    ):
        return set()
    return set(ids) - {id for _, id in visible(actor, ((object_key, id) for id in ids))}


def without_titles(
    actor: Actor, spec: ObjectSpec, columns: Sequence[str], rows: list[Values]
) -> list[Values]:
    """Rows of an object with None for the title of each linked record that is out of the actor's sight."""
    for link in spec.stored_fields:
        if not isinstance(link, Link) or link.untitled:
            continue
        title = f"{link.attr}__{link.title}"
        if title not in columns or link.column not in columns:
            continue
        id_at, title_at = columns.index(link.column), columns.index(title)
        hidden = unseen(actor, link.to, {row[id_at] for row in rows} - {None})
        if hidden:
            rows = [
                (*row[:title_at], None, *row[title_at + 1 :]) if row[id_at] in hidden else row for row in rows
            ]
    return rows


def without_names(actor: Actor, field: Compound, loaded: Mapping[int, Any]) -> Mapping[int, Any]:
    """What a field holds of each record, its items without the names of records that are out of the actor's sight."""
    ids = {item["id"] for items in loaded.values() for item in items} if field.names else set()
    hidden = unseen(actor, field.names, ids)
    if not hidden:
        return loaded
    return {
        id: tuple({**item, "name": "", "is_unseen": True} if item["id"] in hidden else item for item in items)
        for id, items in loaded.items()
    }


def shown_refs(actor: Actor, refs: Iterable[Ref]) -> dict[Ref, Ref]:
    """The references, which have their titles, as the actor may read them."""
    asked = set(refs)
    hidden = {
        (key, id)
        for key in {ref.object for ref in asked}
        for id in unseen(actor, key, {ref.id for ref in asked if ref.object == key})
    }
    return {ref: _blank(ref) if (ref.object, ref.id) in hidden else ref for ref in asked}


def named(actor: Actor, refs: Iterable[Ref]) -> dict[Ref, Ref]:
    """The references, which have none yet, with their titles, as the actor may read them."""
    asked = set(refs)
    found = titled(actor, asked)
    return {ref: found.get((ref.object, ref.id)) or _blank(ref) for ref in asked}


def _blank(ref: Ref) -> Ref:
    return Ref(ref.object, ref.id, "", is_unseen=True)
