"""A device that keeps step with somebody's calendar."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from xml.etree.ElementTree import Element

import pytest
from defusedxml.ElementTree import fromstring
from django.test import Client

from peyvand.operational.calendars.passwords import make_password
from peyvand.operational.calendars.taking import start, work_off
from peyvand.platform.workspaces.scope import workspace_scope

D, C = "{DAV:}", "{urn:ietf:params:xml:ns:caldav}"


@dataclass
class Device:
    """What a phone sends and gets."""

    user: Any
    slug: str
    name: str
    password: str

    @property
    def home(self) -> str:
        return f"/dav/{self.slug}/{self.user.id}/"

    def send(self, method: str, path: str, body: str | bytes = b"", **headers: str) -> Any:
        """``path`` begins with a slash, or is one beneath the user's folder."""
        told = {f"HTTP_{name.upper()}": value for name, value in headers.items()}
        word = b64encode(f"{self.name}:{self.password}".encode()).decode()
        told.setdefault("HTTP_AUTHORIZATION", f"Basic {word}")
        raw = body.encode() if isinstance(body, str) else body
        whole = path if path.startswith("/") else self.home + path
        return Client().generic(method, whole, raw, content_type="text/calendar; charset=utf-8", **told)

    def put(self, path: str, *lines: str, **headers: str) -> Any:
        return self.send("PUT", path, ics(*lines), **headers)

    def names(self, kind: str = "meetings") -> dict[str, str]:
        """The ETags of a calendar by name."""
        asked = '<propfind xmlns="DAV:"><prop><getetag/></prop></propfind>'
        found = tree(self.send("PROPFIND", f"{kind}/", asked, depth="1"))
        tags = {
            one.findtext(f"{D}href"): one.findtext(f".//{D}getetag") for one in found.findall(f"{D}response")
        }
        return {path.rpartition("/")[2]: tag for path, tag in tags.items() if tag}

    def text(self, path: str) -> str:
        answer = self.send("GET", path)
        assert answer.status_code == 200, answer.status_code
        return answer.content.decode().replace("\r\n ", "")

    def changed(
        self, token: str = "", kind: str = "meetings", more: str = ""
    ) -> tuple[list[str], list[str], str]:
        """What a calendar says changed since a token, what went, and the next token."""
        asked = (f'<sync-collection xmlns="DAV:"><sync-token>{token}</sync-token><sync-level>1</sync-level>{more}'
                 "<prop><getetag/></prop></sync-collection>")  # fmt: skip
        found = tree(self.send("REPORT", f"{kind}/", asked))
        there, gone = [], []
        for one in found.findall(f"{D}response"):
            name = (one.findtext(f"{D}href") or "").rpartition("/")[2]
            (gone if one.findtext(f"{D}status") else there).append(name)
        return there, gone, found.findtext(f"{D}sync-token") or ""


def tree(answer: Any) -> Element:
    assert answer.status_code == 207, (answer.status_code, answer.content[:500])
    found: Element = fromstring(answer.content)
    return found


def ics(*lines: str) -> str:
    return "\r\n".join(("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Test//EN", *lines, "END:VCALENDAR", ""))


def event(uid: str, *lines: str) -> tuple[str, ...]:
    return ("BEGIN:VEVENT", f"UID:{uid}", "DTSTAMP:20261101T000000Z", *lines, "END:VEVENT")


def todo(uid: str, *lines: str) -> tuple[str, ...]:
    return ("BEGIN:VTODO", f"UID:{uid}", "DTSTAMP:20261101T000000Z", *lines, "END:VTODO")


def take_over(ctx: Any, body: bytes) -> Any:
    """A calendar file taken over whole: the run as it ended."""
    run = start(ctx, name="mine.ics", body=body)
    work_off(ctx.tenant, run.id)
    run.refresh_from_db()
    return run


@dataclass
class Elsewhere:
    """A calendar that lies at an address of this machine."""

    url: str = ""
    says: str = ""
    asked: int = 0


@pytest.fixture
def elsewhere() -> Iterator[Elsewhere]:
    found = Elsewhere()

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found.asked += 1
            self.send_response(200)
            self.end_headers()
            self.wfile.write(found.says.encode())

        def log_message(self, *_: Any) -> None:
            """Nothing is to be told of it."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        found.url = f"http://127.0.0.1:{server.server_port}/mine.ics"
        try:
            yield found
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def device(cast: Any, acting: Any, settings: Any) -> Callable[[Any], Device]:
    """``device(user)``: one with a password of theirs."""

    def make(user: Any) -> Device:
        with workspace_scope(user.workspace_id):
            ctx = acting(user)
            return Device(user, ctx.tenant.slug, user.email, make_password(ctx, name="Phone"))

    return make
