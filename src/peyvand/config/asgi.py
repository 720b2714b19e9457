"""The application as ASGI: live updates natively, everything else through Django's WSGI (docs/decisions)."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
from importlib import import_module
from typing import Any

# Nobody waits longer for a page, and one runaway filter must not hold the product. Read when the settings are loaded.
os.environ.setdefault("PEYVAND_STATEMENT_SECONDS", "15")


from django.conf import settings

from peyvand.config.bridge import Bridge
from peyvand.config.wsgi import application as wsgi_application
from peyvand.web.live import LiveUpdates

THREADS = int(os.environ.get("PEYVAND_THREADS", "8"))

_wsgi = Bridge(wsgi_application, THREADS, settings.TRUSTED_PROXIES)
_live = LiveUpdates()

# All pages, else the first request would load them.
import_module(settings.ROOT_URLCONF)

# What is loaded by now stays: collections need not walk it, and the rest is looked through less often.
gc.collect()
gc.freeze()
gc.set_threshold(10_000, 20, 50)


async def application(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        await _lifespan(receive, send)
    elif scope["type"] == "http" and _live.serves(scope["path"]):
        await _live(scope, receive, send)
    elif scope["type"] == "http":
        await _wsgi(scope, receive, send)


async def _lifespan(receive: Any, send: Any) -> None:
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            _end_streams_when_told()
        else:
            _live.close()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return


def _end_streams_when_told() -> None:
    """End the live streams at the signal itself: the server waits for open answers, and these would never end.

    The server's own handler still runs, for the event loop hears of signals by another way (its wake-up descriptor).
    """
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: loop.call_soon_threadsafe(_live.close))
        signal.siginterrupt(number, False)
