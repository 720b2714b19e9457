"""Marks: what stands among the terms besides words, so that one look into one index answers "by whom, since when" too."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Final

# No term begins with a sign.
_MARK: Final = "@"
# What the marks of tags begin with.
TAG: Final = f"{_MARK}t:"


def of_object(key: str) -> str:
    return f"{_MARK}k:{key}"


def of_owner(user_id: int) -> str:
    return f"{_MARK}o:{user_id}"


def of_month(day: date) -> str:
    return f"{_MARK}m:{day.year}-{day.month:02}"


def of_tag(tag_id: int) -> str:
    return f"{TAG}{tag_id}"


def is_mark(term: str) -> bool:
    return term.startswith(_MARK)


def vector(terms: Iterable[str]) -> str:
    """Terms as PostgreSQL writes a tsvector."""
    every = list(terms)
    joined = "' '".join(every)
    # Hardly a term has a quotation mark or a backslash: then one join does it all.
    if every and "\\" not in joined and joined.count("'") == 2 * (len(every) - 1):
        return f"'{joined}'"
    return " ".join(map(quoted, every))


def quoted(term: str) -> str:
    """A term as it stands in a tsvector or a tsquery."""
    if "'" in term or "\\" in term:
        term = term.replace("\\", "\\\\").replace("'", "''")
    return f"'{term}'"


def both(*wanted: str) -> str:
    """A tsquery for all of these; empty ones ask nothing."""
    return " & ".join(filter(None, wanted))


def any_of(found: Iterable[str]) -> str:
    """A tsquery for one of these terms or marks; empty where there are none."""
    written = " | ".join(map(quoted, found))
    return f"({written})" if written else ""
