from __future__ import annotations

from collections.abc import Iterator
from socketserver import ThreadingMixIn
from threading import Thread
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
from tests.web.browsing import KEPT, PATIENCE

from peyvand.testing.installation import eventually


class Threads(ThreadingMixIn, WSGIServer):
    daemon_threads = True

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        from django.db import connections

        try:
            super().process_request_thread(request, client_address)
        finally:
            connections.close_all()


class Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Requests are not news."""


@pytest.fixture
def site(committed: Any) -> Iterator[str]:
    """The address of the application served to a real browser, with the cast committed.

    What a page still asked for when it was closed is waited for: it could write into tables that were emptied already.
    """
    from peyvand.config.wsgi import application

    busy: set[object] = set()

    def counted(environ: Any, start_response: Any) -> Any:
        request = object()
        busy.add(request)
        try:
            return application(environ, start_response)
        finally:
            busy.discard(request)

    server = make_server("127.0.0.1", 0, counted, Threads, Quiet)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join(60)
    assert eventually(lambda: not busy, pause=0.01)


@pytest.fixture
def chromium() -> Any:
    """The machine's Chromium."""
    return KEPT.browser()


@pytest.fixture
def signed_in(site: str, chromium: Any, committed: Any) -> Iterator[Any]:
    """``signed_in(user, language="fa", width=1440)``: a page of a browser in which that user is signed in.

    ``live``: the page may follow changes; the plain site of these tests does not serve them.
    """
    from peyvand.platform.identity.actor import access_changed
    from peyvand.platform.identity.models import Account, Membership
    from peyvand.platform.identity.sessions import ACCOUNT, SessionStore

    contexts = []

    def open_page(
        user: Any, language: str = "fa", width: int = 1440, theme: str = "light", *, live: bool = False
    ) -> Any:
        account_id = Membership.objects.get(workspace_id=user.workspace_id, user_id=user.id).account_id
        Account.objects.filter(id=account_id).update(language=language)
        access_changed(user.workspace_id)
        session = SessionStore()
        session[ACCOUNT] = account_id
        session.create()
        context = chromium.new_context(
            viewport={"width": width, "height": 900 if width > 720 else 780},
            base_url=site,
            # What moves is not where one clicks, and what fades has not the colours that axe judges.
            reduced_motion="reduce",
        )
        context.add_cookies(
            [
                {"name": "peyvand_session", "value": session.session_key, "url": site},
                {"name": "theme", "value": theme, "url": site},
            ]
        )
        if not live:
            context.route("**/live", lambda route: route.abort())
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        return page

    yield open_page
    for context in contexts:
        context.close()
