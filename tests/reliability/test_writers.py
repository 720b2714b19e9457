"""Several writers at once: no change is lost, nobody waits for ever, and a runaway question ends."""

from __future__ import annotations

import random
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections

from peyvand.kernel.errors import Conflict
from peyvand.operational.contacts.objects import PERSON
from peyvand.platform.actions.context import Context
from peyvand.platform.events.models import EventRow
from peyvand.platform.identity.actor import user_actor
from peyvand.platform.objects.records import create_records, update_record, update_records
from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.testing.installation import Answer, eventually

pytestmark = pytest.mark.slow

STATEMENT_SECONDS = 4


def test_of_two_who_change_the_same_version_one_is_told(site: Any) -> None:
    id = site.create("Contested 0")
    path = f"/api/v1/people/{id}"
    read_by_all = threading.Barrier(6)

    def add_one(number_of_task: int) -> int:
        """Read, add one, write upon what was read; again until it was taken. How often it was refused."""
        refused = 0
        while True:
            read = site.installed.ask("GET", path, None, site.arman.headers)
            if number_of_task < 6 and not refused:
                # All of the first six stand upon the same version: five of them are surely refused.
                read_by_all.wait(60)
            number = int(read.json["name"].split()[1])
            written = site.installed.ask(
                "PATCH",
                path,
                {"name": f"Contested {number + 1}"},
                site.arman.headers | {"If-Match": read.headers["etag"]},
            )
            if written.status == 200:
                return refused
            assert written.status in (409, 412), written.body
            refused += 1

    with ThreadPoolExecutor(6) as pool:
        refusals = sum(pool.map(add_one, range(30)))

    assert site.installed.ask("GET", path, None, site.arman.headers).json["name"] == "Contested 30"
    assert site.installed.value("select version from person where id = %s", id) == 31
    assert refusals >= 5, "nobody met anybody: this proves nothing"


def test_sets_changed_in_different_orders_do_not_lock_each_other_out(committed: Any) -> None:
    with workspace_scope(committed.arman.id):
        ctx = Context(user_actor(committed.arman.id, committed.sara.id), "web")
        ids = [p.id for p in create_records(ctx, PERSON, [{"name": f"Set {n}"} for n in range(40)])]

    def change(number: int) -> None:
        try:
            with workspace_scope(committed.arman.id):
                ctx = Context(user_actor(committed.arman.id, committed.sara.id), "web")
                mixed = random.Random(number).sample(ids, len(ids))
                found = PERSON.model.objects.in_bulk(mixed)
                records = [found[id] for id in mixed]
                # One half changes a field of its own, the other another: a write upon an old reading would undo one.
                key = "job_title" if number % 2 else "name"
                update_records(ctx, PERSON, records, [{key: f"{key} {number}"}] * len(records))
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(change, range(24)))

    with workspace_scope(committed.arman.id):
        kept = set(PERSON.model.objects.values_list("name", "job_title", "version"))
        rows = EventRow.objects.filter(wire="objects.record_updated.v1")
        changes = [data["changes"] for data in rows.values_list("data", flat=True)]
    assert len(kept) == 1  # every set came wholly after every other
    assert kept.pop()[2] == 25
    assert len(changes) == 24 * 40
    assert all(
        ("name" in change) != ("job_title" in change) for change in changes
    )  # nobody took another's value back


def test_a_record_read_before_anothers_change_is_not_written_over(committed: Any) -> None:
    with workspace_scope(committed.arman.id):
        ctx = Context(user_actor(committed.arman.id, committed.sara.id), "web")
        (made,) = create_records(ctx, PERSON, [{"name": "Read early"}])
        early, late = PERSON.model.objects.get(id=made.id), PERSON.model.objects.get(id=made.id)
        update_record(ctx, PERSON, late, {"name": "Written late"})
    with pytest.raises(Conflict), workspace_scope(committed.arman.id):
        update_record(ctx, PERSON, early, {"name": "Written over"})
    with workspace_scope(committed.arman.id):
        assert PERSON.model.objects.get(id=made.id).name == "Written late"


def test_a_wait_for_someone_elses_lock_ends(site: Any) -> None:
    # A reader waits for whoever holds the table alone, just as for a plan that goes astray.
    with site.installed.rows() as rows:  # noqa: SIM117 the transaction needs the connection
        with rows.transaction():
            rows.execute("lock table person in access exclusive mode")
            began = time.monotonic()
            answer = site.installed.ask("GET", "/api/v1/people", None, site.arman.headers)
            page = site.installed.ask("GET", "/w/arman/people/", None, {"Cookie": site.arman.cookie})
            took = time.monotonic() - began
    assert answer.status == 409
    assert answer.json["code"] == "busy"
    assert page.status == 409
    assert took < 2 * STATEMENT_SECONDS + 15


def test_a_question_that_takes_too_long_is_ended_with_a_sentence(site: Any) -> None:
    for n in range(12):
        site.create(f"Long {n}")
    with site.installed.rows() as rows:
        # Every row takes its time, as under a condition that no index serves.
        rows.execute("create policy slow on person as restrictive for select using (pg_sleep(3) is not null)")
        try:
            began = time.monotonic()
            answer = site.installed.ask("GET", "/api/v1/people?limit=200", None, site.arman.headers)
            took = time.monotonic() - began
            page = site.installed.ask("GET", "/w/arman/people/", None, {"Cookie": site.arman.cookie})
        finally:
            rows.execute("drop policy slow on person")
    assert answer.status == 422
    assert answer.json["code"] == "too_slow"
    assert "took too long" in answer.json["detail"]
    assert page.status == 422
    assert b"took too long" in page.body
    assert took < STATEMENT_SECONDS + 15, "all twelve take thirty-six"
    assert site.installed.ask("GET", "/api/v1/people", None, site.arman.headers).status == 200


def test_the_request_in_flight_is_finished_before_the_server_ends(site: Any) -> None:
    id = site.create("In flight")
    answers: list[Answer] = []
    change = threading.Thread(
        target=lambda: answers.append(
            site.installed.ask("PATCH", f"/api/v1/people/{id}", {"name": "Landed"}, site.arman.headers)
        )
    )
    with site.installed.rows() as rows, rows.transaction():
        rows.execute("select 1 from person where id = %s for update", [id])
        change.start()
        waits = "select count(*) from pg_locks where not granted"
        assert eventually(lambda: site.installed.value(waits), pause=0.02)
        ended = threading.Thread(target=site.installed.stop, args=["server", signal.SIGTERM])
        ended.start()
        # The server has heard of its end, and the lock is not waited for in vain yet.
        time.sleep(0.7)
    change.join(60)
    ended.join(120)
    site.installed.serve()

    assert [answer.status for answer in answers] == [200]
    assert site.installed.value("select name from person where id = %s", id) == "Landed"
