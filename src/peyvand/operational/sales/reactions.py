"""What sales does because something happened: keeps each deal's next activity in step with the tasks and meetings about it."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection

from peyvand.operational.activities.public import Meeting, Task
from peyvand.operational.sales.models import Deal
from peyvand.platform.actions.action import perform
from peyvand.platform.actions.context import Context, reaction_context
from peyvand.platform.database.bulk import update_rows
from peyvand.platform.events.facts import (
    Event,
    RecordCreated,
    RecordDeleted,
    RecordRestored,
    RecordUpdated,
    all_facts,
)
from peyvand.platform.events.reactions import Cause, reaction
from peyvand.platform.workspaces.scope import current_workspace_id

_STATES = [all_facts()[f"activities.{name}.v1"] for name in (
    "task_completed", "task_reopened", "task_cancelled", "meeting_held", "meeting_cancelled",
)]  # fmt: skip

_COPIED = ("next_activity_at", "next_activity_kind", "next_activity_title")


@reaction(
    RecordCreated,
    RecordUpdated,
    RecordDeleted,
    RecordRestored,
    *_STATES,
    objects=("task", "meeting"),
    always=True,
)
def renew_next_activity(cause: Cause, facts: Sequence[Event]) -> None:
    """Refresh the deals that the changed tasks and meetings are about, or were until now."""
    deals: set[int] = set()
    for object_key, model in (("task", Task), ("meeting", Meeting)):
        changed = [fact for fact in facts if fact.object == object_key]
        rows = model.objects.filter(id__in={fact.object_id for fact in changed}, about_object="deal")
        deals |= set(rows.values_list("about_id", flat=True))
        for fact in changed:
            old = fact.changes.get("about", [None])[0] if isinstance(fact, RecordUpdated) else None
            if old and old["object"] == "deal":
                deals.add(old["id"])
    refresh(reaction_context(cause), deals)


def refresh(ctx: Context, deal_ids: set[int]) -> None:
    """Copy the nearest open task or planned meeting about each deal into the deal: one query, one statement."""
    if not deal_ids:
        return

    # Two reactions about one deal at once: the later one looks once the earlier is done.
    held = Deal.objects.filter(id__in=deal_ids).order_by("id").select_for_update()
    known = list(held.values_list("id", *_COPIED))
    nearest = _nearest(deal_ids)
    changed = [(id, *new) for id, *now in known if (new := nearest.get(id, (None, "", ""))) != tuple(now)]
    if not changed:
        return

    def write() -> None:
        update_rows(Deal, _COPIED, changed)
        ctx.touch("deal", *(row[0] for row in changed))

    perform(ctx, "deal.update", (), write)


def _nearest(deal_ids: set[int]) -> dict[int, tuple[object, str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select distinct on (about_id) about_id, at, kind, title from (
                select about_id, due_at as at, kind, title, id from task
                where workspace_id = %(ws)s and about_object = 'deal' and about_id = any(%(ids)s) and status = 'open' and deleted_at is null
                union all
                select about_id, starts_at, 'meeting', title, id from meeting
                where workspace_id = %(ws)s and about_object = 'deal' and about_id = any(%(ids)s) and status = 'planned' and deleted_at is null
            ) a order by about_id, at nulls last, id
            """,
            {"ws": current_workspace_id(), "ids": sorted(deal_ids)},
        )
        return {row[0]: (row[1], row[2], row[3]) for row in cursor.fetchall()}
