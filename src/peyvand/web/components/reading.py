"""Who reads the page being drawn: filters and cells take language, time zone and money from here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.utils.translation import get_language

from peyvand.platform.fields.reader import Reader

_reader: ContextVar[Reader | None] = ContextVar("peyvand_reader", default=None)


def current_reader() -> Reader:
    """The reader of this request; outside a workspace one who knows only a language."""
    return _reader.get() or Reader(language=(get_language() or "en").partition("-")[0])


@contextmanager
def read_by(reader: Reader) -> Iterator[None]:
    """Draw for this reader inside the block."""
    token = _reader.set(reader)
    try:
        yield
    finally:
        _reader.reset(token)
