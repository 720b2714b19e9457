"""The worker is killed in the middle of its work, again and again; every event is told all the same."""

from __future__ import annotations

import signal
import time
from pathlib import Path
from typing import Any

import pytest

from peyvand.testing.installation import Installation, eventually

pytestmark = [pytest.mark.slow, pytest.mark.timeout(500)]

PEOPLE = 120


def test_no_event_is_lost_when_the_worker_is_killed(tmp_path: Path, receiver: Any) -> None:
    installed = Installation(
        tmp_path / "data",
        {
            "PEYVAND_OUTGOING_NETWORKS": "127.0.0.1/32",
            "PEYVAND_JOB_HEARTBEAT_SECONDS": "0.5",
            "PEYVAND_JOB_STALLED_SECONDS": "2",
        },
    )
    installed.open()
    try:
        headers = installed.workspace("arman").headers
        installed.serve(1)
        hook = {"name": "ERP", "url": receiver.url, "objects": ["person"], "payload": "thin"}
        made = installed.ask("POST", "/api/v1/webhooks", hook, headers)
        assert made.status == 201, made.body
        installed.work()
        wanted: set[int] = set()
        kills = 0
        for n in range(PEOPLE):
            answer = installed.ask("POST", "/api/v1/people", {"name": f"Person {n}"}, headers)
            assert answer.status == 201, answer.body
            wanted.add(answer.json["id"])
            if n % 60 == 30:
                assert eventually(lambda: receiver.requests)
                installed.stop("worker", signal.SIGKILL)
                kills += 1
                time.sleep(0.3)
                installed.work()

        def told() -> set[int]:
            return {r["json"]["data"]["id"] for r in receiver.requests}

        assert kills == 2
        assert eventually(lambda: told() >= wanted, 180, pause=0.5), (
            len(wanted - told()),
            installed.said()[-3000:],
        )
        assert told() == wanted
        # What a killed worker had sent but not written down comes twice, under the same id; nothing else does.
        ids = [r["headers"]["webhook-id"] for r in receiver.requests]
        assert len(ids) - len(set(ids)) <= kills * 4
        assert eventually(
            lambda: installed.value("select count(*) from webhook_delivery where state <> 'delivered'") == 0
        )
        assert installed.value("select count(*) from webhook_delivery") == PEOPLE
    finally:
        installed.close()
