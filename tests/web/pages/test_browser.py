"""A person at work in a real browser: creating by the dialog, editing in place, writing in the composer."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest

from peyvand.operational.contacts.objects import PERSON
from peyvand.platform.identity.actor import user_actor
from peyvand.platform.identity.models import Account
from peyvand.platform.identity.sessions import ACCOUNT, SessionStore
from peyvand.platform.objects.queries import fetch_row
from peyvand.platform.workspaces.scope import workspace_scope

pytestmark = pytest.mark.slow


class Site(ThreadingMixIn, WSGIServer):
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
def browsing(committed: Any) -> Iterator[Callable[..., Any]]:
    """``with browsing(user) as page``: a browser in which that user is signed in, reading Persian."""
    from peyvand.config.wsgi import application

    server = make_server("127.0.0.1", 0, application, Site, Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    address = f"http://127.0.0.1:{server.server_port}"

    @contextmanager
    def open_page(user: Any) -> Iterator[Any]:
        from playwright.sync_api import sync_playwright

        Account.objects.filter(id=user.account_id).update(language="fa")
        session = SessionStore()
        session[ACCOUNT] = user.account_id
        session.create()
        wrong: list[str] = []
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
            context = browser.new_context(base_url=address, viewport={"width": 1440, "height": 900})
            context.add_cookies([{"name": "peyvand_session", "value": session.session_key, "url": address}])
            page = context.new_page()
            page.set_default_timeout(15_000)
            page.on("pageerror", lambda error: wrong.append(str(error)))
            yield page
            browser.close()
        assert wrong == []

    yield open_page
    server.shutdown()
    server.server_close()
    thread.join(5)


def test_a_person_is_created_edited_in_place_and_written_about(committed, browsing):
    with browsing(committed.sara) as page:
        page.goto("/w/arman/people/new")
        page.fill("#f-given_name", "نگار")
        page.fill("#f-family_name", "رستگار")
        page.fill("input[name=phones-0-value]", "۱۲")
        page.click(".form-acts .primary")
        page.wait_for_selector(".rep .err")
        assert page.input_value("#f-family_name") == "رستگار"
        page.fill("input[name=phones-0-value]", "۰۹۱۲ ۴۳۸ ۲۲۱۷")
        page.click("[data-add] >> nth=0")
        page.fill("input[name=phones-1-value]", "031 3628 1400")
        page.click(".form-acts .primary")
        page.wait_for_selector(".rec-head")
        assert "نگار رستگار" in page.inner_text(".rec-head h2")
        assert "۰۹۱۲ ۴۳۸ ۲۲۱۷" in page.inner_text("#rec-side")

        # In place: Enter saves, Escape restores, a refusal keeps what was typed.
        city = page.locator("dd[data-edit$='/field/city']")
        city.click()
        page.fill("#f-city", "اصفهان")
        page.keyboard.press("Enter")
        page.wait_for_selector("dd[data-edit$='/field/city']:text-is('اصفهان')")
        city.click()
        page.fill("#f-city", "یزد")
        page.keyboard.press("Escape")
        assert city.inner_text().strip() == "اصفهان"

        # By the dialog, over the page.
        page.keyboard.press("e")
        page.wait_for_selector("dialog[open] #f-job_title")
        page.fill("dialog #f-job_title", "مدیر خرید")
        page.click("dialog .modal-f .primary")
        page.wait_for_selector("dialog:not([open])", state="attached")
        page.wait_for_selector(".rec-head .meta:has-text('مدیر خرید')")

        # The composer: Ctrl-Enter enters, the note stands on top, the box is empty again.
        page.fill("#c-note textarea", "پیش‌فاکتور تا شنبه")
        page.press("#c-note textarea", "Control+Enter")
        page.wait_for_selector("#timeline .ev >> text=پیش‌فاکتور تا شنبه")
        assert page.input_value("#c-note textarea") == ""
        page.click("#k-task")
        page.click("#c-task button.primary")
        page.wait_for_selector("#c-task .err")
        page.fill("#c-task input[name=title]", "تماس با نگار")
        page.click("#c-task button.primary")
        page.wait_for_selector("#timeline .ev >> text=تماس با نگار")

        # Deleting and taking it back.
        page.click(".acts .menu summary")
        page.click(".acts .menu .danger")
        page.wait_for_selector(".notice.warn")
        page.click(".toast button:not(.x)")
        page.wait_for_selector(".rec-page:not(:has(.notice.warn)) .acts")
        id = int(page.url.split("/")[-2])
    with workspace_scope(committed.arman.id):
        row = fetch_row(PERSON, user_actor(committed.arman.id, committed.sara.id), id)
        assert [p["value"] for p in row.values["phones"]] == ["+989124382217", "+983136281400"]
        assert (row.values["city"], row.values["job_title"]) == ("اصفهان", "مدیر خرید")
