"""Items of minutes and the tasks that stand for them, kept in step however often the minutes are written."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time
from typing import Any, Final

from peyvand.kernel.errors import Invalid, Problem, msg
from peyvand.operational.activities.public import TASK, Meeting, Task
from peyvand.operational.minutes.fields import Item
from peyvand.operational.minutes.models import ActionItem
from peyvand.platform.actions.context import Context
from peyvand.platform.identity.models import User
from peyvand.platform.objects.records import create_records, update_records

# The hour of its day at which a task is due.
HOUR: Final = time(17)


def items_of(meeting: Meeting) -> list[ActionItem]:
    """The items of a meeting in their order, with their tasks and the owners of both. One query."""
    rows = ActionItem.objects.filter(meeting_id=meeting.id).select_related("task__owner", "owner")
    return list(rows.order_by("position", "id"))


def keep_items(ctx: Context, meeting: Meeting, items: Sequence[Item]) -> list[Task]:
    """Make these the items of the minutes; return the tasks that were made for new ones.

    Raises:
        Invalid: an item names somebody who does not work here.
    """
    _demand_owners(items)
    known = {row.id: row for row in items_of(meeting)}
    pairs = _paired(items, known)
    left = [row for row in known.values() if row not in [row for _, row in pairs]]
    _cancel(ctx, [row.task for row in left])
    ActionItem.objects.filter(id__in=[row.id for row in left]).delete()
    changed: list[tuple[Task, dict[str, Any]]] = []
    fresh: list[ActionItem] = []
    for position, (item, row) in enumerate(pairs):
        values = {"title": item.title, "owner": item.owner or meeting.owner_id, "due_at": _due(ctx, item)}
        if row is None:
            row = ActionItem(meeting=meeting)
            fresh.append(row)
        elif row.task and row.task.status == "open" and row.task.deleted_at is None and _differs(item, row):
            changed.append((row.task, values))
        row.position, row.title, row.owner_id, row.due_on = position, item.title, item.owner, item.due_on
    if changed:
        update_records(ctx, TASK, [task for task, _ in changed], [values for _, values in changed])
    ActionItem.objects.bulk_update([row for _, row in pairs if row], ["position", "title", "owner", "due_on"])
    made = create_records(ctx, TASK, [
        {
            "title": row.title, "owner": row.owner_id or meeting.owner_id or ctx.actor.user_id, "status": "open",
            "due_at": _due(ctx, row), "about": meeting.about, "person": meeting.person_id, "company": meeting.company_id,
        }
        for row in fresh
    ]) if fresh else []  # fmt: skip
    for row, task in zip(fresh, made, strict=True):
        row.task = task
    ActionItem.objects.bulk_create(fresh)
    return made


def _paired(items: Sequence[Item], known: dict[int, ActionItem]) -> list[tuple[Item, ActionItem | None]]:
    """Each item with its row of before: by its id, else by the very same words."""
    free = dict(known)
    by_id = [free.pop(item.id, None) for item in items]
    titles: dict[str, list[ActionItem]] = {}
    for row in free.values():
        titles.setdefault(row.title, []).append(row)
    return [
        (item, row or (titles[item.title].pop(0) if titles.get(item.title) else None))
        for item, row in zip(items, by_id, strict=True)
    ]


def _differs(item: Item, row: ActionItem) -> bool:
    return (item.title, item.owner, item.due_on) != (row.title, row.owner_id, row.due_on)


def _cancel(ctx: Context, tasks: Sequence[Task | None]) -> None:
    open_ones = [task for task in tasks if task and task.status == "open" and task.deleted_at is None]
    if open_ones:
        update_records(ctx, TASK, open_ones, [{"status": "cancelled"}] * len(open_ones))


def _due(ctx: Context, item: Item | ActionItem) -> datetime | None:
    return datetime.combine(item.due_on, HOUR, ctx.tenant.tz) if item.due_on else None


def _demand_owners(items: Sequence[Item]) -> None:
    asked = {item.owner for item in items if item.owner}
    rows = User.objects.filter(id__in=asked, is_active=True, deleted_at__isnull=True)
    gone = asked - set(rows.values_list("id", flat=True))
    if gone:
        sentence = msg("This person does not work here any more.")
        raise Invalid(
            [
                Problem(f"items.{n}.owner", sentence, "missing")
                for n, item in enumerate(items)
                if item.owner in gone
            ]
        )
