"""Reads of activities that are more than a filter: what waits for somebody today."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from peyvand.kernel import clock
from peyvand.operational.activities.objects import MEETING, TASK
from peyvand.platform.identity.actor import Actor
from peyvand.platform.objects.queries import ListQuery, Row, fetch_rows

TASK_COLUMNS = ("title", "kind", "due_at", "priority", "status", "about", "person", "company", "owner")
MEETING_COLUMNS = ("title", "starts_at", "ends_at", "place", "status", "about", "company", "participants")


def my_tasks(actor: Actor, *, days: int = 7, limit: int = 20) -> list[Row]:
    """The actor's open tasks due until ``days`` from today's end, the most overdue first."""
    until = _midnight(actor) + timedelta(days=days + 1)
    query = ListQuery(TASK, actor, TASK_COLUMNS)
    tasks = (
        query.rows().filter(owner_id=actor.user_id, status="open", due_at__lt=until).order_by("due_at", "id")
    )
    return _in_order(query, list(tasks.values_list("id", flat=True)[:limit]))


def my_meetings(actor: Actor, *, limit: int = 20) -> list[Row]:
    """Meetings of today that the actor holds, by their beginning."""
    start = _midnight(actor)
    query = ListQuery(MEETING, actor, MEETING_COLUMNS)
    meetings = query.rows().filter(
        owner_id=actor.user_id, starts_at__gte=start, starts_at__lt=start + timedelta(days=1)
    )
    meetings = meetings.exclude(status="cancelled").order_by("starts_at", "id")
    return _in_order(query, list(meetings.values_list("id", flat=True)[:limit]))


def _midnight(actor: Actor) -> datetime:
    return datetime.combine(clock.today(actor.tenant.tz), time(), actor.tenant.tz)


def _in_order(query: ListQuery, ids: list[int]) -> list[Row]:
    rows = fetch_rows(query, ids) if ids else {}
    return [rows[id] for id in ids if id in rows]
