"""Requests are answered by as few threads as are needed at once."""

from __future__ import annotations

import gc
import threading
import time
import weakref
from concurrent.futures import Executor, Future, wait
from typing import Any

import pytest

from peyvand.config.threads import WarmThreads

PATIENCE = 30


def all_at_once(threads: Executor, count: int) -> set[str]:
    """So many works that are under way at the same time; the threads that did them."""
    together = threading.Barrier(count)

    def work() -> str:
        together.wait(PATIENCE)
        return threading.current_thread().name

    done = [threads.submit(work) for _ in range(count)]
    return {each.result(PATIENCE) for each in done}


def test_one_after_the_other_is_answered_by_one_thread_though_there_are_many() -> None:
    threads = WarmThreads(4)
    assert len(all_at_once(threads, 4)) == 4
    asked = set()
    for _ in range(20):
        asked.add(threads.submit(lambda: threading.current_thread().name).result(PATIENCE))
        time.sleep(0.005)  # until it is back among those without work
    assert len(asked) == 1


def test_more_than_there_are_threads_for_wait_their_turn() -> None:
    threads = WarmThreads(2)
    done: list[int] = []
    go = threading.Event()
    held: list[Future[Any]] = [threads.submit(go.wait, PATIENCE) for _ in range(2)]
    waiting: list[Future[Any]] = [threads.submit(done.append, n) for n in range(10)]
    time.sleep(0.05)
    assert done == []
    go.set()
    wait([*held, *waiting], PATIENCE)
    assert sorted(done) == list(range(10))
    assert (
        len({each.result(PATIENCE) for each in [threads.submit(threading.get_ident) for _ in range(50)]}) <= 2
    )


def test_a_failure_is_told_and_the_thread_goes_on() -> None:
    threads = WarmThreads(1)
    with pytest.raises(ZeroDivisionError):
        threads.submit(lambda: 1 / 0).result(PATIENCE)
    assert threads.submit(lambda: 7).result(PATIENCE) == 7


def test_what_was_given_up_before_its_turn_is_not_done() -> None:
    threads = WarmThreads(1)
    go, done = threading.Event(), list[int]()
    held = threads.submit(go.wait, PATIENCE)
    given_up = threads.submit(done.append, 1)
    assert given_up.cancel()
    go.set()
    held.result(PATIENCE)
    threads.submit(done.append, 2).result(PATIENCE)
    assert done == [2]


def test_an_answer_is_not_kept_until_the_next_request() -> None:
    class Answer:
        pass

    threads = WarmThreads(1)
    future = threads.submit(Answer)
    kept = weakref.ref(future.result(PATIENCE))
    del future
    until = time.monotonic() + PATIENCE
    while kept() is not None and time.monotonic() < until:
        gc.collect()
        time.sleep(0.01)
    assert kept() is None


def test_a_machine_that_had_no_thread_to_give_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    threads = WarmThreads(2)

    def refused(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", refused)
        for _ in range(3):
            with pytest.raises(RuntimeError):
                threads.submit(lambda: None)
    assert len(all_at_once(threads, 2)) == 2
