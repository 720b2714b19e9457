"""What a workspace keeps of one person: their record, those merged into it, and what was written about them alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import CASCADE, ForeignKey, Q

from peyvand.operational.contacts.public import PERSON, Person
from peyvand.platform.events.models import TimelineEntry
from peyvand.platform.merging.models import Merge
from peyvand.platform.objects.spec import ObjectSpec, all_objects


@dataclass(frozen=True)
class Belongings:
    """``people`` are ids: the person's, and of records that became part of theirs. ``about`` are ids by object."""

    people: tuple[int, ...]
    about: tuple[tuple[ObjectSpec, tuple[int, ...]], ...]

    @property
    def records(self) -> tuple[tuple[ObjectSpec, tuple[int, ...]], ...]:
        """All of them, those about the person first."""
        return (*self.about, (PERSON, self.people))

    def events(self) -> list[int]:
        """Ids of the events on their timelines."""
        found: set[int] = set()
        for spec, ids in self.records:
            rows = TimelineEntry.objects.filter(object=spec.key, object_id__in=ids)
            found.update(rows.values_list("event_id", flat=True))
        return sorted(found)


def belongings_of(person_id: int) -> Belongings:
    """What is kept of a person, the bin included. What is about something else, and only names them, is not theirs."""
    people, new = [person_id], [person_id]
    while new:
        merged = Merge.objects.filter(object=PERSON.key, winner__in=new, undone_at=None)
        new = [id for id in merged.values_list("loser", flat=True) if id not in people]
        people += new
    about = []
    for spec in all_objects():
        if spec.base is None and (asked := _about(spec, people)) is not None:
            ids = tuple(spec.rows.filter(asked).order_by("id").values_list("id", flat=True))
            about += [(spec, ids)] if ids else []
    return Belongings(tuple(people), tuple(about))


def _about(spec: ObjectSpec, people: list[int]) -> Q | None:
    fields: dict[str, Any] = {f.name: f for f in spec.model._meta.local_concrete_fields}
    links = [f for f in fields.values() if isinstance(f, ForeignKey) and f.related_model is Person]
    if "about_object" in fields:
        asked = Q(about_object=PERSON.key, about_id__in=people)
        for field in links:
            asked |= Q((f"{field.attname}__in", people), about_object="")
        if spec.correspondent:
            asked |= Q((f"{spec.correspondent}_id__in", people))
        return asked
    # What cannot be without its person is theirs alone, and goes with them by its key.
    part = [f for f in links if not f.null and f.remote_field.on_delete is CASCADE]
    return Q(*(Q((f"{f.attname}__in", people)) for f in part), _connector=Q.OR) if part else None
