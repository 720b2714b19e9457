"""Today's tasks and meetings."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from peyvand.kernel import clock
from peyvand.operational.activities.objects import MEETING, TASK
from peyvand.operational.activities.queries import my_meetings, my_tasks
from peyvand.platform.access.decisions import decide
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import Choice
from peyvand.platform.objects.queries import Row
from peyvand.platform.objects.spec import ObjectSpec
from peyvand.web.shell.navigation import here
from peyvand.web.shell.today import Card, today_card

SHOWN = 9


@dataclass(frozen=True)
class TaskLine:
    """A task as Today shows it; ``late`` are the days since it was due, None while it is not."""

    id: int
    title: str
    icon: str
    about: str
    due_at: datetime | None
    is_today: bool
    is_late: bool
    late_days: int


@dataclass(frozen=True)
class MeetingLine:
    id: int
    title: str
    about: str
    starts_at: datetime
    is_over: bool
    # The present moment lies right before this one.
    is_next: bool


@today_card("tasks", order=10, column=1, live="task")
def tasks(ctx: Context) -> Card | None:
    """My open tasks by due time, overdue first."""
    if not decide(ctx.actor, "task.view"):
        return None
    rows = my_tasks(ctx.actor, limit=50)
    lines = [_task(ctx, row) for row in rows]
    return Card(
        "activities/today_tasks.html",
        {
            "lines": lines[:SHOWN],
            "count": len(lines),
            "late": sum(line.is_late for line in lines),
            "list": here(ctx, "tasks/"),
            "new": here(ctx, "tasks/new") if decide(ctx.actor, "task.create") else "",
            "base": here(ctx, "do/task/"),
            "may_complete": bool(decide(ctx.actor, "task.complete")),
        },
    )


@today_card("meetings", order=20, column=3, live="meeting")
def meetings(ctx: Context) -> Card | None:
    """My meetings of today, with the present moment drawn among them."""
    if not decide(ctx.actor, "meeting.view"):
        return None
    now = clock.now()
    rows = my_meetings(ctx.actor)
    following = next((row.id for row in rows if row.values["starts_at"] > now), None)
    lines = [
        MeetingLine(
            row.id, row.title, _concerns(ctx, MEETING, row, ("place", "about", "company")), row.values["starts_at"],
            (row.values["ends_at"] or row.values["starts_at"]) < now, row.id == following,
        )
        for row in rows
    ]  # fmt: skip
    new = here(ctx, "meetings/new") if decide(ctx.actor, "meeting.create") else ""
    context = {
        "lines": lines,
        "now": now,
        "all_over": following is None,
        "list": here(ctx, "meetings/"),
        "new": new,
    }
    return Card("activities/today_meetings.html", context)


def _task(ctx: Context, row: Row) -> TaskLine:
    now, due = clock.now(), row.values["due_at"]
    today = clock.today(ctx.tenant.tz)
    day = due.astimezone(ctx.tenant.tz).date() if due else None
    kind = TASK.field("kind")
    icon = (
        next((o.icon for o in kind.options if o.key == row.values["kind"]), "")
        if isinstance(kind, Choice)
        else ""
    )
    return TaskLine(
        row.id, row.title, icon or "task", _concerns(ctx, TASK, row, ("about", "company", "person")), due, day == today,
        due is not None and due < now, (today - day).days if day else 0,
    )  # fmt: skip


def _concerns(ctx: Context, spec: ObjectSpec, row: Row, keys: Iterable[str]) -> str:
    """What the activity is about, in a line: «پخش البرز · لیلا بهشتی»."""
    shown = [spec.field(key).show(row.values.get(key), ctx.reader) for key in keys]
    return " · ".join(dict.fromkeys(text for text in shown if text))
