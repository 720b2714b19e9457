"""What a person is offered once something is done: a dialog about the step that comes after it.

A slice says in its ``web`` module which dialog:

    @offered_after("task.complete", "call.create")
    def next_step(ctx: Context, record: Any) -> str: ...  # its address, or "" for none

Whoever answers a request that did one of these adds ``offer(ctx, operation, record)`` to the events of the answer.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any

from peyvand.platform.actions.context import Context

Source = Callable[[Context, Any], str]
_sources: dict[str, list[tuple[int, Source]]] = defaultdict(list)


def offered_after(*operations: str, order: int = 50) -> Callable[[Source], Source]:
    """Offer a dialog after these operations; of several sources the first by ``order`` that has one is asked."""

    def register(source: Source) -> Source:
        for operation in operations:
            _sources[operation].append((order, source))
        return source

    return register


def offer(ctx: Context, operation: str, record: Any, *, elsewhere: bool = False) -> dict[str, Any]:
    """The event that opens the dialog; ``elsewhere``: the answer leads to another page, on which it is to open."""
    sources = sorted(_sources[operation], key=lambda pair: pair[0])
    url = next(filter(None, (source(ctx, record) for _order, source in sources)), "")
    return {"offer": {"url": url, "elsewhere": elsewhere}} if url else {}
