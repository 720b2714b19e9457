"""The worker gives way to people: it and what PostgreSQL does for it take what they leave."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from peyvand.platform.jobs.yielding import NICE, leave_cores
from peyvand.testing.installation import eventually

BACKENDS = (
    "select pid from pg_stat_activity where application_name = 'peyvand' and backend_type = 'client backend'"
)


def priority(pid: int) -> int | None:
    try:
        return os.getpriority(os.PRIO_PROCESS, pid)
    except ProcessLookupError:
        return None


def test_the_worker_and_its_backends_go_last_and_the_web_server_does_not(site: Any) -> None:
    worker, server = site.installed.pid("worker"), site.installed.pid("server")
    site.create("Somebody")

    def backends() -> set[int | None]:
        with site.installed.rows() as rows:
            return {priority(pid) for (pid,) in rows.execute(BACKENDS)}

    # Those of the web server and of the worker's queue as ever, those of its jobs behind them.
    assert eventually(lambda: {0, NICE} <= backends()), (backends(), site.installed.said()[-3000:])
    assert priority(worker) == NICE
    assert priority(server) == 0
    children = [int(p) for p in Path(f"/proc/{server}/task/{server}/children").read_text().split()]
    assert children
    assert {priority(child) for child in children} == {0}


def test_where_linux_weighs_sessions_that_of_the_worker_goes_last(site: Any) -> None:
    weight = Path(f"/proc/{site.installed.pid('worker')}/autogroup")
    if not weight.exists():
        pytest.skip("this machine weighs processes alone")
    assert weight.read_text().split()[-1] == str(NICE)
    assert Path(f"/proc/{site.installed.pid('server')}/autogroup").read_text().split()[-1] == "0"


def test_mathematics_leaves_half_of_the_cores_unless_told_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "environ", {})
    monkeypatch.setattr(os, "cpu_count", lambda: 8)
    leave_cores()
    assert os.environ == {"PEYVAND_CORES": "4", "OMP_NUM_THREADS": "4"}
    monkeypatch.setattr(os, "environ", {"PEYVAND_CORES": "6", "OMP_NUM_THREADS": "1"})
    leave_cores()
    assert os.environ == {"PEYVAND_CORES": "6", "OMP_NUM_THREADS": "1"}
