"""One HTTP request to an address that a stranger chose: redirects are not followed, proxies not asked, answers cut short."""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from peyvand.platform.outgoing.judging import NotReached, judged
from peyvand.platform.outgoing.reasons import NO_ANSWER

# From the first byte to the last; a receiver does its work afterwards.
SECONDS: Final = 15.0
MOST_KEPT: Final = 4096


@dataclass(frozen=True)
class Reply:
    """What came back, and how long it took."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""
    milliseconds: int = 0

    @property
    def is_good(self) -> bool:
        return 200 <= self.status < 300


def post(url: str, headers: Mapping[str, str], body: bytes, *, seconds: float = SECONDS) -> Reply:
    """Send ``body``; the answer, whatever its status.

    Raises:
        Forbidden: the address is not public, and no network of our own that is allowed.
        NotReached: no connection, no certificate to trust, no answer in time.
    """
    return _sent("POST", url, headers, body, seconds, MOST_KEPT)


def get(url: str, headers: Mapping[str, str], *, most: int = MOST_KEPT, seconds: float = SECONDS) -> Reply:
    """What lies at an address, of its body at most so many bytes. Raises as ``post`` does."""
    return _sent("GET", url, headers, None, seconds, most)


def _sent(
    method: str, url: str, headers: Mapping[str, str], body: bytes | None, seconds: float, most: int
) -> Reply:
    parts = urlsplit(url)
    host, is_secure = parts.hostname or "", parts.scheme == "https"
    try:
        port = parts.port or (443 if is_secure else 80)
    except ValueError as error:
        raise NotReached(str(error)) from error
    begun = time.monotonic()
    connection = _Pinned(host, port, judged(host, port, is_secure=is_secure), is_secure, seconds)
    # Timeouts of a socket begin anew with every byte; whoever drips bytes is cut off by the clock.
    clock = threading.Timer(seconds, connection.cut)
    clock.start()
    try:
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request(method, target, body, {**headers, "Connection": "close"})
        answer = connection.getresponse()
        raw = answer.read(most)
        if connection.was_cut:
            # What the clock cut short looks like a short answer.
            raise NotReached(NO_ANSWER % {"seconds": f"{seconds:g}"})
        text = raw.decode("utf-8", "replace").replace("\x00", "�")
        told = {
            name[:100].lower(): value[:500].replace("\x00", "") for name, value in answer.getheaders()[:30]
        }
        return Reply(answer.status, told, text, int((time.monotonic() - begun) * 1000))
    except (OSError, http.client.HTTPException, ValueError) as error:
        # A ValueError is a header or an address that cannot be written down.
        if connection.was_cut:
            raise NotReached(NO_ANSWER % {"seconds": f"{seconds:g}"}) from error
        raise NotReached(str(error) or type(error).__name__) from error
    finally:
        clock.cancel()
        connection.close()


class _Pinned(http.client.HTTPConnection):
    """A connection to one address, with the name kept for the certificate and the Host header."""

    def __init__(self, host: str, port: int, address: str, is_secure: bool, seconds: float) -> None:
        super().__init__(host, port, timeout=seconds)
        if is_secure:
            self.default_port = 443
        self._address, self._is_secure = address, is_secure
        self._raw: socket.socket | None = None
        self.was_cut = False

    def connect(self) -> None:
        self._raw = self.sock = socket.create_connection((self._address, self.port), self.timeout)
        if self._is_secure:
            self.sock = ssl.create_default_context().wrap_socket(self._raw, server_hostname=self.host)
            self._raw = self.sock

    def cut(self) -> None:
        """End the connection under whoever reads from it."""
        self.was_cut = True
        if self._raw is not None:
            try:
                self._raw.shutdown(socket.SHUT_RDWR)
            except OSError:
                # It ended by itself meanwhile.
                return
