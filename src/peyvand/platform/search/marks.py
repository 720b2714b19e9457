"""Marks: what stands among the terms besides words, so that one look into one index answers "by whom, since when" too."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from typing import Final

# No term begins with a sign.
_MARK: Final = "@"
_TAG: Final = re.compile(rf"'{_MARK}t:(\d+)'")


def of_object(key: str) -> str:
    return f"{_MARK}k:{key}"


def of_owner(user_id: int) -> str:
    return f"{_MARK}o:{user_id}"


def of_month(day: date) -> str:
    return f"{_MARK}m:{day:%Y-%m}"


def of_tag(tag_id: int) -> str:
    return f"{_MARK}t:{tag_id}"


def tags_in(vector: str) -> list[int]:
    """Ids of the tags that a tsvector holds, from its text."""
    return [int(id) for id in _TAG.findall(vector)]


def is_mark(term: str) -> bool:
    return term.startswith(_MARK)


def vector(terms: Iterable[str]) -> str:
    """Terms as PostgreSQL writes a tsvector."""
    return " ".join(map(quoted, terms))


def quoted(term: str) -> str:
    """A term as it stands in a tsvector or a tsquery."""
    if "'" in term or "\\" in term:
        term = term.replace("\\", "\\\\").replace("'", "''")
    return f"'{term}'"
