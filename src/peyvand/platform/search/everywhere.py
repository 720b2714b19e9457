"""Searching everything at once: records by their words, their texts and their files, ranked, with what to narrow it by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from django.db import connection

from peyvand.kernel import clock
from peyvand.kernel.persian.terms import asked, terms
from peyvand.kernel.persian.text import fold
from peyvand.platform.identity.actor import Actor
from peyvand.platform.identity.grants import Scope
from peyvand.platform.search import marks
from peyvand.platform.search.find import Hit, find_alike, find_as_typed
from peyvand.platform.search.index import FILE
from peyvand.platform.search.looking import ENOUGH, NEWEST, Look, look, look_back
from peyvand.platform.search.marks import any_of, both
from peyvand.platform.search.permitted import EVERYTHING, Said, sight, told
from peyvand.platform.search.secrecy import by_title_only, knows_tags
from peyvand.platform.search.spelling import corrected
from peyvand.platform.search.wanted import months, tsquery

MOST_WORDS = 8
# Of a frequent word so many are looked at: the newest, and of the actor's own.
MOST = 300
OWN = 100
# So many are enough to choose a few from.
SOME = 60
# Fewer than this by whole words, and parts of words are looked for too.
FEW = 12
AGES = (7, 30, 365)
_ENTRY = Said("'' as source, 0::bigint as source_id, title, owner_id, made_at")
_TEXT = Said("source, source_id, '' as title, owner_id, made_at")


@dataclass(frozen=True)
class Narrowing:
    """What the results are narrowed to: one object, an owner, the last so many days, a tag; nothing where empty."""

    object: str = ""
    owner: int | None = None
    days: int | None = None
    tag: int | None = None


@dataclass(frozen=True)
class Found:
    """A record that was found: by its own words, or by the text of ``source`` (a field's key, or "file" and its id)."""

    object: str
    id: int
    source: str = ""
    source_id: int = 0
    title: str = ""
    owner_id: int | None = None
    made_at: datetime | None = None
    score: float = 0.0


@dataclass
class Facets:
    """How many of the records found are of each kind: objects, owners, ages in days, tags."""

    objects: Counter[str] = field(default_factory=Counter)
    owners: Counter[int] = field(default_factory=Counter)
    ages: Counter[int] = field(default_factory=Counter)
    tags: Counter[int] = field(default_factory=Counter)


@dataclass(frozen=True)
class Results:
    """The records found, the best first. ``is_capped``: there are more than were looked at, so counts are lower bounds.

    ``meant`` is the query that was found instead of the one asked; ``is_guess`` says that they came by likeness.
    """

    found: list[Found]
    facets: Facets
    is_capped: bool = False
    meant: str = ""
    is_guess: bool = False


def search(actor: Actor, query: str, objects: Sequence[str], narrowing: Narrowing | None = None) -> Results:
    """Everything among ``objects`` that the actor may see and that has every word of the query."""
    narrowed = narrowing or Narrowing()
    seen = [o for o in objects if actor.grants.scope(f"{o}.view") is not Scope.NONE]
    if narrowed.object:
        seen = [o for o in seen if o == narrowed.object]
    if narrowed.owner is not None:
        seen = [o for o in seen if "owner" not in actor.grants.hides(o)]
    if narrowed.days is not None:
        seen = [o for o in seen if "created_at" not in actor.grants.hides(o)]
    if narrowed.tag is not None:
        seen = [o for o in seen if knows_tags(actor, o)]
    groups = asked(query)[:MOST_WORDS]
    if not groups or not seen:
        return Results([], Facets())
    looked = _Looking(actor, seen, narrowed)
    found = looked.by(groups)
    meant, is_guess = "", False
    if not found and tsquery(groups, beginnings=True) != tsquery(groups):
        found = looked.by(groups, beginnings=True)
    plain = narrowed == Narrowing() or narrowed == Narrowing(object=narrowed.object)
    if plain and len(found) < FEW:
        # Parts of words and of numbers; likeness of names only where nothing else was found.
        found = _joined([*found, *_named(find_as_typed(actor, query, seen, FEW))])
        if not found and (said := corrected(actor.workspace_id, query)):
            found = looked.by(asked(said)[:MOST_WORDS])
            meant = said if found else ""
        if not found:
            found = _named(find_alike(actor, query, seen, FEW))
            is_guess = bool(found)
    ranked = sorted(_scored(actor, found, meant or query), key=lambda one: (-one.score, one.object, -one.id))
    return Results(ranked, _facets(actor, ranked), looked.is_capped, meant, is_guess)


class _Looking:
    """The looks into the index for one actor and one narrowing."""

    def __init__(self, actor: Actor, objects: Sequence[str], narrowed: Narrowing) -> None:
        self.actor, self.is_capped = actor, False
        self.guarded = {key for key in objects if by_title_only(actor, key)}
        self.sight, self.told = sight(actor, objects), told(actor, objects)
        self.since = clock.now() - timedelta(days=narrowed.days) if narrowed.days is not None else None
        self.beside: list[str] = []
        if narrowed.owner is not None:
            self.beside.append(any_of([marks.of_owner(narrowed.owner)]))
        if narrowed.tag is not None:
            self.beside.append(any_of([marks.of_tag(narrowed.tag)]))
        if self.since is not None:
            self.beside.append(any_of(months(self.since.date(), clock.now().date())))

    def by(self, groups: Sequence[Sequence[Sequence[str]]], *, beginnings: bool = False) -> list[Found]:
        """What has all of these terms, the newest of it, once for each record."""
        wanted = tsquery(groups, self.beside, beginnings=beginnings)
        found, many = self._look(_entries(self, wanted), MOST, MOST, deep=True)
        texts, more = self._look(_texts(self, wanted), MOST, ENOUGH, deep=True)
        self.is_capped = many or more
        if many and self.actor.user_id is not None:
            # The actor's own must be among them, however old they are; of texts that would read too much.
            own = any_of([marks.of_owner(self.actor.user_id)])
            rows = look(self.actor, self.sight, _entries(self, both(wanted, own)), OWN)
            found += [Found(*row) for row in rows]
        return _joined(
            one
            for one in [*found, *texts]
            if one.object not in self.guarded or one.source or _in_title(one, groups)
        )

    def texts_by(self, groups: Sequence[Sequence[Sequence[str]]]) -> list[Found]:
        """Some of the texts that have all of these terms, once for each record."""
        return _joined(self._look(_texts(self, tsquery(groups, self.beside)), SOME, FEW)[0])

    def _look(self, one: Look, most: int, enough: int, *, deep: bool = False) -> tuple[list[Found], bool]:
        rows, is_capped = look_back(self.actor, self.sight, one, most, enough, deep=deep)
        return [Found(*row) for row in rows], is_capped

    def where(self, wanted: str, may: Said = EVERYTHING) -> tuple[Said, Said]:
        """The condition on rows whose owner decides, and on those whose records must be asked."""
        since, moment = ("and made_at >= %s", [self.since]) if self.since is not None else ("", [])
        text = f"terms @@ %s::tsquery {since} and {may.text}"
        return (
            Said(text, [both(wanted, self.sight.marks), *moment, *may.values]),
            Said(text, [wanted, *moment, *may.values]),
        )


def _entries(looking: _Looking, wanted: str) -> Look:
    return Look("search_entry", _ENTRY, *looking.where(wanted), NEWEST)


def _texts(looking: _Looking, wanted: str) -> Look:
    return Look("search_text", _TEXT, *looking.where(wanted, looking.told), NEWEST)


def _named(hits: Iterable[Hit]) -> list[Found]:
    return [Found(hit.object, hit.id, title=hit.title) for hit in hits]


def _joined(found: Iterable[Found]) -> list[Found]:
    """Each record once: with its title if that was found, and the first text that was."""
    records: dict[tuple[str, int], Found] = {}
    for one in found:
        known = records.setdefault((one.object, one.id), one)
        if known is not one and one.source and not known.source:
            records[one.object, one.id] = replace(known, source=one.source, source_id=one.source_id)
        elif known is not one and one.title and not known.title:
            records[one.object, one.id] = replace(known, title=one.title)
    return list(records.values())


def _in_title(one: Found, groups: Sequence[Sequence[Sequence[str]]]) -> bool:
    have = terms(one.title)
    return all(
        any(all(any(h.startswith(term) for h in have) for term in way) for way in ways) for ways in groups
    )


def _scored(actor: Actor, found: Iterable[Found], query: str) -> Iterable[Found]:
    """Titles before fields before texts before files; then what is new, and the actor's own."""
    now, folded, knows_moment = clock.now(), fold(query), dict[str, bool]()
    wanted = [way[0] for ways in asked(query) for way in ways[:1]]
    for one in found:
        score = 0.5 if one.source == FILE else 1.0 if one.source else 2.0
        if one.title:
            title = fold(one.title)
            score = max(score, 2.0) + 3.0 * (title == folded) + 1.5 * title.startswith(folded)
            score += (
                2.0
                * sum(any(w.startswith(term) for w in title.split()) for term in wanted)
                / max(1, len(wanted))
            )
        if one.object not in knows_moment:
            knows_moment[one.object] = "created_at" not in actor.grants.hides(one.object)
        if one.made_at is not None and knows_moment[one.object]:
            score += 1.0 / (1.0 + max(0.0, (now - one.made_at).total_seconds()) / (90 * 86400))
        score += 0.5 * (one.owner_id is not None and one.owner_id == actor.user_id)
        yield replace(one, score=score)


def _facets(actor: Actor, found: Sequence[Found]) -> Facets:
    facets = Facets(Counter(one.object for one in found))
    hidden = {key: actor.grants.hides(key) for key in facets.objects}
    facets.owners.update(
        one.owner_id for one in found if one.owner_id is not None and "owner" not in hidden[one.object]
    )
    moments = [one.made_at for one in found if one.made_at and "created_at" not in hidden[one.object]]
    for days in AGES:
        since = clock.now() - timedelta(days=days)
        facets.ages[days] = len([moment for moment in moments if moment >= since])
    known = {key for key in facets.objects if knows_tags(actor, key)}
    tagged = [one for one in found if one.object in known]
    if tagged:
        with connection.cursor() as cursor:
            cursor.execute(
                "select substr(lexeme, %s)::bigint, count(*) from unnest(%s::text[], %s::bigint[]) f(object, id) "
                "join search_entry e on e.workspace_id = %s and e.object = f.object and e.object_id = f.id "
                "cross join unnest(e.terms) where lexeme like %s group by 1",
                [len(marks.TAG) + 1, [one.object for one in tagged], [one.id for one in tagged],
                 actor.workspace_id, f"{marks.TAG}%"],
            )  # fmt: skip
            facets.tags.update(dict(cursor.fetchall()))
    return facets


def in_texts(actor: Actor, query: str, objects: Sequence[str], limit: int) -> list[Found]:
    """The best few records that have every word of the query in one of their texts; quick enough for every key pressed."""
    seen = [o for o in objects if actor.grants.scope(f"{o}.view") is not Scope.NONE]
    groups = asked(query)[:MOST_WORDS]
    if not groups or not seen:
        return []
    found = _Looking(actor, seen, Narrowing()).texts_by(groups)
    return sorted(_scored(actor, found, query), key=lambda one: (-one.score, one.object, -one.id))[:limit]
