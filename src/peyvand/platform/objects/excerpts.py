"""The places of texts where a query was found: read by the rules of the fields and records that hold them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from peyvand.kernel.persian.terms import asked
from peyvand.kernel.persian.text import fold
from peyvand.platform.access.rules import reaches_all
from peyvand.platform.fields.about import About
from peyvand.platform.fields.types import Link, Ref
from peyvand.platform.files.queries import texts_of
from peyvand.platform.identity.actor import Actor
from peyvand.platform.objects.queries import ListQuery, Row, fetch_rows
from peyvand.platform.objects.spec import ObjectSpec, find_object, object_named
from peyvand.platform.search.everywhere import Found
from peyvand.platform.search.find import Hit
from peyvand.platform.search.index import FILE

LENGTH = 200
# A text is looked through in pieces of this length.
_PIECE = 2000


class Excerpt(NamedTuple):
    """A record's title, the place where its text answers the query, and what it belongs to or is about, as the actor may know it.

    The place is empty where the record was found by its own words. Of a file, its name stands first.
    """

    title: str
    place: str
    beside: str


def excerpts(actor: Actor, found: Sequence[Found], query: str) -> dict[tuple[str, int], Excerpt]:
    """What is said of each of these records that the actor may see."""
    kinds: dict[str, list[Found]] = defaultdict(list)
    for one in found:
        kinds[one.object].append(one)
    told: dict[tuple[str, int], Excerpt] = {}
    words = words_of(query)
    for key, hits in kinds.items():
        spec = find_object(key)
        if spec is None:
            continue
        place = _beside(spec)
        columns = tuple(
            dict.fromkeys(key for key in (*(h.source for h in hits), place) if key in spec.all_fields)
        )
        rows = fetch_rows(ListQuery(spec, actor, columns), [h.id for h in hits])
        files = _files(key, [h for h in hits if h.source == FILE and h.id in rows])
        for hit in hits:
            if row := rows.get(hit.id):
                other = _said(row.values.get(place))
                told[key, hit.id] = Excerpt(row.title, _place(hit, row, files, words), other)
    return told


def beside(actor: Actor, hits: Sequence[Hit]) -> list[Hit]:
    """The hits with what stands beside their titles as far as the actor may know it: one query for each object whose
    records belong to some that are out of sight."""
    kinds: dict[str, list[int]] = defaultdict(list)
    for hit in hits:
        if hit.subtitle and _belongs_out_of_sight(actor, hit.object):
            kinds[hit.object].append(hit.id)
    told: dict[tuple[str, int], str] = {}
    for key, ids in kinds.items():
        spec = object_named(key)
        rows = fetch_rows(ListQuery(spec, actor, (spec.subtitle,)), ids)
        told |= {(key, id): _said(rows[id].values.get(spec.subtitle)) if id in rows else "" for id in ids}
    return [replace(hit, subtitle=told.get((hit.object, hit.id), hit.subtitle)) for hit in hits]


def words_of(query: str) -> list[str]:
    """The folded words to be marked in what was found: as typed, and without their endings."""
    terms = [term for ways in asked(query) for way in ways for term in way]
    return list(dict.fromkeys((*terms, *fold(query).split(" "))))


def excerpt(text: str, words: Sequence[str], length: int = LENGTH) -> str:
    """The neighbourhood of the first of these words in a text, whole words, with … where it was cut."""
    for start in range(0, max(len(text), 1), _PIECE):
        piece = text[start : start + _PIECE + LENGTH]
        place = _first(piece, words)
        if place >= 0:
            return _cut(text, start + place, length)
    return _cut(text, 0, length)


def _belongs_out_of_sight(actor: Actor, object_key: str) -> bool:
    spec = find_object(object_key)
    field = spec.all_fields.get(spec.subtitle) if spec is not None else None
    return isinstance(field, Link) and not reaches_all(actor, f"{field.to}.view")


def _said(value: Any) -> str:
    return value.title if isinstance(value, Ref) else str(value or "")


def _beside(spec: ObjectSpec) -> str:
    """The field that names what a record belongs to or is about."""
    return spec.subtitle or next((f.key for f in spec.own_fields if isinstance(f, About)), "")


def _place(hit: Found, row: Row, files: dict[tuple[int, int], tuple[str, str]], words: Sequence[str]) -> str:
    if hit.source == FILE:
        name, text = files.get((hit.id, hit.source_id), ("", ""))
        return f"{name}: {excerpt(text, words)}" if text else name
    value = row.values.get(hit.source) if hit.source else None
    return excerpt(value, words) if isinstance(value, str) else ""


def _files(object_key: str, hits: Sequence[Found]) -> dict[tuple[int, int], tuple[str, str]]:
    if not hits:
        return {}
    asked_for = {(hit.id, hit.source_id) for hit in hits}
    rows = texts_of(object_key, [hit.id for hit in hits])
    return {(id, file): (name, text) for id, file, name, text in rows if (id, file) in asked_for}


def _first(piece: str, words: Sequence[str]) -> int:
    """Where the first of the words begins in the piece; -1 where none is in it."""
    folded = fold(piece)
    wanted = [word for word in words if len(word) > 1 and word in folded] or [
        w for w in words if w and w in folded
    ]
    if not wanted:
        return -1
    # Folding changes lengths, so the place is found again among the letters as they were written.
    place = min(folded.index(word) for word in wanted)
    low, high = 0, len(piece)
    while low < high:
        middle = (low + high) // 2
        if len(fold(piece[:middle])) < place:
            low = middle + 1
        else:
            high = middle
    return low


def _cut(text: str, place: int, length: int) -> str:
    begin = max(0, place - length // 3)
    if begin:
        space = text.find(" ", begin, place)
        begin = space + 1 if space >= 0 else begin
    end = min(len(text), begin + length)
    if end < len(text):
        space = text.rfind(" ", place + 1, end)
        end = space if space > begin else end
    middle = " ".join(text[begin:end].split())
    return f"{'… ' if begin else ''}{middle}{' …' if end < len(text) else ''}"
