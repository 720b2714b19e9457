"""Records named from anywhere: their titles, and the records on whose timelines a fact about one belongs. In sets."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.translation import get_language

from peyvand.platform.access.decisions import visible
from peyvand.platform.fields.types import Choice, PaperNumber, Ref
from peyvand.platform.identity.actor import Actor
from peyvand.platform.objects.expressions import expressions
from peyvand.platform.objects.spec import ObjectSpec, find_object

Key = tuple[str, int]
Subjects = tuple[Key, ...]


def shown_title(spec: ObjectSpec, title: str) -> str:
    """A record's title as people read it: the word of a choice that serves as one, a paper's number in their digits."""
    field = spec.all_fields.get(spec.title)
    if isinstance(field, Choice) and (option := field.option(title)):
        return str(option.label)
    return PaperNumber.written(title, get_language() or "en") if isinstance(field, PaperNumber) else title


def titled(actor: Actor, refs: Iterable[Ref]) -> dict[Key, Ref]:
    """The references with their titles, by object and id; those that the actor may not see are left out."""
    found: dict[Key, Ref] = {}
    for spec, ids in _by_object((ref.object, ref.id) for ref in refs):
        rows = visible(actor, spec.key, spec.rows.filter(id__in=ids))
        marks = spec.mark.columns if spec.mark else ()
        named = spec.all_fields.get(spec.title)
        # A ledger's entry has no name of its own: what it says stands for it, in words.
        words = {o.key: str(o.label) for o in named.options} if isinstance(named, Choice) else {}
        found |= {
            (spec.key, id): Ref(
                spec.key,
                id,
                words.get(title) or str(title or ""),
                spec.mark.says(*values) if spec.mark else "",
            )
            for id, title, *values in rows.values_list("id", spec.title, *marks)
        }
    return found


def subjects_of(spec: ObjectSpec, records: Sequence[Any]) -> list[Subjects]:
    """For each record: itself, those it links to, the one it is about, and those that one links to."""
    about: list[Key | None] = [
        (r.about_object, r.about_id) if getattr(r, "about_object", "") and r.about_id is not None else None
        for r in records
    ]
    further = _linked_from({key for key in about if key})
    links = [(f.to, f) for f in spec.timeline_links]
    out: list[Subjects] = []
    for record, key in zip(records, about, strict=True):
        linked = [(to, id) for to, f in links if (id := f.read(record)) is not None]
        behind = [key, *further.get(key, ())] if key else []
        out.append(tuple(dict.fromkeys([(spec.key, record.id), *linked, *behind])))
    return out


def about(spec: ObjectSpec, record: Any) -> dict[str, Any]:
    """What every fact about a record says of it: ``QuoteSent(**about(QUOTE, quote), total=…)``."""
    [subjects] = subjects_of(spec, [record])
    title = str(getattr(record, spec.title))
    return {"object": spec.key, "object_id": record.id, "title": title, "subjects": subjects}


def _linked_from(keys: Iterable[Key]) -> dict[Key, list[Key]]:
    out: dict[Key, list[Key]] = {}
    for spec, ids in _by_object(keys):
        links = spec.timeline_links
        if links:
            rows = spec.rows.filter(id__in=ids).annotate(**expressions(spec, (f.column for f in links)))
            rows = rows.values_list("id", *(f.column for f in links))
            out |= {
                (spec.key, id): [(f.to, to) for f, to in zip(links, tos, strict=True) if to is not None]
                for id, *tos in rows
            }
    return out


def _by_object(keys: Iterable[Key]) -> list[tuple[ObjectSpec, list[int]]]:
    ids: dict[str, list[int]] = defaultdict(list)
    for object_key, id in keys:
        ids[object_key].append(id)
    return [(spec, asked) for object_key, asked in ids.items() if (spec := find_object(object_key))]
