"""Sets of rows written side by side: while the database works on one, the next is understood."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final, TypeVar

from django.db import connections

LANES: Final = 2
T = TypeVar("T")
R = TypeVar("R")


def side_by_side(items: Iterable[T], work: Callable[[T], R]) -> Iterator[R]:
    """``work`` of each item, in order, on threads with connections of their own; at most a few items wait.

    Each call of ``work`` must open its own scope and depend on no other. An error ends it all once the sets
    that are under way have ended.
    """
    pool = ThreadPoolExecutor(LANES, thread_name_prefix="import")
    under_way: deque[Future[R]] = deque()
    try:
        for item in items:
            under_way.append(pool.submit(work, item))
            if len(under_way) > LANES:
                yield under_way.popleft().result()
        while under_way:
            yield under_way.popleft().result()
    finally:
        for waiting in under_way:
            waiting.cancel()
        pool.shutdown(wait=True)


def then_close(work: Callable[[T], R]) -> Callable[[T], R]:
    """The same, giving the thread's connection back at its end: nobody else would."""

    def closing(item: T) -> R:
        try:
            return work(item)
        finally:
            connections.close_all()

    return closing
