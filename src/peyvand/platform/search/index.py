"""Keeping the search index in step: a few statements for any number of records, in the transaction of their change."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from django.db import connection

from peyvand.kernel.persian.terms import terms, terms_of_whole
from peyvand.kernel.persian.text import fold
from peyvand.platform.database.bulk import CHUNK, array, insert_rows
from peyvand.platform.database.prepared import run
from peyvand.platform.search import marks
from peyvand.platform.search.models import LEAD, SearchEntry, SearchText
from peyvand.platform.search.spelling import LEARN, forget_words, learn_words, to_learn
from peyvand.platform.workspaces.scope import current_workspace_id

_COLUMNS = (
    "workspace_id",
    "object",
    "object_id",
    "title",
    "subtitle",
    "lead",
    "text",
    "owner_id",
    "terms",
    "made_at",
)
_UPSERT = """(workspace_id, object, object_id) do update set title = excluded.title, subtitle = excluded.subtitle,
    lead = excluded.lead, text = excluded.text, owner_id = excluded.owner_id, terms = excluded.terms, made_at = excluded.made_at
where (search_entry.title, search_entry.subtitle, search_entry.text, search_entry.owner_id, search_entry.terms)
      is distinct from (excluded.title, excluded.subtitle, excluded.text, excluded.owner_id, excluded.terms)"""
_TEXT_COLUMNS = (
    "workspace_id", "object", "object_id", "source", "source_id", "owner_id", "terms", "made_at",
)  # fmt: skip
_TEXT_UPSERT = (
    "(workspace_id, object, object_id, source, source_id) do update set owner_id = excluded.owner_id, "
    "terms = excluded.terms, made_at = excluded.made_at "
    "where (search_text.owner_id, search_text.terms) is distinct from (excluded.owner_id, excluded.terms)"
)
_CLEAR_TEXTS = """
delete from search_text t where workspace_id = %s::bigint and object = %s::text and object_id = any(%s::bigint[]) and not exists (
    select from unnest(%s::bigint[], %s::text[], %s::bigint[]) kept(object_id, source, source_id)
    where (kept.object_id, kept.source, kept.source_id) = (t.object_id, t.source, t.source_id))
"""
TEXT_LIMIT = 4000
# A text is found by so many different terms; the rest of a long file is not.
MOST_TERMS = 20_000
# To know that nothing has a word any more, the whole index is asked for it.
FORGOTTEN_AT_ONCE = 200
# The source of a text that is a file's.
FILE = "file"
# Telephone numbers with one blank between them: nothing to fold, and no name of several words.
_NUMBERS = re.compile(r"\+?[0-9]{1,60}(?: \+?[0-9]{1,60})*")


@dataclass(frozen=True)
class LongText:
    """One text of a record: of the field ``source``, or of a file whose id is ``source_id``."""

    source: str
    text: str
    source_id: int = 0


# Not frozen: each record of a file has one, and it would take four times as long to make.
@dataclass(slots=True)
class Document:
    """What a record offers to the search. ``texts`` None: it never had any, so none is looked for."""

    object_id: int
    title: str
    subtitle: str
    words: tuple[str, ...]
    owner_id: int | None
    made_at: datetime | None = None
    tags: tuple[int, ...] = ()
    texts: tuple[LongText, ...] | None = None


def put(object_key: str, documents: Sequence[Document], *, named: bool = True) -> None:
    """Add or renew what the records are found by. Not ``named``: by their texts alone."""
    workspace_id = current_workspace_id()
    for start in range(0, len(documents) if named else 0, CHUNK):
        learnt: set[str] = set()
        rows = [_row(workspace_id, object_key, d, learnt) for d in documents[start : start + CHUNK]]
        # The words are learnt by the same statement: it is one of the most frequent writes of all.
        insert_rows(SearchEntry, _COLUMNS, rows, _UPSERT, beside=LEARN, told=to_learn(workspace_id, learnt))
    with_texts = [d for d in documents if d.texts is not None]
    if with_texts:
        _put_texts(workspace_id, object_key, with_texts)


def remove(object_key: str, ids: Iterable[int]) -> None:
    """Forget records, and the words that no other record has; those of a whole set are left to the night (spelling)."""
    gone, workspace_id, words = list(ids), current_workspace_id(), set[str]()
    with connection.cursor() as cursor:
        for table in ("search_entry", "search_text"):
            cursor.execute(
                f"with gone as (delete from {table} where workspace_id = %s and object = %s and object_id = any(%s) "  # noqa: S608 one of two names
                "returning terms) select distinct unnest(tsvector_to_array(terms)) from gone",
                [workspace_id, object_key, gone],
            )
            words.update(row[0] for row in cursor.fetchall())
    if len(words) <= FORGOTTEN_AT_ONCE:
        forget_words(workspace_id, words)


def sweep(object_key: str, table: str) -> int:
    """Forget what is said of records that are not in the object's table any more, or in the bin; return how many."""
    count = 0
    for index in ("search_entry", "search_text"):
        count += run(
            f"delete from {index} i where workspace_id = %s::bigint and object = %s::text and not exists (select from "  # noqa: S608 our own names
            f'"{table}" r where r.workspace_id = i.workspace_id and r.id = i.object_id and r.deleted_at is null)',
            [current_workspace_id(), object_key],
        )
    return count


def _put_texts(workspace_id: int, object_key: str, documents: Sequence[Document]) -> None:
    rows, learnt = [], set[str]()
    for d in documents:
        beside = _marks(object_key, d)
        for one in d.texts or ():
            found = terms(one.text)[:MOST_TERMS]
            if found:
                learnt.update(found)
                vector = f"{marks.vector(found)} {beside}"
                rows.append(
                    (workspace_id, object_key, d.object_id, one.source, one.source_id, d.owner_id, vector, d.made_at)
                )  # fmt: skip
    kept = [array([row[n] for row in rows], kind) for n, kind in ((2, "bigint"), (3, "text"), (4, "bigint"))]
    run(_CLEAR_TEXTS, [workspace_id, object_key, array([d.object_id for d in documents], "bigint"), *kept])
    if rows:
        insert_rows(SearchText, _TEXT_COLUMNS, rows, on_conflict=_TEXT_UPSERT)
        learn_words(workspace_id, learnt)


@lru_cache(maxsize=4096)
def _marked(object_key: str, owner_id: int | None, day: date | None, tags: tuple[int, ...]) -> str:
    """The marks of a record as PostgreSQL writes a tsvector. The records of a set share them."""
    found = [marks.of_object(object_key)]
    if owner_id is not None:
        found.append(marks.of_owner(owner_id))
    if day is not None:
        found.append(marks.of_month(day))
    return marks.vector((*found, *map(marks.of_tag, tags)))


def _marks(object_key: str, d: Document) -> str:
    return _marked(object_key, d.owner_id, d.made_at.date() if d.made_at else None, d.tags)


@lru_cache(maxsize=20_000)
def _word(word: str) -> tuple[str, list[str], str]:
    """What stands between two blanks, folded; its terms; and these as PostgreSQL writes a tsvector. Names, companies and
    posts are made of the same words again and again."""
    folded = fold(word)
    found = terms(word, folded)
    return folded, found, marks.vector(found)


# The folded forms of a text, its terms as a tsvector, and those terms.
_Understood = tuple[tuple[str, ...], str, Sequence[str]]


@lru_cache(maxsize=20_000)
def _known(text: str) -> _Understood:
    """Of a text that many records may share: a company, a city, a post."""
    words = [_word(word) for word in text.split(" ") if word]
    folded = " ".join([word for word, _, _ in words if word])
    # «علی‌رضا» is found as two words and as one.
    joined = (folded.replace(" ", ""),) if " " in folded and not _NUMBERS.fullmatch(folded) else ()
    return (
        (folded, *joined),
        " ".join([vector for _, _, vector in words]),
        [term for _, found, _ in words for term in found],
    )


def _understood(text: str) -> _Understood:
    # Signs and digits come before letters, so that most texts need not be looked at any further.
    if text[0] < ":" and _NUMBERS.fullmatch(text):
        found = text.replace("+", "").split(" ")
    elif "@" in text and (parts := terms_of_whole(text)):
        text, found = parts
    else:
        return _known(text)
    # Hardly another record has it, so it is not remembered; and it has no sign that must be quoted.
    joined = "' '".join(found)
    return (text,), f"'{joined}'", found


def _row(workspace_id: int, object_key: str, d: Document, learnt: set[str]) -> tuple[object, ...]:
    # Of most records the title is one of the words.
    said = [_understood(text) for text in dict.fromkeys((d.title, *d.words)) if text]
    if d.title:
        learnt.update(said[0][2])
    return (
        workspace_id,
        object_key,
        d.object_id,
        d.title[:300],
        d.subtitle[:300],
        said[0][0][0][:LEAD] if d.title else "",
        " ".join(dict.fromkeys([form for forms, _, _ in said for form in forms]))[:TEXT_LIMIT],
        d.owner_id,
        # A term that stands there twice is kept once.
        " ".join([*[vector for _, vector, _ in said], _marks(object_key, d)]),
        d.made_at,
    )
