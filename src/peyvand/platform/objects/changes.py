"""What changed on records, as the log keeps it: [old, new] of each field as JSON, linked records with the titles they had.

Every change of a field stands in a RecordUpdated, whichever action made it. What the slice's own facts tell already is
marked there (``told``), so that timelines do not say it twice, while the history of a record has no gap.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from peyvand.platform.actions.context import Context
from peyvand.platform.events.facts import RecordUpdated
from peyvand.platform.fields.about import About, parse_ref
from peyvand.platform.fields.types import Day, Field, Instant, Link, Ref
from peyvand.platform.objects.references import Subjects, subjects_of
from peyvand.platform.objects.spec import ObjectSpec, find_object

Changes = Mapping[str, Any]


def record_changes(
    ctx: Context,
    spec: ObjectSpec,
    changed: Sequence[tuple[Any, Changes]],
    *,
    told: Mapping[int, Collection[str]] | None = None,
    source: str = "",
) -> None:
    """Record what changed on records: field key → [old, new] as JSON. ``told``, by id: what other facts tell already."""
    named = with_titles(spec, [changes for _, changes in changed])
    whose = subjects_of(spec, [record for record, _ in changed])
    ctx.record(*(
        RecordUpdated(
            object=spec.key, object_id=record.id, title=str(getattr(record, spec.title)), changes=changes, source=source,
            subjects=tuple(dict.fromkeys((*subjects, *_left(spec, changes)))),
            told=sorted(set(told.get(record.id, ())) & changes.keys()) if told else [],
        )
        for (record, _), changes, subjects in zip(changed, named, whose, strict=True)
    ))  # fmt: skip


def with_titles(spec: ObjectSpec, changes: Sequence[Changes]) -> list[dict[str, Any]]:
    """The changes with {"id", "title"} for every linked record: one query for each kind of record among them."""
    asked: dict[str, set[int]] = defaultdict(set)
    for one in changes:
        for _, _, ref in _refs(spec, one):
            asked[ref.object].add(ref.id)
    titles: dict[tuple[str, int], str] = {}
    for key, ids in asked.items():
        if linked := find_object(key):
            rows = linked.rows.filter(id__in=ids).values_list("id", linked.title)
            titles |= {(key, id): str(title or "") for id, title in rows}
    out = []
    for one in changes:
        named = {key: list(pair) for key, pair in one.items()}
        for key, side, ref in _refs(spec, one):
            title = titles.get((ref.object, ref.id), "")
            about = {"object": ref.object} if isinstance(spec.all_fields[key], About) else {}
            named[key][side] = {**about, "id": ref.id, "title": title}
        out.append(named)
    return out


def refs_in(spec: ObjectSpec, changes: Changes) -> list[Ref]:
    """The linked records that changes name."""
    return [ref for _, _, ref in _refs(spec, changes)]


def value_of(field: Field, raw: Any) -> Any:
    """A value of the log's JSON as Field.show wants it; a linked record with the title that it had then."""
    if raw is None or raw == "" or raw == []:
        return None
    if isinstance(field, About):
        ref = parse_ref(raw)
        return Ref(ref.object, ref.id, str(raw.get("title") or "") if isinstance(raw, Mapping) else "")
    if isinstance(field, Link):
        if isinstance(raw, Mapping):
            return Ref(field.to, int(raw["id"]), str(raw.get("title") or ""))
        return Ref(field.to, int(raw), "")
    if isinstance(field, Instant):
        return datetime.fromisoformat(str(raw))
    if isinstance(field, Day):
        return date.fromisoformat(str(raw)[:10])
    return tuple(raw) if isinstance(raw, list) else raw


def _refs(spec: ObjectSpec, changes: Changes) -> Iterator[tuple[str, int, Ref]]:
    for key, pair in changes.items():
        field = spec.all_fields.get(key)
        if isinstance(field, Link | About):
            for side, raw in enumerate(pair):
                value = value_of(field, raw)
                if isinstance(value, Ref):
                    yield key, side, value


def _left(spec: ObjectSpec, changes: Changes) -> Subjects:
    """The records that were linked before: that the link is gone belongs on their timelines too."""
    links = {f.key for f in spec.timeline_links}
    gone = (
        ref
        for key, side, ref in _refs(spec, changes)
        if side == 0 and (key in links or isinstance(spec.all_fields[key], About))
    )
    return tuple((ref.object, ref.id) for ref in gone)
