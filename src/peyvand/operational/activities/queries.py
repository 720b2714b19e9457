"""Reads of activities that are more than a filter: what waits for somebody today."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from django.db.models import Q

from peyvand.kernel import clock
from peyvand.operational.activities.objects import MEETING, TASK
from peyvand.platform.access.decisions import decide
from peyvand.platform.fields.types import Choice, Ref
from peyvand.platform.identity.actor import Actor
from peyvand.platform.objects.queries import ListQuery, Row, fetch_linked, fetch_own, parse_sort

TASK_COLUMNS = ("title", "kind", "due_at", "priority", "status", "about", "person", "company", "owner")
MEETING_COLUMNS = ("title", "starts_at", "ends_at", "place", "status", "about", "company", "participants")


def my_tasks(actor: Actor, *, days: int = 7, limit: int = 20) -> list[Row]:
    """The actor's open tasks due until ``days`` from today's end, the most overdue first."""
    until = _midnight(actor) + timedelta(days=days + 1)
    query = ListQuery(TASK, actor, TASK_COLUMNS)
    return fetch_own(
        query, lambda own: own.filter(status="open", due_at__lt=until).order_by("due_at", "id"), limit
    )


def my_meetings(actor: Actor, *, limit: int = 20) -> list[Row]:
    """Meetings of today that the actor holds, by their beginning."""
    start = _midnight(actor)
    query = ListQuery(MEETING, actor, MEETING_COLUMNS)
    today = Q(starts_at__gte=start, starts_at__lt=start + timedelta(days=1))
    return fetch_own(
        query,
        lambda own: own.filter(today).exclude(status="cancelled").order_by("starts_at", "id"),
        limit,
    )


@dataclass(frozen=True)
class Step:
    """Something still to be done about a record: an open task or a planned meeting; ``at`` None is some day."""

    object: str
    plural: str
    id: int
    title: str
    kind: str
    icon: str
    at: datetime | None
    owner: str


def next_steps(actor: Actor, object: str, id: int, *, limit: int = 3) -> list[Step]:
    """What the actor may see of what is planned about a record, the nearest first."""
    found = []
    for spec, moment, state in ((TASK, "due_at", "open"), (MEETING, "starts_at", "planned")):
        if not decide(actor, spec.permission("view")):
            continue
        query = ListQuery(
            spec,
            actor,
            (moment, "owner", *(("kind",) if spec is TASK else ())),
            sort=parse_sort(moment, spec),
        )
        about = (("about_object", object), ("status", state))
        for row in fetch_linked(query, ("about_id",), id, where=about, limit=limit).rows:
            kind = spec.all_fields.get("kind")
            option = kind.option(row.values.get("kind")) if isinstance(kind, Choice) else None
            label, icon = (option.label, option.icon) if option else (spec.label, "")
            owner = row.values.get("owner")
            name = owner.title if isinstance(owner, Ref) else ""
            at = row.values.get(moment)
            found.append(
                Step(spec.key, spec.plural, row.id, row.title, str(label), icon or spec.icon, at, name)
            )
    return sorted(found, key=lambda step: step.at or datetime.max.replace(tzinfo=UTC))[:limit]


def _midnight(actor: Actor) -> datetime:
    return datetime.combine(clock.today(actor.tenant.tz), time(), actor.tenant.tz)
