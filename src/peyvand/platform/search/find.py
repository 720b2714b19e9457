"""Finding records by part of a name, phone, mail or number: letter- and digit-blind, forgiving of a typo."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from peyvand.kernel.persian.terms import asked
from peyvand.kernel.persian.text import compact, fold, words
from peyvand.platform.identity.actor import Actor
from peyvand.platform.identity.grants import Scope
from peyvand.platform.search.models import SearchEntry, SearchText
from peyvand.platform.search.permitted import allowed as allowed_to
from peyvand.platform.search.secrecy import by_title_only
from peyvand.platform.search.wanted import tsquery

CANDIDATES = 200
TYPO_THRESHOLD = 0.4
# The likest are chosen among so many.
ALIKE = 300


@dataclass(frozen=True)
class Hit:
    object: str
    id: int
    title: str
    subtitle: str
    # The title's beginning, folded.
    lead: str = ""
    # The query was not found as typed; this came by likeness.
    is_guess: bool = False


def find(actor: Actor, query: str, objects: Sequence[str], limit: int = 12) -> list[Hit]:
    """The best hits among ``objects`` that the actor may see, titles that begin with the query first.

    Three looks, each by an index: beginnings of titles, parts of words, and only if those found nothing, likeness.
    """
    tokens = words(query)[:6]
    seen = [o for o in objects if actor.grants.scope(f"{o}.view") is not Scope.NONE]
    if not tokens or not seen:
        return []
    allowed, parameters = allowed_to(actor, seen)
    phrase = " ".join(tokens)
    hits: dict[tuple[str, int], Hit] = {}
    guarded = {key for key in seen if by_title_only(actor, key)}

    def look(where: str, values: list[Any], order: str = "", *, most: int = limit) -> list[Hit]:
        with connection.cursor() as cursor:
            cursor.execute(
                "select object, object_id, title, subtitle, lead from search_entry found "  # noqa: S608 our own words, values are parameters
                f"where workspace_id = %s and {where} and {allowed} {order} limit %s",
                [actor.workspace_id, *values, *parameters, most],
            )
            return [Hit(*row) for row in cursor.fetchall()]

    def take(found: Iterable[Hit]) -> None:
        for hit in found:
            if hit.object not in guarded:
                hits.setdefault((hit.object, hit.id), hit)
            elif all(t in fold(hit.title) for t in tokens):
                hits.setdefault((hit.object, hit.id), replace(hit, subtitle=""))

    take(look("lead >= %s and lead < %s", [phrase, phrase + "\U0010ffff"], "order by lead"))
    if len(hits) < limit and any(len(t) > 2 for t in tokens):
        parts = " and ".join(["text like %s"] * len(tokens))
        found = look(parts, [f"%{_escape(t)}%" for t in tokens], most=CANDIDATES)
        if not found and len(tokens) > 1:
            found = look("text like %s", [f"%{_escape(compact(query))}%"], most=CANDIDATES)
        take(sorted(found, key=lambda hit: _rank(hit, tokens)))
        if not hits:
            take(_alike(actor, phrase, allowed, parameters, limit))
    return list(hits.values())[:limit]


def candidates(actor: Actor, object_key: str, query: str) -> QuerySet[Any]:
    """Ids of the object's records that have every word of the query in their search text, for use in a filter."""
    patterns = [f"%{_escape(t)}%" for t in words(query)[:6]]
    where = ["text like %s"] * len(patterns) or ["false"]
    if by_title_only(actor, object_key):
        where, patterns = where + ["peyvand_fold(title) like %s"] * len(patterns), patterns * 2
    entries = SearchEntry.objects.filter(object=object_key)
    return entries.extra(where=where, params=patterns).values("object_id")  # noqa: S610 values are parameters


def candidates_by_text(actor: Actor, object_key: str, query: str) -> QuerySet[Any]:
    """As candidates, for an object whose records are found by their texts: ids of those that have every word's term."""
    texts = SearchText.objects.filter(object=object_key).exclude(source__in=actor.grants.hides(object_key))
    wanted = tsquery(asked(query)[:6])
    if not wanted:
        return texts.none().values("object_id")
    return texts.extra(where=["terms @@ %s::tsquery"], params=[wanted]).values("object_id")


def _alike(actor: Actor, phrase: str, allowed: str, parameters: list[Any], limit: int) -> list[Hit]:
    """The likest of the first entries that are like the phrase at all: a frequent name has tens of thousands of those."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select set_config('pg_trgm.word_similarity_threshold', %s, true)", [str(TYPO_THRESHOLD)]
        )
        cursor.execute(
            f"""
            select object, object_id, title, subtitle from (
                select * from search_entry found where workspace_id = %s and {allowed} and %s <%% text limit %s
            ) s order by word_similarity(%s, text) desc limit %s
            """,  # noqa: S608 names come from models, values are parameters
            [actor.workspace_id, *parameters, phrase, ALIKE, phrase, limit],
        )
        return [
            Hit(object, id, title, subtitle, is_guess=True)
            for object, id, title, subtitle in cursor.fetchall()
        ]


def _rank(hit: Hit, tokens: Sequence[str]) -> tuple[int, int]:
    title = hit.lead.split()
    starts = sum(any(w.startswith(t) for w in title) for t in tokens)
    inside = sum(any(t in w for w in title) for t in tokens)
    return (-starts, -inside)


def _escape(token: str) -> str:
    return token.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
