"""PostgreSQL ends under load and comes back: clean answers meanwhile, and everything goes on by itself."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from peyvand.testing.installation import Answer, eventually

pytestmark = pytest.mark.slow


def test_an_outage_is_answered_cleanly_and_ends_by_itself(site: Any) -> None:
    installed = site.installed
    page = {"Cookie": site.arman.cookie}
    stream = site.listen(site.arman)
    assert stream.opened(1)
    answers: list[Answer] = []
    acknowledged: list[int] = []
    over = threading.Event()

    def load(number: int) -> None:
        count = 0
        while not over.is_set():
            count += 1
            asked = installed.ask(
                "POST", "/api/v1/people", {"name": f"Outage {number} {count}"}, site.arman.headers
            )
            answers.append(asked)
            if asked.status == 201:
                acknowledged.append(asked.json["id"])
            answers.append(installed.ask("GET", "/api/v1/people?limit=5", None, site.arman.headers))

    threads = [threading.Thread(target=load, args=[n]) for n in range(3)]
    for thread in threads:
        thread.start()
    try:
        assert eventually(lambda: len(acknowledged) > 3)
        installed.end_database()
        down = [installed.ask("GET", f"/w/{site.arman.slug}/people/", None, page) for _ in range(3)]
        plain = installed.ask("GET", "/sign-in", None, page)
        health = installed.ask("GET", "/healthz")
        listed = installed.ask("GET", "/api/v1/people", None, site.arman.headers)
        time.sleep(1.5)
        installed.database.start()
        assert eventually(lambda: site.create("Back again")), installed.said()[-3000:]
        assert eventually(
            lambda: installed.ask("GET", f"/w/{site.arman.slug}/people/", None, page).status == 200
        )
    finally:
        over.set()
        for thread in threads:
            thread.join(90)

    for answer in down:
        assert answer.status == 503
        assert answer.headers["retry-after"]
        assert b"Nothing was saved" in answer.body
    assert plain.status in (200, 503)
    assert health.status == 503
    assert listed.status == 503
    assert listed.headers["retry-after"]
    assert listed.json["code"] == "unavailable"
    assert {a.status for a in answers} <= {200, 201, 503}
    assert not [
        a for a in (*answers, *down, plain, health, listed) if b"Traceback" in a.body or b"psycopg" in a.body
    ]
    with installed.rows() as rows:
        kept = {row[0] for row in rows.execute("select id from person where name like 'Outage %'")}
    assert set(acknowledged) <= kept
    # Nobody restarted anything: the same processes serve, work and tell.
    assert eventually(site.queue_is_empty), installed.said()[-3000:]
    assert stream.waits_for(lambda notice: notice["object"] == "*"), (
        "pages were not told to reload what they show"
    )
    last = site.create("After the outage")
    assert stream.waits_for(lambda notice: notice["ids"] == [last])
    assert eventually(site.queue_is_empty)
    assert installed.value("select count(*) from dead_letter") == 0
