"""The SQL of a request, caught once inside the application and asked again of PostgreSQL by nothing but the driver."""

from __future__ import annotations

import threading
import time
from statistics import median
from typing import TYPE_CHECKING, Any

import psycopg

from benchmarks.installed import Measured

if TYPE_CHECKING:
    from benchmarks.load import Work

CLIENTS = 16

# Runs in a process of its own; what it writes is rolled back. The second asking is caught: caches are warm by then.
_CATCH = """
import json
from psycopg import ClientCursor
from django.db import connection, transaction
from django.test import Client
import peyvand.config.wsgi
headers, body, cookie = {headers!r}, {body!r}, {cookie!r}
client = Client(headers=headers)
if cookie:
    name, _, value = cookie.partition("=")
    client.cookies[name] = value
caught = []
def catch(execute, sql, params, many, context):
    caught.append(ClientCursor(connection.connection).mogrify(sql, params) if params else str(sql))
    return execute(sql, params, many, context)
def ask():
    return client.get({path!r}) if body is None else client.post({path!r}, body, content_type="application/json")
with transaction.atomic():
    ask()
    with connection.execute_wrapper(catch):
        status = ask().status_code
    transaction.set_rollback(True)
print(json.dumps([status, caught]))
"""


class Straight:
    """What the same statements cost without the application."""

    def __init__(self, statements: list[str], p50: float, rate: float) -> None:
        self.queries = len(statements)
        self.p50, self.rate = p50, rate


def catch(measured: Measured, work: Work, cookie: str) -> list[str]:
    """The statements that one request of this work runs, without those that open and close transactions."""
    headers = {} if work.page else {"Authorization": f"Bearer {measured.made['token']}"}
    body = work.body(999_999_999).decode() if work.body else None
    code = _CATCH.format(headers=headers, body=body, cookie=cookie if work.page else "", path=work.path(1))
    status, statements = measured.script(code)
    if not 200 <= status < 300:
        raise RuntimeError(f"{work.name}: {status}")
    return [s for s in statements if not s.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK"))]


def measure(measured: Measured, work: Work, cookie: str, seconds: float) -> Straight:
    """The statements in one transaction as the application's role: prepared, at one client, then at sixteen."""
    statements = catch(measured, work, cookie)
    one = _ask(measured, statements, 1, seconds)
    many = _ask(measured, statements, CLIENTS, seconds)
    return Straight(statements, 1000 * median(one) if one else 0.0, len(many) / seconds)


def _ask(measured: Measured, statements: list[str], clients: int, seconds: float) -> list[float]:
    taken: list[float] = []
    until = time.perf_counter() + seconds + 0.5
    threads = [
        threading.Thread(target=_client, args=(measured.database.app_url, statements, until, taken, seconds))
        for _ in range(clients)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return taken


def _client(url: str, statements: list[str], until: float, taken: list[float], seconds: float) -> None:
    with psycopg.connect(url) as connection:
        connection.prepare_threshold = 0
        cursor: psycopg.Cursor[Any] = connection.cursor(binary=True)
        while (begun := time.perf_counter()) < until:
            for statement in statements:
                cursor.execute(statement)
            # Past the driver, which would forget all prepared statements after a rollback of its own.
            connection.pgconn.exec_(b"rollback")
            # The first half second warms up.
            if begun > until - seconds:
                taken.append(time.perf_counter() - begun)
