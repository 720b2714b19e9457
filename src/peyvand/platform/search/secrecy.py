"""Which fields feed the search of each object: where a role hides one of them, only titles may be found by."""

from __future__ import annotations

from collections.abc import Iterable

from peyvand.platform.fields.custom import PREFIX
from peyvand.platform.identity.actor import Actor

_feeding: dict[str, frozenset[str]] = {}
_tags: dict[str, frozenset[str]] = {}


def declare(object_key: str, fields: Iterable[str], tags: Iterable[str] = ()) -> None:
    """Say which fields' words are kept in the index of an object, or shown beside its titles, and which hold tags."""
    _feeding[object_key] = frozenset(fields)
    _tags[object_key] = frozenset(tags)


def knows_tags(actor: Actor, object_key: str) -> bool:
    """Whether the actor may learn which tags such records have."""
    return not actor.grants.hides(object_key) & _tags.get(object_key, frozenset())


def by_title_only(actor: Actor, object_key: str) -> bool:
    """Whether the actor must not find such records by their other words: a hidden field could be guessed by searching."""
    hidden = actor.grants.hides(object_key)
    return bool(hidden & _feeding.get(object_key, frozenset())) or any(
        key.startswith(PREFIX) for key in hidden
    )
