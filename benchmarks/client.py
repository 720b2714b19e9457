"""A small HTTP client that keeps its connections and spends little on itself, for it shares the machine with the server."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import quantiles

Prepared = Callable[[int], bytes]


@dataclass
class Taken:
    """How long requests took, in seconds, and what came."""

    seconds: list[float] = field(default_factory=list)
    elapsed: float = 0.0
    bytes: int = 0
    failed: int = 0
    # With those of warming up, of which nothing else is kept.
    asked: int = 0

    def percentile(self, at: int) -> float:
        """Milliseconds within which so many percent of the requests were answered."""
        if len(self.seconds) < 2:
            return 1000 * sum(self.seconds)
        return 1000 * quantiles(self.seconds, n=100, method="inclusive")[at - 1]

    @property
    def rate(self) -> float:
        """Requests a second."""
        return len(self.seconds) / self.elapsed if self.elapsed else 0.0


def request(method: str, path: str, headers: dict[str, str], body: bytes = b"") -> bytes:
    """A request as it goes over the wire."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", *(f"{k}: {v}" for k, v in headers.items())]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


async def answer(reader: asyncio.StreamReader) -> tuple[int, bytes, bytes]:
    """Status, head (in small letters) and body as they came over the wire."""
    head = await reader.readuntil(b"\r\n\r\n")
    status = int(head[9:12])
    lower = head.lower()
    at = lower.find(b"\r\ncontent-length:")
    if at >= 0:
        return status, lower, await reader.readexactly(int(lower[at + 17 : lower.index(b"\r\n", at + 2)]))
    body = b""
    while status != 204 and (piece := int((await reader.readline()).split(b";")[0], 16)):
        body += (await reader.readexactly(piece + 2))[:-2]
    if status != 204:
        await reader.readline()
    return status, lower, body


async def _one(
    port: int, prepared: Prepared, numbers: list[int], until: float, most: int, taken: Taken
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**20)
    try:
        while time.perf_counter() < until and len(taken.seconds) < most:
            numbers[0] += 1
            sent = prepared(numbers[0])
            begun = time.perf_counter()
            writer.write(sent)
            status, _head, body = await answer(reader)
            taken.seconds.append(time.perf_counter() - begun)
            taken.bytes += len(body)
            taken.failed += not 200 <= status < 300
    finally:
        writer.close()


def load(port: int, prepared: Prepared, *, clients: int, seconds: float, most: int = 1_000_000) -> Taken:
    """Ask as often as so many clients can, each waiting for its answer before it asks again; warmed up before."""

    async def ask(seconds: float, most: int) -> Taken:
        taken, numbers = Taken(), [0]
        begun = time.perf_counter()
        numbers[0] = _counter[0]
        await asyncio.gather(
            *(_one(port, prepared, numbers, begun + seconds, most, taken) for _ in range(clients))
        )
        taken.elapsed = time.perf_counter() - begun
        _counter[0] = numbers[0]
        return taken

    warm = asyncio.run(ask(1.0, 20 * clients))
    taken = asyncio.run(ask(seconds, most))
    taken.asked = len(warm.seconds) + len(taken.seconds)
    return taken


# Goes on from one measurement to the next, so that what is created is never the same twice.
_counter = [0]
