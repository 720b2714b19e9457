"""Two requests at the same moment, on connections of their own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connections

from peyvand.testing.programs import Answer, Program, program_of


def at_once(program: Program, times: int, send: Callable[[Program, int], Answer]) -> list[Answer]:
    """The answers to ``times`` requests that start together."""
    barrier = threading.Barrier(times)

    def one(n: int) -> Answer:
        try:
            barrier.wait(60)
            return send(Program(program.token), n)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(one, range(times)))


def test_of_requests_with_one_idempotency_key_one_runs(committed: Any) -> None:
    sara = program_of(committed.sara, committed.arman)
    for attempt in range(5):
        answers = at_once(
            sara,
            4,
            lambda p, _, key=f"k{attempt}": p.post("people", {"name": "Neda"}, Idempotency_Key=key),  # type: ignore[misc]
        )
        assert [a.status for a in answers] == [201] * 4
        assert len({a.json["id"] for a in answers}) == 1
        assert sum("Idempotent-Replayed" in a.headers for a in answers) == 3
    assert sara.get("people", count="exact").json["count"] == 5


def test_of_two_who_put_one_external_id_one_creates(committed: Any) -> None:
    sara = program_of(committed.sara, committed.arman)
    for attempt in range(5):
        at = f"people/external/x{attempt}"
        answers = at_once(sara, 4, lambda p, n, at=at: p.send("PUT", at, {"name": f"Neda {n}"}))  # type: ignore[misc]
        assert sorted(a.status for a in answers) == [200, 200, 200, 201]
    batches = at_once(
        sara,
        4,
        lambda p, n: p.post(
            "people/batch",
            {"upsert": [{"external_id": f"y{i}", "name": "x"} for i in range(50)][:: 1 if n % 2 else -1]},
        ),
    )
    assert [a.json["refused"] for a in batches] == [0] * 4
    assert sum(a.json["created"] for a in batches) == 50
