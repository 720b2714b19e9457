"""Live updates: everyone of a workspace and nobody else, whoever reads slowly, until the server ends."""

from __future__ import annotations

import socket
import time
from typing import Any

import pytest

from peyvand.config.cli.serve import KILL_SECONDS

pytestmark = pytest.mark.slow

PAGES = 50


def test_a_change_reaches_every_page_of_its_workspace_and_no_other(site: Any) -> None:
    pages = [site.listen(site.arman) for _ in range(PAGES)]
    strangers = [site.listen(site.rival) for _ in range(5)]
    assert all(page.opened(1) for page in (*pages, *strangers))

    ids = [site.create(f"Live {n}") for n in range(3)]
    foreign = site.create("Foreign", side=site.rival)

    assert all(page.waits_for(lambda notice: notice["ids"] == [ids[-1]]) for page in pages)
    assert all(page.waits_for(lambda notice: notice["ids"] == [foreign]) for page in strangers)
    assert all(
        [n["ids"] for n in page.notices if n["object"] == "person"] == [[id] for id in ids] for page in pages
    )
    assert all([n["ids"] for n in page.notices] == [[foreign]] for page in strangers)


def test_a_page_that_does_not_read_holds_up_nobody(site: Any) -> None:
    deaf = socket.create_connection(("127.0.0.1", site.installed.port))
    deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    deaf.sendall(
        f"GET /w/arman/live HTTP/1.1\r\nHost: localhost\r\nCookie: {site.arman.cookie}\r\n\r\n".encode()
    )
    page = site.listen(site.arman)
    assert page.opened(1)
    with site.installed.rows() as rows:
        # More than all buffers between the two can hold.
        rows.execute(
            """select count(pg_notify('peyvand_live', json_build_object('workspace', %s::int, 'object', repeat('x', 4000),
               'ids', array[n])::text)) from generate_series(1, 3000) n""",
            [site.arman.workspace_id],
        )

    id = site.create("Heard")

    assert page.waits_for(lambda notice: notice["ids"] == [id])
    deaf.close()


def test_a_stranger_may_not_listen(site: Any) -> None:
    assert site.installed.ask("GET", "/w/arman/live", headers={"Cookie": site.rival.cookie}).status == 403
    assert site.installed.ask("GET", "/w/arman/live").status == 403


def test_streams_end_with_the_server(site: Any) -> None:
    pages = [site.listen(site.arman, again=False) for _ in range(10)]
    assert all(page.opened(1) for page in pages)
    began = time.monotonic()

    code = site.installed.stop("server")

    took = time.monotonic() - began
    ended = [page.ended.wait(60) for page in pages]
    site.installed.serve()
    assert code == 0
    assert all(ended)
    assert took < KILL_SECONDS, "it was left to itself to end, and waited for nobody who only listens"
