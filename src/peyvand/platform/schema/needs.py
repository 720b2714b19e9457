"""Who uses a workspace's own fields beside fields computed from them: a slice that keeps conditions says so here.

    @needs_fields
    def plans_with(object_key: str, field_key: str) -> Iterable[str]: ...

A field that something needs is not archived: what it decides would change without anybody's doing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

# (object, field) -> what people call each thing that needs it.
Needs = Callable[[str, str], Iterable[str]]
_sources: list[Needs] = []


def needs_fields(source: Needs) -> Needs:
    """Have a slice asked before a field is archived."""
    _sources.append(source)
    return source


def needed_by(object_key: str, field_key: str) -> list[str]:
    """The names of all that need a field."""
    return [name for source in _sources for name in source(object_key, field_key)]
