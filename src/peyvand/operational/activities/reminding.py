"""Reminders of tasks and meetings: the moments that follow from a record's field and its time, those that somebody asked for
themselves, and which of them are due. All in sets."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

from peyvand.kernel import clock
from peyvand.kernel.errors import Invalid, msg
from peyvand.operational.activities.events import ReminderDue, TaskOverdue
from peyvand.operational.activities.models import Reminder
from peyvand.operational.availability.public import is_working
from peyvand.platform.actions.action import perform
from peyvand.platform.actions.context import Context, job_context
from peyvand.platform.database.bulk import insert_rows, update_rows
from peyvand.platform.database.prepared import fetch
from peyvand.platform.fields.types import Option
from peyvand.platform.identity.actor import Tenant
from peyvand.platform.notifications.preferences import wishes_of
from peyvand.platform.objects.references import subjects_of
from peyvand.platform.objects.spec import object_named
from peyvand.platform.workspaces.scope import current_workspace_id

USUAL: Final = "usual"
# By key: minutes before. Whole days go by the clock on the wall, whatever was done to it meanwhile.
BEFORE: Final[Mapping[str, int]] = {
    "at": 0, "m5": 5, "m10": 10, "m15": 15, "m30": 30, "h1": 60, "h2": 120, "d1": 1440, "d2": 2880, "w1": 10080,
}  # fmt: skip
OPTIONS: Final = (
    Option(USUAL, _("As usual for the owner")),
    Option("at", _("At its time")),
    Option("m5", _("5 minutes before")),
    Option("m10", _("10 minutes before")),
    Option("m15", _("15 minutes before")),
    Option("m30", _("30 minutes before")),
    Option("h1", _("An hour before")),
    Option("h2", _("2 hours before")),
    Option("d1", _("A day before")),
    Option("d2", _("2 days before")),
    Option("w1", _("A week before")),
)
TIME: Final = {"task": "due_at", "meeting": "starts_at"}
OPEN: Final = {"task": "open", "meeting": "planned"}
# What reminders follow from: where none of it is written, they stay as they are.
FOLLOWED: Final = frozenset({"due_at", "starts_at", "reminders", "owner"})
SET: Final = 500
# Nobody is told of what was overdue before the product could tell them.
LATE_DAYS: Final = 14
_DUE: Final = """
with due as (
    select id from reminder where workspace_id = %s::bigint and told_at is null and due_at <= %s::timestamptz
    order by due_at, id limit %s::int for update skip locked
), told as (
    update reminder r set told_at = %s::timestamptz from due where r.workspace_id = %s::bigint and r.id = due.id
    returning r.object, r.object_id, r.user_id, r.due_at
)
select told.object, told.object_id, told.user_id, coalesce(t.due_at, m.starts_at), coalesce(t.title, m.title), coalesce(t.id, m.id) from told
left join task t on told.object = 'task' and t.workspace_id = %s::bigint and t.id = told.object_id
    and t.status = 'open' and t.deleted_at is null
left join meeting m on told.object = 'meeting' and m.workspace_id = %s::bigint and m.id = told.object_id
    and m.status = 'planned' and m.deleted_at is null
order by told.due_at, told.object, told.object_id, told.user_id
"""


def before(at: datetime, minutes: int, zone: ZoneInfo) -> datetime:
    """The moment so many minutes before another."""
    days, rest = divmod(minutes, 1440)
    if not days:
        return at - timedelta(minutes=minutes)
    wall = at.astimezone(zone).replace(tzinfo=None) - timedelta(days=days)
    return wall.replace(tzinfo=zone).astimezone(UTC) - timedelta(minutes=rest)


def renew(ctx: Context, object_key: str, records: Sequence[Any]) -> None:
    """Bring the reminders of records in step with their times, owners and fields. Those whose moment is over are not made:
    nobody is reminded of what was entered afterwards."""
    zone, now = ctx.tenant.tz, clock.now()
    times = {r.id: getattr(r, TIME[object_key]) for r in records}
    owners = {r.id: r.owner_id for r in records}
    usual = wishes_of(
        {r.owner_id for r in records if r.owner_id is not None and USUAL in (r.reminders or ())}
    )
    wanted: dict[tuple[int, int, int], datetime] = {}
    for record in records:
        at, owner = times[record.id], record.owner_id
        if at is None or owner is None:
            continue
        for minutes in _minutes(record.reminders or (), usual[owner].reminders if owner in usual else ()):
            wanted[record.id, owner, minutes] = before(at, minutes, zone)
    known = list(Reminder.objects.filter(object=object_key, object_id__in=times))
    stays = {
        key
        for r in known
        if (key := (r.object_id, r.user_id, r.before or 0)) in wanted and r.kind == Reminder.FIELD
    }
    gone = [
        r.id
        for r in known
        if r.kind == Reminder.FIELD and (r.object_id, r.user_id, r.before or 0) not in stays
    ]
    moved = []
    for row in known:
        at = times[row.object_id]
        if row.kind == Reminder.LATE and (at is None or at > now or row.user_id != owners[row.object_id]):
            gone.append(row.id)
        elif row.before is not None and row.id not in gone and at is not None:
            due = before(at, row.before, zone)
            if due != row.due_at:
                moved.append((row.id, due, None if due > now else now))
    if gone:
        Reminder.objects.filter(id__in=gone).delete()
    update_rows(Reminder, ("due_at", "told_at"), moved)
    workspace_id = current_workspace_id()
    insert_rows(
        Reminder,
        ("workspace_id", "object", "object_id", "user_id", "kind", "before", "due_at"),
        [
            (workspace_id, object_key, id, owner, Reminder.FIELD, minutes, due)
            for (id, owner, minutes), due in wanted.items()
            if (id, owner, minutes) not in stays and due > now
        ],
    )


def renew_usual(tenant: Tenant, user_id: int) -> None:
    """Bring the reminders of what lies ahead of a user in step with what is usual for them by now, set by set."""
    ctx = job_context(tenant)
    for object_key, status in OPEN.items():
        ahead: dict[str, Any] = {f"{TIME[object_key]}__gt": clock.now(), "reminders__contains": [USUAL]}
        rows = object_named(object_key).rows.filter(
            owner_id=user_id, status=status, deleted_at__isnull=True, **ahead
        )
        last = 0
        while some := list(rows.filter(id__gt=last).order_by("id").select_for_update(of=("self",))[:SET]):
            renew(ctx, object_key, some)
            last = some[-1].id


def _minutes(chosen: Collection[str], usual: Collection[int]) -> set[int]:
    named = {BEFORE[key] for key in chosen if key in BEFORE}
    return named | (set(usual) if USUAL in chosen else set())


def remind_at(
    object_key: str, object_id: int, user_id: int, at: datetime, minutes: int | None = None
) -> None:
    """Have a user reminded of a record at a moment, besides whatever else reminds them.

    Raises:
        Invalid: the moment is over.
    """
    if at <= clock.now():
        raise Invalid.of(msg("This moment is over; choose a later one."), "at")
    Reminder.objects.update_or_create(
        object=object_key, object_id=object_id, user_id=user_id, kind=Reminder.OWN, due_at=at,
        defaults={"before": minutes, "told_at": None},
    )  # fmt: skip


def own_reminders(object_key: str, object_id: int, user_id: int) -> Any:
    """What a user asked for themselves about a record and was not reminded of yet."""
    rows = Reminder.objects.filter(object=object_key, object_id=object_id, user_id=user_id, kind=Reminder.OWN)
    return rows.filter(told_at__isnull=True)


def anything_due() -> bool:
    """Whether somebody of the open workspace is to be reminded now."""
    return bool(Reminder.objects.filter(told_at__isnull=True, due_at__lte=clock.now()).exists())


def tell_due(tenant: Tenant) -> int:
    """Tell one set of what is due; return how many reminders it took. What is done, called off or in the bin is passed
    over in silence. That they are told and what tells them are one transaction: once, whatever dies."""
    ctx, now = job_context(tenant), clock.now()
    taken = fetch(_DUE, [tenant.id, now, SET, now, tenant.id, tenant.id, tenant.id])
    facts = [
        ReminderDue(object=key, object_id=id, title=title, user_id=user, time=at.isoformat() if at else "")
        for key, id, user, at, title, there in taken
        if there is not None
    ]
    if facts:
        perform(ctx, "task.update", (), lambda: ctx.record(*facts))
    return len(taken)


def tell_late(tenant: Tenant) -> int:
    """Tell the owners who are at work now of their tasks that were due before today, each once."""
    ctx, now = job_context(tenant), clock.now()
    task = object_named("task")
    midnight = datetime.combine(clock.today(tenant.tz), datetime.min.time(), tenant.tz)
    rows = task.rows.filter(
        status="open", deleted_at__isnull=True, owner__is_active=True, due_at__lt=midnight,
        due_at__gte=midnight - timedelta(days=LATE_DAYS),
    )  # fmt: skip
    told = Reminder.objects.filter(object="task", kind=Reminder.LATE).values("object_id")
    rows = rows.exclude(id__in=told)
    owners = set(rows.values_list("owner_id", flat=True).distinct())
    working = is_working(owners, now) if owners else set()
    late = list(rows.filter(owner_id__in=working).order_by("id")[:SET]) if working else []
    if not late:
        return 0
    insert_rows(
        Reminder,
        ("workspace_id", "object", "object_id", "user_id", "kind", "before", "due_at", "told_at"),
        [(tenant.id, "task", r.id, r.owner_id, Reminder.LATE, None, now, now) for r in late],
    )
    facts = [
        TaskOverdue(
            object="task",
            object_id=r.id,
            title=r.title,
            subjects=on,
            owner_id=r.owner_id,
            due_at=r.due_at.isoformat(),
        )
        for r, on in zip(late, subjects_of(task, late), strict=True)
    ]
    perform(ctx, "task.update", (), lambda: ctx.record(*facts))
    return len(facts)
