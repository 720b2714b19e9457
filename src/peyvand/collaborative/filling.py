"""Texts with places for what is known of a record: «{{person.given_name|همکار گرامی}}», the fallback after the bar.

A place names a declared field of one of a few kinds of records. Nothing else is understood: no conditions, no calls, no
attributes. What the one who fills it in may not see is not known; nor is a field that was removed after the text was written:
whoever writes a text hears of a wrong place, whoever gets it reads the fallback. Who knows more of the occasion than its
records say gives it as words of its own («{{reason}}»).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import Final

from django.utils import translation

from peyvand.kernel.errors import Invalid, msg
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import Ref
from peyvand.platform.identity.actor import Actor
from peyvand.platform.objects.queries import ListQuery, fetch_rows
from peyvand.platform.objects.references import titled
from peyvand.platform.objects.spec import find_object

KINDS: Final = ("person", "company", "deal", "lead", "user")
_PLACE: Final = re.compile(r"\{\{([^{}]*)\}\}")
_NAME: Final = re.compile(r"([a-z][a-z0-9_]*)\.([a-z][a-z0-9_]*)", re.ASCII)
# For each kind of record the id of the one that is meant; those left out are not known.
Records = Mapping[str, int | None]
Words = Mapping[str, str]
_NO_WORDS: Final[Words] = {}


def known_places(ctx: Context) -> list[tuple[str, str]]:
    """Every place that this actor can write, with what people call it: ("person.given_name", "Person: Given name")."""
    return [
        (f"{kind}.{field.key}", f"{spec.label}: {field.label}")
        for kind in KINDS
        if (spec := find_object(kind))
        for field in spec.stored_fields
        if field.key not in ctx.actor.grants.hides(kind) and field.key not in ("external_id", "id")
    ]


def check_places(
    text: str, where: str | None = None, author: Actor | None = None, *, kinds: Collection[str] = KINDS, words: Collection[str] = ()
) -> None:  # fmt: skip
    """``where`` is the key of the text's own field. ``author``: who writes it, where others' eyes fill it in. ``kinds`` are
    the kinds of records that it may name, ``words`` what is known besides.

    Raises:
        Invalid: a place in the text names no field, or one that its author may not know.
    """
    for match in _PLACE.finditer(text):
        if match[1].partition("|")[0].strip() in words:
            continue
        place = _named(match[1], kinds)[0]
        if place is None or (author and place[1] in author.grants.hides(place[0])):
            name = match[1].partition("|")[0].strip()[:60]
            raise Invalid.of(
                msg("There is no field “%(name)s” to fill in.", name=name), where, "unknown_field"
            )


def fill_places(ctx: Context, text: str, records: Records, language: str) -> str:
    """The text with what is known in its places, as people who read ``language`` write it; else the fallback, or nothing."""
    return filler(ctx, records, language, text)(text)


def filler(ctx: Context, records: Records, language: str, *texts: str) -> Callable[[str], str]:
    """As fill_places for several texts about the same records: each record is read once."""
    fill = filler_for(ctx, [records], language, texts)
    return lambda text: fill(text, records, _NO_WORDS)


def fill_many(ctx: Context, text: str, whom: Sequence[Records], language: str) -> list[str]:
    """As fill_places, the text once for each of many: one query for each kind of record that it names."""
    fill = filler_for(ctx, whom, language, [text])
    return [fill(text, records, _NO_WORDS) for records in whom]


def filler_for(
    ctx: Context, whom: Sequence[Records], language: str, texts: Sequence[str], kinds: Collection[str] = KINDS
) -> Callable[[str, Records, Words], str]:
    """Read once what the texts name of all these records; returned is what fills one of the texts in for some of them, and
    with words of its own."""
    known: dict[tuple[str, str, int], str] = {}
    reader = replace(ctx.reader, language=language)
    for kind, keys in _asked(kinds, *texts).items():
        meant, ids = find_object(kind), sorted({id for records in whom if (id := records.get(kind))})
        if meant is None or not ids:
            continue
        seen = tuple(sorted(keys - set(ctx.actor.grants.hides(kind))))
        with translation.override(language):
            rows = fetch_rows(ListQuery(meant, ctx.actor.speaking(language), seen), ids)
            refs = [
                v for row in rows.values() for v in row.values.values() if isinstance(v, Ref) and not v.title
            ]
            names = titled(ctx.actor, refs)
            for id, row in rows.items():
                known |= {
                    (kind, k, id): names[v.object, v.id].title
                    if isinstance(v, Ref) and (v.object, v.id) in names
                    else meant.field(k).show(v, reader)
                    for k, v in row.values.items()
                    if k in seen
                }

    def put(records: Records, words: Words, match: re.Match[str]) -> str:
        place, fallback = _named(match[1], kinds)
        if (name := match[1].partition("|")[0].strip()) in words:
            return words[name] or fallback
        return (known.get((*place, records.get(place[0]) or 0)) if place else "") or fallback

    return lambda text, records, words: _PLACE.sub(lambda match: put(records, words, match), text)


def _asked(kinds: Collection[str], *texts: str) -> dict[str, set[str]]:
    """The fields that texts name, by the kind of record."""
    asked: dict[str, set[str]] = defaultdict(set)
    for text in texts:
        for match in _PLACE.finditer(text):
            if place := _named(match[1], kinds)[0]:
                asked[place[0]].add(place[1])
    return asked


def _named(place: str, kinds: Collection[str]) -> tuple[tuple[str, str] | None, str]:
    """The kind and the field that a place names, None where there is no such field; and its fallback."""
    name, _, fallback = place.partition("|")
    match = _NAME.fullmatch(name.strip())
    spec = find_object(match[1]) if match and match[1] in kinds else None
    field = spec.all_fields.get(match[2]) if spec and match else None
    known = (spec.key, field.key) if spec and field and not field.is_compound else None
    return known, fallback.strip()
