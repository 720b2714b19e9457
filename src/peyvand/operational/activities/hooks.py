"""What activities do when their records are written: whom they concern, their titles, their facts."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from peyvand.kernel import clock
from peyvand.kernel.errors import Refusals, RuleViolation, msg
from peyvand.kernel.phone import show_phone
from peyvand.operational.activities.events import (
    CallLogged,
    MeetingCancelled,
    MeetingHeld,
    MentionMade,
    TaskCancelled,
    TaskCompleted,
    TaskGiven,
    TaskReopened,
)  # fmt: skip
from peyvand.operational.activities.models import Activity, Call, Meeting, Note, Task
from peyvand.operational.activities.reminding import FOLLOWED, USUAL, renew
from peyvand.operational.contacts.public import Person
from peyvand.platform.actions.context import Context
from peyvand.platform.events.facts import Event
from peyvand.platform.identity.models import User
from peyvand.platform.objects.references import subjects_of
from peyvand.platform.objects.spec import find_object, object_named

Values = Mapping[str, Any]
MENTION = re.compile(r"@\[([^\]\n]{1,200})\]\(user:([0-9]{1,18})\)")
_STATES: dict[tuple[str, str], type[Event]] = {
    ("task", "done"): TaskCompleted,
    ("task", "open"): TaskReopened,
    ("task", "cancelled"): TaskCancelled,
    ("meeting", "held"): MeetingHeld,
    ("meeting", "cancelled"): MeetingCancelled,
}


def concern(activities: Sequence[Activity], values: Sequence[Values]) -> None:
    """Take person and company from the record that an activity is about, where nobody gave them: one query an object."""
    asked: dict[str, list[tuple[Activity, Values]]] = defaultdict(list)
    for activity, given in zip(activities, values, strict=True):
        if given.get("about") is not None:
            asked[activity.about_object].append((activity, given))
    for object_key, pairs in asked.items():
        spec = find_object(object_key)
        if spec is None:
            continue
        columns = {
            f.name: f.attname
            for f in spec.model._meta.local_concrete_fields
            if f.name in ("person", "company")
        }
        rows = spec.rows.filter(id__in={a.about_id for a, _ in pairs}).values("id", *columns.values())
        found = {row["id"]: row for row in rows}
        for activity, given in pairs:
            row = found.get(activity.about_id or 0, {})
            own = {object_key: activity.about_id}
            for name in ("person", "company"):
                if not given.get(name):
                    setattr(activity, f"{name}_id", own.get(name) or row.get(columns.get(name, ""), None))


def remember(activities: Sequence[Activity], values: Sequence[Values], *names: str) -> None:
    """Keep what some fields were, for those changed activities that are given any of them anew: one query."""
    asked = [
        a
        for a, given in zip(activities, values, strict=True)
        if not given.keys().isdisjoint(names) and not a._state.adding
    ]
    for activity in activities:
        activity.was = None
    if asked:
        rows = type(asked[0]).objects.filter(id__in=[a.id for a in asked]).values_list("id", *names)
        old = {id: dict(zip(names, was, strict=True)) for id, *was in rows}
        for activity in asked:
            activity.was = old[activity.id]


def remind_as_usual(ctx: Context, activities: Sequence[Task | Meeting], values: Sequence[Values]) -> None:
    """Remind of new activities as their owners usually want it, where nothing is said; not of what is imported."""
    for activity, given in zip(activities, values, strict=True):
        if activity._state.adding and "reminders" not in given and not ctx.silent:
            activity.reminders = [USUAL]


def prepare_tasks(ctx: Context, tasks: Sequence[Task], values: Sequence[Values]) -> None:
    concern(tasks, values)
    remember(tasks, values, "status", "owner")
    remind_as_usual(ctx, tasks, values)
    for task in tasks:
        if task.status == "done":
            task.done_at = task.done_at or clock.now()
        else:
            task.done_at = None


def prepare_notes(ctx: Context, notes: Sequence[Note], values: Sequence[Values]) -> None:
    concern(notes, values)
    remember(notes, values, "text")
    for note in notes:
        line = next((line.strip() for line in note.text.splitlines() if line.strip()), "")
        line = MENTION.sub(lambda match: match[1], line)
        note.title = line if len(line) <= 120 else line[:119].rsplit(" ", 1)[0] + "…"


def prepare_meetings(ctx: Context, meetings: Sequence[Meeting], values: Sequence[Values]) -> None:
    concern(meetings, values)
    remember(meetings, values, "status")
    remind_as_usual(ctx, meetings, values)
    refusals = Refusals()
    for meeting in meetings:
        with refusals.of(meeting.id):
            if meeting.ends_at is not None and meeting.ends_at < meeting.starts_at:
                raise RuleViolation(msg("The end cannot be before the beginning."), "ends_at")
    refusals.settle()


def prepare_calls(ctx: Context, calls: Sequence[Call], values: Sequence[Values]) -> None:
    concern(calls, values)
    unnamed = [
        call
        for call, given in zip(calls, values, strict=True)
        if not given.get("title") and (not call.title or "person" in given)
    ]
    people = {
        p.id: p
        for p in Person.objects.filter(id__in={c.person_id for c in unnamed if c.person_id}).only(
            "id", "name", "phone"
        )
    }
    for call in unnamed:
        person = people.get(call.person_id or 0)
        call.phone = call.phone or (person.phone if person else "")
        call.title = (
            person.name if person else show_phone(call.phone, ctx.tenant.language) if call.phone else ""
        )
    for call in calls:
        call.started_at = call.started_at or clock.now()
        if call.started_at > clock.now() + timedelta(minutes=5):
            raise RuleViolation(
                msg("A call is logged once it was made; for later, make a task."), "started_at"
            )


def tell_states(object_key: str) -> Callable[[Context, Sequence[Any], Sequence[Values], bool], None]:
    """Record what became of tasks or meetings whose status was set; a new one is told of only when it is over already."""

    def after(ctx: Context, records: Sequence[Any], values: Sequence[Values], created: bool) -> None:
        chosen = [r for r in records if (object_key, r.status) in _STATES and _turned(r, created)]
        spec = object_named(object_key)
        for record, subjects in zip(chosen, subjects_of(spec, chosen), strict=True):
            fact = _STATES[object_key, record.status]
            ctx.record(
                fact(
                    object=object_key,
                    object_id=record.id,
                    title=record.title,
                    subjects=subjects,
                    at=_when(record),
                )
            )

        if object_key == "task":
            tell_given(ctx, records, created)
        followed = [
            r for r, given in zip(records, values, strict=True) if created or not FOLLOWED.isdisjoint(given)
        ]
        if followed:
            renew(ctx, object_key, followed)

    return after


def tell_given(ctx: Context, tasks: Sequence[Task], created: bool) -> None:
    """Record tasks that were made for somebody else, or given to them."""
    given = [task for task in tasks if _is_given(ctx, task, created)]
    if not given or ctx.silent:
        return
    names = dict(User.objects.filter(id__in={t.owner_id for t in given}).values_list("id", "name"))
    ctx.record(*(
        TaskGiven(
            object="task", object_id=t.id, title=t.title, subjects=on, from_owner_id=(t.was or {}).get("owner"),
            to_owner_id=t.owner_id, to_owner=names.get(t.owner_id or 0, ""),
        )
        for t, on in zip(given, subjects_of(object_named("task"), given), strict=True)
    ))  # fmt: skip


def _is_given(ctx: Context, task: Task, created: bool) -> bool:
    if created:
        return task.owner_id is not None and task.owner_id != ctx.actor.user_id
    return task.was is not None and task.was["owner"] != task.owner_id


def _turned(record: Any, created: bool) -> bool:
    if created:
        return record.status not in ("open", "planned")
    return record.was is not None and record.was["status"] != record.status


def told_states(record: Any) -> frozenset[str]:
    """Fields whose change its facts tell already, after the writing that just took place."""
    told = {"status", "done_at"} if _turned(record, False) else set()
    if isinstance(record, Task) and record.was is not None and record.was["owner"] != record.owner_id:
        told |= {"owner"}
    return frozenset(told)


def _when(record: Any) -> datetime | None:
    return record.done_at if isinstance(record, Task) and record.status == "done" else None


def tell_mentions(ctx: Context, notes: Sequence[Note], values: Sequence[Values], created: bool) -> None:
    """Record whom notes mention. An edited note mentions again only whom it did not mention before."""
    asked = {
        note.id: _mentioned(note.text) - _mentioned((note.was or {}).get("text", ""))
        for note in notes
        if created or note.was
    }
    everyone = set().union(*asked.values())
    if not everyone:
        return
    names = dict(User.objects.filter(id__in=everyone, is_active=True).values_list("id", "name"))
    for note, on in zip(notes, subjects_of(object_named("note"), notes), strict=True):
        for user_id in sorted(asked.get(note.id, set()) & names.keys()):
            ctx.record(MentionMade(
                object="note", object_id=note.id, title=note.title, subjects=on, user_id=user_id, user_name=names[user_id]
            ))  # fmt: skip


def _mentioned(text: str) -> set[int]:
    return {int(id) for _, id in MENTION.findall(text)}


def tell_calls(ctx: Context, calls: Sequence[Call], values: Sequence[Values], created: bool) -> None:
    """Record calls that were logged, at the time they were made."""
    if created:
        ctx.record(*(
            CallLogged(object="call", object_id=c.id, title=c.title, subjects=s, at=c.started_at, direction=c.direction,
                       result=c.result, duration=c.duration)
            for c, s in zip(calls, subjects_of(object_named("call"), calls), strict=True)
        ))  # fmt: skip
