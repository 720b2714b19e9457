"""Finding records by part of a name, phone, mail or number: letter- and digit-blind, forgiving of a typo."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from peyvand.kernel.persian.text import compact, fold, words
from peyvand.platform.access.policies import OwnedRows, policy_of
from peyvand.platform.identity.actor import Actor
from peyvand.platform.identity.grants import Scope
from peyvand.platform.search.models import SearchEntry
from peyvand.platform.search.secrecy import by_title_only

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
    # The query was not found as typed; this came by likeness.
    is_guess: bool = False


def find(actor: Actor, query: str, objects: Sequence[str], limit: int = 12) -> list[Hit]:
    """The best hits among ``objects`` that the actor may see, titles that begin with the query first.

    Three looks, each by an index: beginnings of titles, parts of words, and only if those found nothing, likeness.
    """
    tokens = words(query)[:6]
    scopes: dict[str, Scope] = {
        o: s for o in objects if (s := actor.grants.scope(f"{o}.view")) is not Scope.NONE
    }
    if not tokens or not scopes:
        return []
    allowed, parameters = _allowed(actor, scopes)
    phrase = " ".join(tokens)
    hits: dict[tuple[str, int], Hit] = {}
    guarded = {key for key in scopes if by_title_only(actor, key)}

    def look(where: str, values: list[Any], order: str = "", *, most: int = limit) -> list[Hit]:
        with connection.cursor() as cursor:
            cursor.execute(
                f"select object, object_id, title, subtitle from search_entry where workspace_id = %s and {where} and {allowed} {order} limit %s",  # noqa: S608 names come from models, values are parameters
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


def _alike(actor: Actor, phrase: str, allowed: str, parameters: list[Any], limit: int) -> list[Hit]:
    """The likest of the first entries that are like the phrase at all: a frequent name has tens of thousands of those."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select set_config('pg_trgm.word_similarity_threshold', %s, true)", [str(TYPO_THRESHOLD)]
        )
        cursor.execute(
            f"""
            select object, object_id, title, subtitle from (
                select * from search_entry where workspace_id = %s and {allowed} and %s <%% text limit %s
            ) s order by word_similarity(%s, text) desc limit %s
            """,  # noqa: S608 names come from models, values are parameters
            [actor.workspace_id, *parameters, phrase, ALIKE, phrase, limit],
        )
        return [
            Hit(object, id, title, subtitle, is_guess=True)
            for object, id, title, subtitle in cursor.fetchall()
        ]


def _allowed(actor: Actor, scopes: dict[str, Scope]) -> tuple[str, list[Any]]:
    """SQL for the rows this actor may see, object by object, from the owner kept with each entry."""
    open_to_all: list[str] = []
    parts: list[str] = []
    parameters: list[Any] = []
    for key, scope in scopes.items():
        policy = policy_of(key)
        owners = policy.owners(actor, scope) if isinstance(policy, OwnedRows) else None
        if owners is None:
            open_to_all.append(key)
        else:
            parts.append("(object = %s and owner_id = any(%s))")
            parameters += [key, sorted(owners)]
    if open_to_all:
        parts.append("object = any(%s)")
        parameters.append(open_to_all)
    return f"({' or '.join(parts)})", parameters


def _rank(hit: Hit, tokens: Sequence[str]) -> tuple[int, int]:
    title = words(hit.title)
    starts = sum(any(w.startswith(t) for w in title) for t in tokens)
    inside = sum(any(t in w for w in title) for t in tokens)
    return (-starts, -inside)


def _escape(token: str) -> str:
    return token.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
