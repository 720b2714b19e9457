"""Keeping the search index in step: one statement for any number of records, in the transaction of their change."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection

from peyvand.kernel.persian.text import fold
from peyvand.platform.database.bulk import insert_rows
from peyvand.platform.search.models import LEAD, SearchEntry
from peyvand.platform.workspaces.scope import current_workspace_id

_COLUMNS = ("workspace_id", "object", "object_id", "title", "subtitle", "lead", "text", "owner_id")
_UPSERT = (
    "(workspace_id, object, object_id) do update set title = excluded.title, subtitle = excluded.subtitle, "
    "lead = excluded.lead, text = excluded.text, owner_id = excluded.owner_id "
    "where (search_entry.title, search_entry.subtitle, search_entry.text, search_entry.owner_id) "
    "is distinct from (excluded.title, excluded.subtitle, excluded.text, excluded.owner_id)"
)
TEXT_LIMIT = 4000


@dataclass(frozen=True)
class Document:
    """What a record offers to the search."""

    object_id: int
    title: str
    subtitle: str
    words: tuple[str, ...]
    owner_id: int | None


def put(object_key: str, documents: Iterable[Document]) -> None:
    """Add or renew entries."""
    workspace_id = current_workspace_id()
    insert_rows(
        SearchEntry, _COLUMNS, (_row(workspace_id, object_key, d) for d in documents), on_conflict=_UPSERT
    )


def remove(object_key: str, ids: Iterable[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "delete from search_entry where workspace_id = %s and object = %s and object_id = any(%s)",
            [current_workspace_id(), object_key, list(ids)],
        )


def _row(workspace_id: int, object_key: str, d: Document) -> tuple[object, ...]:
    lead = fold(d.title)
    words = []
    for word in dict.fromkeys((d.title, *d.words)):
        if not word:
            continue
        folded = lead if word == d.title else fold(word)
        # «علی‌رضا» is found as two words and as one.
        words += [folded, folded.replace(" ", "")]
    text = " ".join(dict.fromkeys(words))[:TEXT_LIMIT]
    return (
        workspace_id,
        object_key,
        d.object_id,
        d.title[:300],
        d.subtitle[:300],
        lead[:LEAD],
        text,
        d.owner_id,
    )
