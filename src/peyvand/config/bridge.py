"""ASGI in front of Django's WSGI: the body is read by the event loop, the request runs in a thread, the answer goes back.

Written for ordinary requests: one hop to the thread, one back, whole answers sent at once; streams go piece by piece.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Callable, Iterable, Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address
from tempfile import SpooledTemporaryFile
from typing import IO, Any, Final, cast

from peyvand.config.threads import WarmThreads

# Larger bodies (uploads) wait on the disk, not in memory; what is larger than the limit is not taken at all.
IN_MEMORY: Final = 1024 * 1024
LONGEST_BODY: Final = 512 * 1024 * 1024
# Who shows neither a session nor a token has no more to send than a sign-in form.
LONGEST_FROM_STRANGERS: Final = 1024 * 1024

Environ = dict[str, Any]
Network = IPv4Network | IPv6Network
_PLAIN: Final = {b"content-type": "CONTENT_TYPE", b"content-length": "CONTENT_LENGTH"}


class BodyTooLarge(Exception):
    """More was sent than is ever taken."""


class ClientGone(Exception):
    """The client left before its request was complete."""


class Bridge:
    """An ASGI application that answers HTTP through a WSGI application, in ``threads`` threads."""

    def __init__(
        self, wsgi: Callable[[Environ, Any], Iterable[bytes]], threads: int, proxies: Sequence[Network] = ()
    ) -> None:
        self._wsgi = wsgi
        self._proxies = proxies
        self._pool = WarmThreads(threads)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        try:
            body = await _body(receive, _longest(scope))
        except ClientGone:
            return
        except BodyTooLarge:
            await send({"type": "http.response.start", "status": 413, "headers": [(b"connection", b"close")]})
            await send({"type": "http.response.body", "body": b""})
            return
        loop = asyncio.get_running_loop()

        async def say(message: dict[str, Any]) -> None:
            await send(message)

        def stream(message: dict[str, Any]) -> None:
            asyncio.run_coroutine_threadsafe(say(message), loop).result()

        with contextlib.closing(body):
            start, content = await loop.run_in_executor(
                self._pool, self._run, environ_of(scope, body, self._proxies), stream
            )
        if start is not None:
            await send(start)
        await send({"type": "http.response.body", "body": content})

    def _run(
        self, environ: Environ, stream: Callable[[dict[str, Any]], None]
    ) -> tuple[dict[str, Any] | None, bytes]:
        """Answer in this thread. Returns what is still to be said: the head, unless streamed already, and the last piece."""
        start: dict[str, Any] = {}

        def start_response(
            status: str, headers: list[tuple[str, str]], exc_info: Any = None
        ) -> Callable[[bytes], None]:
            raw = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
            start.update(type="http.response.start", status=int(status[:3]), headers=raw)
            return _no_write

        answer = self._wsgi(environ, start_response)
        try:
            pieces = (piece for piece in answer if piece)
            held = next(pieces, b"")
            head: dict[str, Any] | None = start
            for piece in pieces:
                if head is not None:
                    stream(head)
                    head = None
                stream({"type": "http.response.body", "body": held, "more_body": True})
                held = piece
            return head, held
        finally:
            if close := getattr(answer, "close", None):
                close()


def environ_of(scope: Any, body: IO[bytes], proxies: Sequence[Network] = ()) -> Environ:
    """The request as WSGI wants it."""
    host, port = scope.get("server") or ("localhost", 80)
    environ: Environ = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": scope["path"].encode().decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": host,
        "SERVER_PORT": str(port),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.get("scheme", "http"),
        "wsgi.input": body,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    if client := scope.get("client"):
        environ["REMOTE_ADDR"], environ["REMOTE_PORT"] = client[0], str(client[1])
    for raw, value in scope["headers"]:
        if b"_" in raw:
            continue  # would look like the header with a hyphen, which proxies guard
        name = _PLAIN.get(raw) or "HTTP_" + raw.decode("latin-1").upper().replace("-", "_")
        text = value.decode("latin-1")
        if name in environ:
            text = environ[name] + ("; " if name == "HTTP_COOKIE" else ",") + text
        environ[name] = text
    if "CONTENT_LENGTH" not in environ:
        # Sent in chunks: now that all of it is here, its length is known.
        environ["CONTENT_LENGTH"] = str(body.seek(0, 2))
        body.seek(0)
    if "REMOTE_ADDR" in environ:
        told = environ.get("HTTP_X_FORWARDED_FOR", "")
        environ["REMOTE_ADDR"] = client_address(environ["REMOTE_ADDR"], told, proxies)
    return environ


def client_address(peer: str, forwarded: str, proxies: Sequence[Network]) -> str:
    """Whose request it is: the last address that no trusted proxy has. What is told by others is not believed."""
    for hop in [peer, *(part.strip() for part in reversed(forwarded.split(",")) if part.strip())]:
        try:
            address = ip_address(hop)
        except ValueError:
            return peer
        if not any(address in network for network in proxies):
            return hop
        peer = hop
    return peer


def _longest(scope: Any) -> int:
    shown = {name for name, _ in scope["headers"]} & {b"cookie", b"authorization"}
    return LONGEST_BODY if shown else LONGEST_FROM_STRANGERS


async def _body(receive: Any, longest: int) -> IO[bytes]:
    body = cast(IO[bytes], SpooledTemporaryFile(IN_MEMORY))  # noqa: SIM115 closed by whoever asked for it
    length = 0
    try:
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise ClientGone
            length += len(piece := message.get("body", b""))
            if length > longest:
                raise BodyTooLarge
            body.write(piece)
            if not message.get("more_body", False):
                body.seek(0)
                return body
    except BaseException:
        body.close()
        raise


def _no_write(_: bytes) -> None:
    raise NotImplementedError("Django never uses WSGI's write()")
