"""What sales does because something happened: keeps each deal's next activity in step with the tasks and meetings about it."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from django.db import connection
from django.utils import translation
from django.utils.translation import gettext

from peyvand.operational.activities.public import TASK, Call, Meeting, Note, Task
from peyvand.operational.sales.events import BigDeal
from peyvand.operational.sales.health import reckon
from peyvand.operational.sales.models import Deal
from peyvand.operational.sales.steps import working_moment
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
from peyvand.platform.fields.types import Ref
from peyvand.platform.objects.records import create_records
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


@reaction(RecordCreated, RecordDeleted, RecordRestored, objects=("call", "note"), always=True)
def renew_health(cause: Cause, facts: Sequence[Event]) -> None:
    """Reckon the health of the deals that were spoken of."""
    deals: set[int] = set()
    for object_key, model in (("call", Call), ("note", Note)):
        ids = {fact.object_id for fact in facts if fact.object == object_key}
        rows = model.objects.filter(id__in=ids, about_object="deal") if ids else model.objects.none()
        deals |= set(rows.values_list("about_id", flat=True))
    if not deals:
        return
    ctx = reaction_context(cause)
    _tell(ctx, reckon(ctx.tenant, deals))


@reaction(BigDeal)
def tell_manager(cause: Cause, facts: Sequence[Event]) -> None:
    """Give the manager of a big deal's owner the task to look at it, for the next working day."""
    big = {fact.object_id for fact in facts}
    deals = Deal.objects.filter(id__in=big, deleted_at__isnull=True, owner__manager__is_active=True)
    rows = list(deals.order_by("id").values_list("id", "name", "owner__manager_id"))
    if not rows:
        return
    ctx = reaction_context(cause)
    at = working_moment(ctx.tenant, "d1")
    with translation.override(ctx.tenant.language):
        values = [
            {"title": gettext("A big deal: %(title)s") % {"title": name}, "kind": "follow_up", "priority": "high", "due_at": at,
             "about": Ref("deal", id, ""), "owner": manager, "status": "open"}
            for id, name, manager in rows
        ]  # fmt: skip
    create_records(ctx, TASK, [{**row, "title": row["title"][:300]} for row in values])


def refresh(ctx: Context, deal_ids: set[int]) -> None:
    """Copy the nearest open task or planned meeting about each deal into the deal, and reckon its health anew."""
    if not deal_ids:
        return

    # Two reactions about one deal at once: the later one looks once the earlier is done.
    held = Deal.objects.filter(id__in=deal_ids).order_by("id").select_for_update()
    known = list(held.values_list("id", *_COPIED))
    nearest = _nearest(deal_ids)
    changed = [(id, *new) for id, *now in known if (new := nearest.get(id, (None, "", ""))) != tuple(now)]

    update_rows(Deal, _COPIED, changed)
    _tell(ctx, {row[0] for row in changed} | set(reckon(ctx.tenant, deal_ids)))


def _tell(ctx: Context, changed: Collection[int]) -> None:
    """Say which deals follow from what happened; what changed nothing is not told as a change."""
    if changed:
        perform(ctx, "deal.update", (), lambda: ctx.touch("deal", *changed))


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
