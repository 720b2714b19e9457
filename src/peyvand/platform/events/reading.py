"""What the log says of records, asked in sets: how facts are kept is known here, whoever wants to know what was."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import QuerySet

from peyvand.platform.database.compiled import Slot, in_slot
from peyvand.platform.events.facts import RecordUpdated, all_facts
from peyvand.platform.events.models import EventRow
from peyvand.platform.workspaces.lookups import lookup

# As many lines as anybody asks for at once.
LONGEST: Final = 20


@dataclass(frozen=True)
class Noted:
    """One line of the log about a record: which fact, by which action and whom (None: nobody of ours), and what it says."""

    id: int
    wire: str
    audit: int | None
    actor: int | None
    at: datetime
    data: Mapping[str, Any]


@dataclass(frozen=True)
class Assigned:
    """How a record came to its owner: by which action, from whom, to whom (None: nobody)."""

    audit: int | None
    giver: int | None
    owner: int | None


def data_of(kept: Any) -> dict[str, Any]:
    """What a fact says, however the database hands it over."""
    return json.loads(kept) if isinstance(kept, str) else dict(kept)


def assigning() -> list[str]:
    """The facts by which records change hands."""
    return [wire for wire, kind in all_facts().items() if kind.assigns]


def newest(object: str, id: int, wires: Sequence[str], limit: int) -> list[Noted]:
    """The newest lines about a record of these facts, the last one first; at most ``LONGEST``."""
    return [
        Noted(event, wire, audit, actor, at, data_of(data))
        for event, wire, audit, actor, at, data in _lines_of(object, id, list(wires))[:limit]
    ]


def last_assigned(object: str, ids: Collection[int]) -> dict[int, Assigned]:
    """How records came to those who have, or had, them last; without those that nobody was ever given."""
    rows = EventRow.objects.filter(object=object, object_id__in=ids, wire__in=assigning())
    latest = rows.order_by("object_id", "-id").distinct("object_id")
    return {
        id: Assigned(audit, data.get("from_owner_id"), data.get("to_owner_id"))
        for id, audit, data in latest.values_list("object_id", "audit_id", "data")
    }


def owners_before(
    object: str, ids: Collection[int], audits: Collection[int | None]
) -> list[tuple[int, int | None, int | None, int]]:
    """Of records that changed hands by these actions, in the order of time: the record, the action, whose it was, whose it became."""
    rows = EventRow.objects.filter(
        object=object, object_id__in=ids, wire=RecordUpdated.wire, audit_id__in=audits
    )
    found = []
    for id, audit, data in rows.order_by("id").values_list("object_id", "audit_id", "data"):
        old, new = data["changes"].get("owner", (None, None))
        if new is not None:
            found.append((id, audit, old["id"] if old else None, new["id"]))
    return found


def last_of_holders(fact: str, object: str, ids: Collection[int]) -> dict[tuple[int, int], Noted]:
    """The newest of such a fact for each record and each user whom it names as ``holder_id``."""
    rows = EventRow.objects.filter(object=object, object_id__in=ids, wire=fact, data__holder_id__isnull=False)
    newest = rows.order_by("object_id", "data__holder_id", "-id").distinct("object_id", "data__holder_id")
    columns = ("id", "wire", "audit_id", "actor_id", "at", "data")
    return {
        (id, data["holder_id"]): Noted(event, wire, audit, actor, at, data)
        for id, event, wire, audit, actor, at, data in newest.values_list("object_id", *columns)
        if data["holder_id"] is not None
    }


def was_changed(object: str, id: int, keys: Collection[str], since: datetime, *, but: str) -> bool:
    """Whether one of these fields was changed after a moment, by another door than ``but`` (a change's source)."""
    rows = EventRow.objects.filter(
        object=object, object_id=id, wire=RecordUpdated.wire, recorded_at__gt=since
    )
    return rows.filter(data__changes__has_any_keys=sorted(keys)).exclude(data__source=but).exists()


@lookup("text", "bigint", "text[]")
def _lines_of(object: Slot, id: Slot, wires: Slot) -> QuerySet[Any]:
    rows = EventRow.objects.filter(in_slot("wire", wires), object=object, object_id=id).order_by("-id")
    return rows.values_list("id", "wire", "audit_id", "actor_id", "at", "data")[:LONGEST]
