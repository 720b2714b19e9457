"""Server-sent events at /w/<slug>/live: one LISTEN per process, ids only, shared by every open page."""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Any

import psycopg
from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import Error

from peyvand.platform.live.notices import CHANNEL

log = logging.getLogger(__name__)
_PATH = re.compile(r"^/w/([-\w]+)/live$")
QUEUE = 200
PING_SECONDS = 15
# A stream ends this long after its session did, or its user was switched off.
TRUST_SECONDS = 30
LISTEN_SECONDS = 5


class LiveUpdates:
    """An ASGI application that tells each signed-in page of a workspace which records changed."""

    def __init__(self) -> None:
        self._watchers: dict[int, set[asyncio.Queue[str | None]]] = {}
        self._listener: asyncio.Task[None] | None = None
        self._listening = asyncio.Event()
        self._closed = False

    def serves(self, path: str) -> bool:
        return _PATH.match(path) is not None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        match = _PATH.match(scope["path"])
        assert match is not None
        try:
            workspace_id = await _may_watch(scope, match[1])
            if workspace_id is not None:
                await self._listens()
        except (Error, TimeoutError):
            await _refuse(send, 503)
            return
        if workspace_id is None or self._closed:
            await _refuse(send, 503 if self._closed else 403)
            return
        queue: asyncio.Queue[str | None] = asyncio.Queue(QUEUE)
        watchers = self._watchers.setdefault(workspace_id, set())
        watchers.add(queue)
        try:
            await self._stream(queue, receive, send, lambda: _may_watch(scope, match[1]))
        finally:
            watchers.discard(queue)

    def close(self) -> None:
        """End every stream and the listener; the pages come back to whoever serves next."""
        self._closed = True
        if self._listener is not None:
            self._listener.cancel()
        for watchers in self._watchers.values():
            for queue in list(watchers):
                _offer(queue, None)

    async def _listens(self) -> None:
        """Return once the listener listens: a page that is told it is open misses nothing from then on."""
        if self._listener is None or self._listener.done():
            self._listener = asyncio.create_task(self._listen())
        await asyncio.wait_for(self._listening.wait(), LISTEN_SECONDS)

    async def _stream(
        self,
        queue: asyncio.Queue[str | None],
        receive: Any,
        send: Any,
        still: Callable[[], Awaitable[int | None]],
    ) -> None:
        headers = [
            (b"content-type", b"text/event-stream"),
            (b"cache-control", b"no-store"),
            (b"x-accel-buffering", b"no"),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"retry: 2000\n\n", "more_body": True})
        gone = asyncio.create_task(_gone(receive))
        trusted_until = monotonic() + TRUST_SECONDS
        try:
            while not gone.done():
                if monotonic() > trusted_until:
                    if await _known(still) is None:
                        break
                    trusted_until = monotonic() + TRUST_SECONDS
                take = asyncio.create_task(queue.get())
                await asyncio.wait({take, gone}, timeout=PING_SECONDS, return_when=asyncio.FIRST_COMPLETED)
                if not take.done():
                    take.cancel()
                    line = ": ping\n\n"
                elif (notice := take.result()) is None:
                    break
                else:
                    line = f"data: {notice}\n\n"
                await send({"type": "http.response.body", "body": line.encode(), "more_body": True})
            await send({"type": "http.response.body", "body": b""})
        finally:
            gone.cancel()

    async def _listen(self) -> None:
        """Follow the channel for ever; after a lost connection tell every page to reload what it shows."""
        try:
            await self._follow()
        finally:
            # Whatever ended it: the next page that opens starts another.
            self._listening.clear()

    async def _follow(self) -> None:
        first = True
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(
                    **_parameters(), autocommit=True
                ) as connection:
                    await connection.execute(f"listen {CHANNEL}")
                    self._listening.set()
                    if not first:
                        for workspace_id in self._watchers:
                            self._tell(workspace_id, json.dumps({"object": "*", "ids": None}))
                    first = False
                    async for notify in connection.notifies():
                        notice = json.loads(notify.payload)
                        self._tell(notice.pop("workspace"), json.dumps(notice))
            except psycopg.Error as error:
                self._listening.clear()
                log.warning("live updates lost the database (%s); trying again", error.__class__.__name__)
                await asyncio.sleep(1)

    def _tell(self, workspace_id: int, notice: str) -> None:
        for queue in self._watchers.get(workspace_id, ()):
            _offer(queue, notice)


def _offer(queue: asyncio.Queue[str | None], notice: str | None) -> None:
    """A page too slow to read loses its oldest notice, not its newest: it refetches whole anyway."""
    while True:
        try:
            queue.put_nowait(notice)
            return
        except asyncio.QueueFull:
            queue.get_nowait()


async def _refuse(send: Any, status: int) -> None:
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [(b"retry-after", b"3")] if status == 503 else [],
        }
    )
    await send({"type": "http.response.body", "body": b""})


async def _gone(receive: Any) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _may_watch(scope: Any, slug: str) -> int | None:
    return await sync_to_async(_workspace_of, thread_sensitive=False)(scope, slug)


async def _known(still: Callable[[], Awaitable[int | None]]) -> int | None:
    """Whether the watcher may still watch; while the database is away nobody can tell, and nothing is told either."""
    try:
        return await still()
    except Error:
        return 0


def _parameters() -> dict[str, Any]:
    database = settings.DATABASES["default"]
    names = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    options = {k: v for k, v in database.get("OPTIONS", {}).items() if isinstance(v, str | int)}
    return {k: database[v] for k, v in names.items() if database.get(v)} | options


def _workspace_of(scope: Any, slug: str) -> int | None:
    """The workspace this browser may watch: its session's account must be a member who is not switched off."""
    from http.cookies import SimpleCookie

    from django.db import close_old_connections

    from peyvand.kernel.errors import NotAllowed
    from peyvand.platform.identity.actor import user_actor
    from peyvand.platform.identity.models import Membership
    from peyvand.platform.identity.sessions import ACCOUNT, SessionStore
    from peyvand.platform.workspaces.scope import workspace_scope

    close_old_connections()
    try:
        header = b"; ".join(v for k, v in scope["headers"] if k == b"cookie").decode("latin-1")
        morsel = SimpleCookie(header).get(settings.SESSION_COOKIE_NAME)
        account_id = SessionStore(morsel.value).get(ACCOUNT) if morsel else None
        if account_id is None:
            return None
        found = Membership.objects.filter(account_id=account_id, workspace__slug=slug)
        member = found.values_list("workspace_id", "user_id").first()
        if member is None:
            return None
        with workspace_scope(member[0]):
            user_actor(*member)
        return int(member[0])
    except NotAllowed:
        return None
    finally:
        close_old_connections()
