"""Whether an action of billing is at work: only those may write what follows from papers and money."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_at_work: ContextVar[bool] = ContextVar("billing_at_work", default=False)


@contextmanager
def at_work() -> Iterator[None]:
    """What is written inside is written by an action of billing."""
    token = _at_work.set(True)
    try:
        yield
    finally:
        _at_work.reset(token)


def is_at_work() -> bool:
    return _at_work.get()
