"""The bridge between ASGI and WSGI, driven as the server drives it: what it awaits need not be coroutines."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from ipaddress import ip_network
from typing import Any

import pytest

from peyvand.config import bridge
from peyvand.config.bridge import Bridge, client_address


def ask(
    app: Callable[..., Iterable[bytes]], *pieces: bytes, headers: Any = (), path: str = "/"
) -> list[dict[str, Any]]:
    """What the bridge sends for one request whose body comes in these pieces."""
    sent: list[dict[str, Any]] = []

    async def talk() -> None:
        loop = asyncio.get_running_loop()
        incoming = [
            {"type": "http.request", "body": p, "more_body": n < len(pieces) - 1}
            for n, p in enumerate(pieces)
        ]
        incoming = incoming or [{"type": "http.disconnect"}]

        def soon(value: Any) -> asyncio.Future[Any]:
            future = loop.create_future()
            future.set_result(value)
            return future

        scope = {
            "method": "POST",
            "path": path,
            "query_string": b"a=1",
            "http_version": "1.1",
            "headers": list(headers),
            "client": ("10.0.0.1", 5),
        }
        await Bridge(app, 1)(scope, lambda: soon(incoming.pop(0)), lambda message: soon(sent.append(message)))

    asyncio.run(talk())
    return sent


def echo(environ: Any, start_response: Any) -> Iterable[bytes]:
    body = environ["wsgi.input"].read()
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [
        f"{environ['CONTENT_LENGTH']} {environ['PATH_INFO']} {environ.get('HTTP_X_A')} ".encode("latin-1")
        + body
    ]


def test_a_body_in_pieces_arrives_whole_and_the_answer_leaves_whole() -> None:
    start, end = ask(
        echo, b"one ", b"two", headers=[(b"x-a", b"1"), (b"x-a", b"2"), (b"x_a", b"forged")], path="/سلام"
    )
    assert (start["status"], start["headers"]) == (200, [(b"content-type", b"text/plain")])
    assert end == {"type": "http.response.body", "body": "7 /سلام 1,2 one two".encode()}


def test_a_large_body_waits_on_the_disk_and_a_larger_one_is_not_taken(monkeypatch: Any) -> None:
    piece = b"x" * 700_000
    known = [(b"cookie", b"peyvand_session=x")]
    assert ask(echo, piece, piece, headers=known)[1]["body"].startswith(b"1400000 ")
    assert [m.get("status") for m in ask(echo, piece, piece)] == [413, None]
    monkeypatch.setattr(bridge, "LONGEST_BODY", 1000)
    assert [m.get("status") for m in ask(echo, piece, headers=known)] == [413, None]


def test_a_stream_goes_piece_by_piece_and_is_closed() -> None:
    closed = []

    class Stream:
        def __iter__(self) -> Any:
            yield from (b"a", b"", b"b", b"c")

        def close(self) -> None:
            closed.append(True)

    def app(environ: Any, start_response: Any) -> Iterable[bytes]:
        start_response("200 OK", [])
        return Stream()

    messages = ask(app, b"")
    assert [m.get("body") for m in messages[1:]] == [b"a", b"b", b"c"]
    assert [m.get("more_body", False) for m in messages[1:]] == [True, True, False]
    assert closed == [True]


def test_nobody_is_answered_who_is_gone() -> None:
    assert ask(echo) == []


@pytest.mark.parametrize(
    ("peer", "told", "client"),
    [
        ("203.0.113.9", "198.51.100.7", "203.0.113.9"),
        ("127.0.0.1", "198.51.100.7", "198.51.100.7"),
        ("127.0.0.1", "1.2.3.4, 198.51.100.7, 127.0.0.1", "198.51.100.7"),
        ("127.0.0.1", "", "127.0.0.1"),
        ("127.0.0.1", "rubbish, 198.51.100.7", "198.51.100.7"),
        ("127.0.0.1", "rubbish", "127.0.0.1"),
    ],
)
def test_only_a_trusted_proxy_is_believed(peer: str, told: str, client: str) -> None:
    assert client_address(peer, told, [ip_network("127.0.0.0/8")]) == client
