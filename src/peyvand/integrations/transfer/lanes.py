"""Sets of rows written side by side: while the database works on one, the next is understood."""

from __future__ import annotations

import gc
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from threading import Condition, Lock
from typing import Final, TypeVar

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

LANES: Final = 2
# So many more objects than before are made until Python looks for those that only hold each other. Two sets of rows
# are half as many, nearly all of them held by nobody in the end; looking through them again and again takes a third of the time.
_MANY_OBJECTS: Final = 1_000_000
T = TypeVar("T")
R = TypeVar("R")


def side_by_side(items: Iterable[T], work: Callable[[T], R]) -> Iterator[R]:
    """``work`` of each item, in order, on threads with connections of their own; at most a few items wait.

    Each call of ``work`` must open its own scope; where it depends on another, Turns tells when. An error ends it all
    once the sets that are under way have ended.
    """
    opened: list[BaseDatabaseWrapper] = []

    def enter() -> None:
        # A lane keeps its connection, and with it the plans of its statements; nobody else would close it.
        own = connections["default"]
        own.inc_thread_sharing()
        opened.append(own)

    pool = ThreadPoolExecutor(LANES, thread_name_prefix="import", initializer=enter)
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
        for connection in opened:
            connection.close()


class Turns:
    """The order of sets that are written side by side: each gives its keys after the one before, and waits for those
    under way unless none of them can write what it looks for."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._next = 0
        self._passed: set[int] = set()
        self._under_way: dict[int, str] = {}

    def begin(self, place: int, give: Callable[[], str]) -> None:
        """Call ``give`` when all earlier sets have given their keys. It returns the one kind of key by which the set's
        rows are told apart; then sets of the same kind go side by side. "": it goes alone."""
        with self._changed:
            self._changed.wait_for(lambda: self._next == place)
            kind = give()
            self._changed.wait_for(lambda: all(kind and kind == other for other in self._under_way.values()))
            self._under_way[place] = kind
            self._pass(place)

    def end(self, place: int) -> None:
        """The set is committed, or never will be."""
        with self._changed:
            self._under_way.pop(place, None)
            self._pass(place)

    def _pass(self, place: int) -> None:
        if place >= self._next:
            self._passed.add(place)
        while self._next in self._passed:
            self._passed.remove(self._next)
            self._next += 1
        self._changed.notify_all()


def then_close(work: Callable[[T], R]) -> Callable[[T], R]:
    """The same, giving the thread's connection back at its end: nobody else would."""

    def closing(item: T) -> R:
        try:
            return work(item)
        finally:
            connections.close_all()

    return closing


_lock: Final = Lock()
_imports = 0
_usual: tuple[int, int, int] = gc.get_threshold()


@contextmanager
def many_objects() -> Iterator[None]:
    """While this lasts, Python seldom looks for objects that only hold each other. Several may last at once."""
    global _imports, _usual
    with _lock:
        if not _imports:
            _usual = gc.get_threshold()
            gc.set_threshold(_MANY_OBJECTS, *_usual[1:])
        _imports += 1
    try:
        yield
    finally:
        with _lock:
            _imports -= 1
            if not _imports:
                gc.set_threshold(*_usual)
