"""What may come next about a record, as other slices know it: a deal's playbook, for one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence

from peyvand.platform.actions.context import Context

Source = Callable[[Context, int], Sequence[str]]
_sources: dict[str, list[Source]] = defaultdict(list)


def suggests(object_key: str) -> Callable[[Source], Source]:
    """Have a function name the steps that are open for a record of an object, by its id, the nearest first."""

    def register(source: Source) -> Source:
        _sources[object_key].append(source)
        return source

    return register


def suggested(ctx: Context, object_key: str, id: int) -> list[str]:
    """The steps that are open for a record, each once."""
    return list(dict.fromkeys(name for source in _sources[object_key] for name in source(ctx, id)))
