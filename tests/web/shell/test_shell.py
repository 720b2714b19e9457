"""The shell around every page: who sees what in it, and how failures look."""

from __future__ import annotations

from typing import Any


def test_today(cast: Any, browse: Any) -> None:
    page = browse(cast.sara).get("/w/arman/")
    print(page.content.decode())
    assert 'href="/w/arman/people/"' in page.content.decode()
    r = browse(cast.sara).get("/w/arman/palette?q=pe")
    print(r.content.decode())
    r = browse(cast.sara).get("/nowhere")
    print(r.content.decode())
    assert r.status_code == 404
