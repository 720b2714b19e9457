"""The words of a workspace: what a mistyped one may have meant.

A suggestion is never shown by itself: whoever asks must first find something by it that they may see.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection

from peyvand.kernel.persian.terms import asked
from peyvand.kernel.persian.text import fold
from peyvand.platform.database.prepared import fetch, run
from peyvand.platform.search.marks import is_mark

ALIKE = 0.25
SHORTEST = 3
COMPLETED = 40
LEARN = """
insert into search_word (workspace_id, word, writer) select %s::bigint, word, pg_backend_pid() from unnest(%s::text[]) word
where not exists (select from search_word known where known.workspace_id = %s::bigint and known.word = word.word)
on conflict do nothing
"""
_FORGET = """
delete from search_word w where workspace_id = %s and word = any(%s)
and not exists (select from search_entry e where e.workspace_id = w.workspace_id and e.terms @@ quote_literal(w.word)::tsquery)
and not exists (select from search_text t where t.workspace_id = w.workspace_id and t.terms @@ quote_literal(w.word)::tsquery)
"""
_CLOSE = """
select asked.word, w.word from unnest(%s::text[]) asked(word) cross join lateral (
    select distinct word, similarity(word, asked.word) as likeness from search_word where workspace_id = %s and word %% asked.word
    order by likeness desc limit 8
) w
"""


def learn_words(workspace_id: int, terms: Iterable[str]) -> None:
    """Keep the words among these terms."""
    run(LEARN, to_learn(workspace_id, terms))


def to_learn(workspace_id: int, terms: Iterable[str]) -> list[Any]:
    """What LEARN is given to keep the words among these terms."""
    return [workspace_id, sorted(term for term in terms if _is_word(term)), workspace_id]


def endings(workspace_id: int, beginning: str) -> list[str]:
    """The known words that begin so, the shortest first, at most COMPLETED.

    Asking the index of terms for each of them costs less than asking it for a beginning, which it answers by reading
    everything that begins so before anything else.
    """
    if not _is_word(beginning):
        return []
    return [
        word
        for (word,) in fetch(
            "select word from (select distinct word from search_word where workspace_id = %s::bigint "
            "and word > %s::text and word < %s::text) w order by length(word), word limit %s::int",
            [workspace_id, beginning, beginning + "\U0010ffff", COMPLETED],
        )
    ]


def holding(workspace_id: int, part: str) -> list[str]:
    """The known words that have this part, those that begin with it first, at most COMPLETED."""
    if not _is_word(part):
        return []
    return [
        word
        for (word,) in fetch(
            "select word from (select distinct word from search_word where workspace_id = %s::bigint "
            "and word like %s::text) w order by not starts_with(word, %s::text), length(word), word limit %s::int",
            [workspace_id, f"%{part}%", part, COMPLETED],
        )
    ]


def forget_words(workspace_id: int, words: Iterable[str]) -> None:
    """Drop those of these terms that no record and no text has any more."""
    chosen = [word for word in words if _is_word(word)]
    if chosen:
        with connection.cursor() as cursor:
            cursor.execute(_FORGET, [workspace_id, chosen])


def forget_unused(workspace_id: int, after: str = "", most: int = 2000) -> str | None:
    """Look through one set of the known words, those behind ``after``, and drop those that nothing has any more.

    Returns the word to go on behind, or None at the end.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "select distinct word from search_word where workspace_id = %s and word > %s order by word limit %s",
            [workspace_id, after, most],
        )
        found = [row[0] for row in cursor.fetchall()]
    forget_words(workspace_id, found)
    return found[-1] if len(found) == most else None


def corrected(workspace_id: int, query: str) -> str:
    """The query with each unknown word replaced by the nearest known one; empty where nothing is near enough."""
    pieces = query.split()
    stems = [_stem(piece) for piece in pieces]
    strange = _strange(workspace_id, [s for s in stems if _is_word(s)])
    if not strange:
        return ""
    near = _nearest(workspace_id, strange)
    said = [near.get(s, piece) if s in strange else piece for s, piece in zip(stems, pieces, strict=True)]
    return " ".join(said) if any(s in near for s in strange) else ""


def _strange(workspace_id: int, words: Sequence[str]) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select word from unnest(%s::text[]) word where not exists (select from search_word known "
            "where known.workspace_id = %s and known.word = word.word)",
            [list(words), workspace_id],
        )
        return [row[0] for row in cursor.fetchall()]


def _nearest(workspace_id: int, words: Sequence[str]) -> dict[str, str]:
    with connection.cursor() as cursor:
        cursor.execute("select set_config('pg_trgm.similarity_threshold', %s, true)", [str(ALIKE)])
        cursor.execute(_CLOSE, [list(words), workspace_id])
        pairs: list[tuple[str, str]] = cursor.fetchall()
    best: dict[str, tuple[int, str]] = {}
    for word, known in pairs:
        away = distance(word, known)
        if away <= max(1, len(word) // 3) and (word not in best or away < best[word][0]):
            best[word] = (away, known)
    return {word: known for word, (_, known) in best.items()}


def distance(one: str, other: str) -> int:
    """How many letters were missed, added, mistaken or swapped with their neighbour."""
    before: list[int] = []
    last = list(range(len(other) + 1))
    for n, letter in enumerate(one, 1):
        row = [n]
        for m, wanted in enumerate(other, 1):
            best = min(last[m] + 1, row[m - 1] + 1, last[m - 1] + (letter != wanted))
            if n > 1 and m > 1 and letter == other[m - 2] and one[n - 2] == wanted:
                best = min(best, before[m - 2] + 1)
            row.append(best)
        before, last = last, row
    return last[-1]


def _stem(piece: str) -> str:
    found = asked(piece)
    return found[0][0][0] if found and len(found[0][0]) == 1 else fold(piece)


def _is_word(term: str) -> bool:
    return SHORTEST <= len(term) <= 30 and not is_mark(term) and term.isalpha()
