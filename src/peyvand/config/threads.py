"""Threads for requests, of which the one that was busy last is asked first.

Each has a connection of its own, whose plans and caches PostgreSQL makes when they are first needed: a page's first time there
takes three times as long as the next. As few as are needed at once keep warm so; ``ThreadPoolExecutor`` asks them in turn.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor, Future
from queue import SimpleQueue
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")
Task = tuple[Future[Any], Callable[[], Any]]


class WarmThreads(Executor):
    """At most ``most`` threads, each started when all others are busy. They end with the process."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._started = 0
        # Those without work, the last busy one last; what waits where all are busy.
        self._idle: list[SimpleQueue[Task]] = []
        self._waiting: deque[Task] = deque()

    def submit(self, work: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Have it done by the thread that is the warmest of those without work, or by the first that gets free."""
        future: Future[T] = Future()
        task: Task = (future, lambda: work(*args, **kwargs))
        with self._lock:
            if self._idle:
                self._idle.pop().put(task)
            elif self._started < self._most:
                self._start().put(task)
            else:
                self._waiting.append(task)
        return future

    def _start(self) -> SimpleQueue[Task]:
        asked: SimpleQueue[Task] = SimpleQueue()
        name = f"request_{self._started + 1}"
        # A machine that has no thread to give refuses it; the next request asks again.
        threading.Thread(target=self._work, args=(asked,), name=name, daemon=True).start()
        self._started += 1
        return asked

    def _work(self, asked: SimpleQueue[Task]) -> None:
        while True:
            task = asked.get()
            _do(*task)
            # What was answered is not kept until the next request.
            del task
            with self._lock:
                if self._waiting:
                    asked.put(self._waiting.popleft())
                else:
                    self._idle.append(asked)


def _do(future: Future[Any], work: Callable[[], Any]) -> None:
    if not future.set_running_or_notify_cancel():
        return
    try:
        future.set_result(work())
    except BaseException as failure:  # noqa: BLE001 whoever asked is told
        future.set_exception(failure)
