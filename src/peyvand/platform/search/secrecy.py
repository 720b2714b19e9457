"""Which fields feed the search of each object: where a role hides one of them, only titles may be found by."""

from __future__ import annotations

from collections.abc import Iterable

from peyvand.platform.identity.actor import Actor

_feeding: dict[str, frozenset[str]] = {}


def declare(object_key: str, fields: Iterable[str]) -> None:
    """Say which fields' words are kept in the index of an object, or shown beside its titles."""
    _feeding[object_key] = frozenset(fields)


def by_title_only(actor: Actor, object_key: str) -> bool:
    """Whether the actor must not find such records by their other words: a hidden field could be guessed by searching."""
    return bool(actor.grants.hides(object_key) & _feeding.get(object_key, frozenset()))
