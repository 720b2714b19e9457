"""The application as ASGI: live updates natively, everything else through Django's WSGI (docs/decisions)."""

from __future__ import annotations

import os
from typing import Any

from a2wsgi import WSGIMiddleware

from peyvand.config.wsgi import application as wsgi_application
from peyvand.web.live import LiveUpdates

THREADS = int(os.environ.get("PEYVAND_THREADS", "8"))

_wsgi: Any = WSGIMiddleware(wsgi_application, workers=THREADS)
_live = LiveUpdates()


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
        if message["type"] == "lifespan.shutdown":
            await _live.close()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
