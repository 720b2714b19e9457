"""The one door to a workspace's rows: a transaction in which PostgreSQL shows and accepts that workspace's rows alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

from django.db import connection, transaction

SETTING = "peyvand.workspace"
_current: ContextVar[int | None] = ContextVar("peyvand_workspace", default=None)
# What is known for as long as the scope is open, by whoever found it out.
_held: ContextVar[dict[str, Any] | None] = ContextVar("peyvand_held", default=None)


T = TypeVar("T")


class NoWorkspace(RuntimeError):
    """Rows of a workspace were asked for outside any workspace's scope."""


def current_workspace_id() -> int:
    """The workspace whose scope is open.

    Raises:
        NoWorkspace: no scope is open.
    """
    workspace_id = _current.get()
    if workspace_id is None:
        raise NoWorkspace("open a workspace_scope first")
    return workspace_id


def held() -> dict[str, Any] | None:
    """A place for what need be found out only once while the scope is open; None where none is."""
    return _held.get()


def found_once(key: str, find: Callable[[], T]) -> T:
    """What ``find`` finds, asked once while the scope is open: a batch of a thousand rows needs no thousand questions.

    What the transaction itself writes meanwhile is not seen: only for what tolerates that.
    """
    known = _held.get()
    if known is None:
        return find()
    if key not in known:
        known[key] = find()
    found: T = known[key]
    return found


@contextmanager
def workspace_scope(workspace_id: int) -> Iterator[None]:
    """Open a transaction scoped to one workspace; an exception rolls all of it back.

    The setting is local to the transaction, so a pooled connection cannot carry it to the next user. Scopes of the
    same workspace nest; a scope of another workspace inside one is refused, for it could only be a mistake.
    """
    outer = _current.get()
    if outer is not None:
        if outer != workspace_id:
            raise NoWorkspace(f"a scope of workspace {outer} is open; {workspace_id} cannot open inside it")
        with transaction.atomic():
            yield
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("select set_config(%s, %s, true)", [SETTING, str(workspace_id)])
        with adopted_scope(workspace_id):
            yield


@contextmanager
def adopted_scope(workspace_id: int) -> Iterator[None]:
    """The scope of whoever already set the workspace by a statement of their own in the open transaction."""
    token, known = _current.set(workspace_id), _held.set({})
    try:
        yield
    finally:
        _held.reset(known)
        _current.reset(token)
