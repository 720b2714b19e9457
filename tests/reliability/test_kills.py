"""kill -9 at random moments: what was acknowledged is there once, and everything that follows from it happened."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from peyvand.testing.installation import eventually

pytestmark = pytest.mark.slow

KILLS = 5

FOLLOWED = """
select p.id,
  (select count(*) from event e where e.object = 'person' and e.object_id = p.id),
  (select count(*) from timeline_entry t where t.object = 'person' and t.object_id = p.id),
  (select count(*) from audit_entry a where a.object = 'person' and a.object_id = p.id),
  (select count(*) from search_entry s where s.object = 'person' and s.object_id = p.id and s.title = p.name),
  (select count(*) from event e join reaction_run r on r.event_id = e.id and r.reaction = 'witness.apps.take_note'
   where e.object = 'person' and e.object_id = p.id)
from person p where p.name like %s
"""


class Writer(threading.Thread):
    """A client as it should be: it sends a change again, under the same key, until the server says that it is done."""

    def __init__(self, site: Any, mark: str) -> None:
        super().__init__(daemon=True)
        self.site, self.mark = site, mark
        self.enough = threading.Event()
        self.done: dict[str, int] = {}

    def run(self) -> None:
        number = 0
        while not self.enough.is_set():
            number += 1
            name = f"{self.mark} {number}"
            while not (id := self.site.create(name, key=name)):
                time.sleep(0.05)
            self.done[name] = id


def children(pid: int) -> list[int]:
    shown = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False
    ).stdout
    return [int(line) for line in shown.split()]


def write_while(site: Any, mark: str, disturb: Callable[[], None]) -> dict[str, int]:
    """Three clients write while ``disturb`` is called at random moments; what was acknowledged, by name.

    A server whose workers are killed twice within seconds takes it for a crash loop and ends; as under a supervisor,
    it is started again, after the last disturbance too.
    """

    def all_wrote() -> bool:
        site.installed.revive()
        return all(len(writer.done) > 10 for writer in writers)

    def all_left() -> bool:
        site.installed.revive()
        return not any(writer.is_alive() for writer in writers)

    writers = [Writer(site, f"{mark} {n}") for n in range(3)]
    for writer in writers:
        writer.start()
    try:
        for _ in range(KILLS):
            time.sleep(random.uniform(0.3, 1.2))
            disturb()
        assert eventually(all_wrote), site.installed.said()[-3000:]
    finally:
        for writer in writers:
            writer.enough.set()
        assert eventually(all_left), site.installed.said()[-3000:]
    return {name: id for writer in writers for name, id in writer.done.items()}


def assert_everything_followed(site: Any, mark: str, acknowledged: dict[str, int]) -> None:
    assert eventually(site.queue_is_empty), site.installed.said()[-3000:]
    with site.installed.rows() as rows:
        found = rows.execute(FOLLOWED, [f"{mark} %"]).fetchall()
    # Every change was sent again until it was acknowledged: so all of them are there, none twice.
    assert sorted(row[0] for row in found) == sorted(acknowledged.values())
    assert {row[1:] for row in found} == {(1, 1, 1, 1, 1)}
    assert site.installed.value("select count(*) from dead_letter") == 0


def test_kills_of_the_web_server_lose_and_double_nothing(site: Any) -> None:
    def kill_one() -> None:
        site.installed.revive()
        if workers := children(site.installed.pid("server")):
            os.kill(random.choice(workers), signal.SIGKILL)

    acknowledged = write_while(site, "Web", kill_one)

    assert_everything_followed(site, "Web", acknowledged)


def test_kills_of_the_worker_lose_and_double_nothing(site: Any) -> None:
    def kill_and_start_again() -> None:
        site.installed.stop("worker", signal.SIGKILL)
        site.installed.work()

    acknowledged = write_while(site, "Job", kill_and_start_again)

    assert_everything_followed(site, "Job", acknowledged)


def test_a_stalled_job_is_taken_up_by_another_worker(site: Any) -> None:
    assert eventually(site.queue_is_empty)
    id = site.create("Slow one")
    assert eventually(
        lambda: site.installed.value(
            "select count(*) from procrastinate_jobs where status = 'doing' and task_name = 'events.react'"
        )
    )
    # At once, before the slow one is over.
    site.installed.stop("worker", signal.SIGKILL)
    site.installed.work("second")

    ran = (
        "select count(*) from reaction_run r join event e on e.id = r.event_id "
        "where e.object = 'person' and e.object_id = %s and r.reaction = 'witness.apps.take_note'"
    )
    assert site.installed.value(ran, id) == 0
    assert eventually(lambda: site.installed.value(ran, id)), site.installed.said()[-3000:]
    assert eventually(site.queue_is_empty)
    site.installed.stop("second")
    site.installed.work()

    assert site.installed.value(ran, id) == 1


def test_a_revived_job_gives_way_to_the_one_that_waits_under_its_name(site: Any) -> None:
    """Both would do the same; putting the dead one back must not stand in the way of all others for ever."""
    with site.installed.rows() as rows:
        rows.execute(
            """
            insert into procrastinate_jobs (queue_name, task_name, queueing_lock, args, status, scheduled_at) values
                ('default', 'tests.none', 'tests.twin', '{}', 'doing', null),
                ('default', 'tests.none', 'tests.twin', '{}', 'todo', now() + interval '1 hour')
            """
        )
    twins = "select count(*) from procrastinate_jobs where queueing_lock = 'tests.twin' and status = %s"
    assert eventually(lambda: site.installed.value(twins, "doing") == 0), site.installed.said()[-3000:]
    assert site.installed.value(twins, "todo") == 1
    with site.installed.rows() as rows:
        rows.execute("delete from procrastinate_jobs where queueing_lock = 'tests.twin'")
