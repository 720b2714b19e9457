"""Finding records by part of a name, phone, mail or number: letter- and digit-blind, forgiving of a typo."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from peyvand.kernel.persian.terms import asked
from peyvand.kernel.persian.text import compact, fold, words
from peyvand.platform.access.rules import owners_only, shared_ids
from peyvand.platform.identity.actor import Actor
from peyvand.platform.identity.grants import Scope
from peyvand.platform.search.looking import Look, look
from peyvand.platform.search.marks import any_of
from peyvand.platform.search.models import SearchEntry, SearchText
from peyvand.platform.search.permitted import Said, Sight, sight
from peyvand.platform.search.secrecy import by_title_only
from peyvand.platform.search.spelling import corrected, holding
from peyvand.platform.search.wanted import tsquery

CANDIDATES = 200
# Of those that have the words themselves, fewer do.
KNOWN = 100
TYPO_THRESHOLD = 0.4
# The likest are chosen among so many.
ALIKE = 300
_COLUMNS = Said("title, subtitle, lead")
_OWNERS = "(case when owner_id = any(%s) then 1 else 0 end) <> 0"


@dataclass(frozen=True)
class Hit:
    object: str
    id: int
    title: str
    # As the index keeps it for everybody: shown by way of objects.excerpts.beside.
    subtitle: str
    # The title's beginning, folded.
    lead: str = ""
    # The query was not found as typed; this is what may have been meant.
    is_guess: bool = False
    # To what was asked, from 0 to 1, where that was measured.
    likeness: float = 0.0


def find(actor: Actor, query: str, objects: Sequence[str], limit: int = 12) -> list[Hit]:
    """The best hits among ``objects`` that the actor may see, titles that begin with the query first.

    What is not found as typed is looked for as it may have been meant: by the nearest words that are known, at last by
    likeness of the whole; such hits are marked as guesses.
    """
    found = find_as_typed(actor, query, objects, limit)
    if found:
        return found
    if said := corrected(actor.workspace_id, query):
        found = find_as_typed(actor, said, objects, limit)
    return [replace(hit, is_guess=True) for hit in found] or find_alike(actor, query, objects, limit)


def find_as_typed(actor: Actor, query: str, objects: Sequence[str], limit: int = 12) -> list[Hit]:
    """As find, without forgiving a mistake. Three looks, each by an index, until there are enough: beginnings of titles,
    known words that have the part asked for, then parts of whatever there is."""
    tokens, may = words(query)[:6], _sight(actor, objects)
    if not tokens:
        return []
    phrase = " ".join(tokens)
    guarded = {key for key in objects if by_title_only(actor, key)}
    hits: dict[tuple[str, int], Hit] = {}

    def take(found: Iterable[Hit]) -> None:
        for hit in found:
            if hit.object not in guarded:
                hits.setdefault((hit.object, hit.id), hit)
            elif all(t in fold(hit.title) for t in tokens):
                hits.setdefault((hit.object, hit.id), replace(hit, subtitle=""))

    begun = Said("lead >= %s and lead < %s", [phrase, phrase + "\U0010ffff"])
    take(sorted(_look(actor, may, begun, limit, "order by lead"), key=lambda hit: hit.lead))
    if len(hits) < limit and len(tokens) == 1 and (known := holding(actor.workspace_id, phrase)):
        # Several times as fast as trigrams for a frequent part of names; of two parts together, slower.
        found = _look(actor, may, Said("terms @@ %s::tsquery", [any_of(known)]), KNOWN)
        take(sorted(found, key=lambda hit: _rank(hit, tokens)))
    if len(hits) < limit and any(len(t) > 2 for t in tokens):
        parts = Said(" and ".join(["text like %s"] * len(tokens)), [f"%{_escape(t)}%" for t in tokens])
        found = _look(actor, may, parts, CANDIDATES)
        if not found and len(tokens) > 1:
            joined = Said("text like %s", [f"%{_escape(compact(query))}%"])
            found = _look(actor, may, joined, CANDIDATES)
        take(sorted(found, key=lambda hit: _rank(hit, tokens)))
    return list(hits.values())[:limit]


def find_alike(actor: Actor, query: str, objects: Sequence[str], limit: int = 12) -> list[Hit]:
    """The likest of the first entries that have something like each word of the query: a frequent name has tens of
    thousands of those. (Of entries like the whole query the index gives many times as many that are not like it after all.)

    Objects of which only titles may be found by are left out: what is like a hidden field would tell of it.
    """
    tokens = words(query)[:6]
    told = [t for t in tokens if len(t) > 2]
    if not told:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "select set_config('pg_trgm.word_similarity_threshold', %s, true)", [str(TYPO_THRESHOLD)]
        )
    columns = Said("title, subtitle, lead, true, word_similarity(%s, text)", [" ".join(tokens)])
    each = Said(" and ".join(["%s <%% text"] * len(told)), told)
    open_to = _sight(actor, [key for key in objects if not by_title_only(actor, key)])
    found = _look(actor, open_to, each, ALIKE, columns=columns)
    return sorted(found, key=lambda hit: -hit.likeness)[:limit]


def candidates(actor: Actor, object_key: str, query: str, verb: str = "view") -> QuerySet[Any]:
    """Ids of the object's records that have every word of the query in their search text, for use in a filter beside the
    rule of what the actor may apply the verb to."""
    patterns: list[Any] = [f"%{_escape(t)}%" for t in words(query)[:6]]
    where = ["text like %s"] * len(patterns) or ["false"]
    if by_title_only(actor, object_key):
        where, patterns = where + ["peyvand_fold(title) like %s"] * len(patterns), patterns * 2
    owners = owners_only(actor, object_key, verb)
    if owners and shared_ids(actor, object_key, verb) is None:
        # The rule says the same of the records. Here it spares others' rows the look at their text; so written that
        # PostgreSQL does not reckon with it twice.
        where, patterns = [_OWNERS, *where], [sorted(owners), *patterns]
    entries = SearchEntry.objects.filter(object=object_key)
    return entries.extra(where=where, params=patterns).values("object_id")  # noqa: S610 values are parameters


def candidates_by_text(actor: Actor, object_key: str, query: str) -> QuerySet[Any]:
    """As candidates, for an object whose records are found by their texts: ids of those that have every word's term."""
    texts = SearchText.objects.filter(object=object_key).exclude(source__in=actor.grants.hides(object_key))
    wanted = tsquery(asked(query)[:6])
    if not wanted:
        return texts.none().values("object_id")
    return texts.extra(where=["terms @@ %s::tsquery"], params=[wanted]).values("object_id")


def _sight(actor: Actor, objects: Sequence[str]) -> Sight:
    return sight(actor, [o for o in objects if actor.grants.scope(f"{o}.view") is not Scope.NONE])


def _look(
    actor: Actor, may: Sight, where: Said, most: int, order: str = "", columns: Said = _COLUMNS
) -> list[Hit]:
    return [Hit(*row) for row in look(actor, may, Look("search_entry", columns, where, where, order), most)]


def _rank(hit: Hit, tokens: Sequence[str]) -> tuple[int, int]:
    # Folded, so single blanks part its words; no token has any.
    title = f" {hit.lead}"
    return -sum(f" {t}" in title for t in tokens), -sum(t in title for t in tokens)


def _escape(token: str) -> str:
    return token.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
