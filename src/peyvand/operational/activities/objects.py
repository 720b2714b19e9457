"""What activities declare: tasks, notes, meetings and calls, each about any record."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from peyvand.kernel import clock
from peyvand.operational.activities.fields import Duration, Participants
from peyvand.operational.activities.hooks import (
    prepare_calls,
    prepare_meetings,
    prepare_notes,
    prepare_tasks,
    tell_calls,
    tell_mentions,
    tell_states,
    told_states,
)  # fmt: skip
from peyvand.operational.activities.models import Call, Meeting, Note, Task
from peyvand.operational.activities.reminding import OPTIONS, USUAL
from peyvand.platform.fields.about import About
from peyvand.platform.fields.choices import Choices
from peyvand.platform.fields.types import (
    Choice,
    Field,
    Flag,
    Instant,
    Link,
    LongText,
    Option,
    Phone,
    Text,
    UserLink,
)
from peyvand.platform.objects.policies import AboutRows
from peyvand.platform.objects.spec import Board, ObjectSpec, Section, StandardView, register

TASK_KINDS = (
    Option("todo", _("To do"), icon="task"),
    Option("call", _("Call"), "info", icon="phone"),
    Option("email", _("E-mail"), "info", icon="mail"),
    Option("visit", _("Visit"), "acc", icon="pin"),
    Option("follow_up", _("Follow-up"), "acc", icon="refresh"),
)
PRIORITIES = (
    Option("low", _("Low")),
    Option("normal", _("Normal"), "info"),
    Option("high", _("High"), "bad"),
)
TASK_STATES = (
    Option("open", _("Open"), "acc"),
    Option("done", _("Done"), "good"),
    Option("cancelled", _("Cancelled")),
)
MEETING_STATES = (
    Option("planned", _("Planned"), "acc"),
    Option("held", _("Held"), "good"),
    Option("cancelled", _("Cancelled")),
)
DIRECTIONS = (Option("out", _("Outgoing"), icon="au"), Option("in", _("Incoming"), icon="ad"))
RESULTS = (
    Option("answered", _("Answered"), "good"),
    Option("no_answer", _("No answer"), "warn"),
    Option("busy", _("Busy"), "warn"),
    Option("voicemail", _("Left a message"), "info"),
    Option("wrong_number", _("Wrong number"), "bad"),
)


def _whom() -> tuple[Field, ...]:
    """The fields that every activity ends with: what it is about, and whom it concerns."""
    return (
        About(key="about", label=_("About")),
        Link(
            key="person", label=_("Person"), to="person", timeline=True, headers=("contact", "شخص", "مخاطب")
        ),
        Link(key="company", label=_("Company"), to="company", timeline=True, headers=("account", "شرکت")),
    )


def _reminders() -> Field:
    """When its owner is reminded of it."""
    return Choices(
        key="reminders", label=_("Reminders"), options=OPTIONS, default=lambda: [USUAL], secondary=True, folded=True,
        headers=("reminder", "یادآوری"),
    )  # fmt: skip


_OPEN = {"field": "status", "op": "is", "value": "open"}
_MINE = {"field": "owner", "op": "is", "value": "me"}
TASK_VIEWS = (
    StandardView("mine", _("My open tasks"), {"and": [_OPEN, _MINE]}, "due_at"),
    StandardView(
        "late",
        _("Overdue"),
        {"and": [_OPEN, {"field": "due_at", "op": "older_than", "value": {"n": 1, "unit": "day"}}]},
        "due_at",
    ),
    StandardView("calendar", _("My calendar"), _MINE, kind="calendar", look={"on": "due_at"}),
)

TASK = register(
    ObjectSpec(
        key="task",
        plural="tasks",
        policy=AboutRows(),
        model=Task,
        label=_("Task"),
        label_plural=_("Tasks"),
        icon="task",
        menu=40,
        shortcut="t",
        title="title",
        default_sort="due_at",
        views=TASK_VIEWS,
        board=Board(by="status"),
        fields=(
            Text(key="title", label=_("Title"), required=True, search=True, max_length=300, headers=("task", "subject", "عنوان", "کار")),
            Choice(key="kind", label=_("Kind"), options=TASK_KINDS, default="todo", headers=("type", "نوع")),
            Instant(key="due_at", label=_("Due"), headers=("due date", "deadline", "سررسید", "مهلت")),
            _reminders(),
            Choice(key="priority", label=_("Priority"), options=PRIORITIES, default="normal", headers=("اولویت",)),
            Choice(key="status", label=_("Status"), options=TASK_STATES, default="open", headers=("state", "وضعیت")),
            UserLink(key="owner", label=_("Owner"), headers=("assignee", "assigned to", "مسئول")),
            *_whom(),
            LongText(key="description", label=_("Description"), secondary=True, headers=("notes", "توضیحات", "شرح")),
            Instant(key="done_at", label=_("Completed"), readonly=True),
        ),
        columns=("title", "kind", "due_at", "priority", "status", "about", "owner"),
        sections=(
            Section(_("Details"), ("title", "kind", "due_at", "reminders", "priority", "status", "owner")),
            Section(_("Concerns"), ("about", "person", "company")),
            Section(_("More"), ("description", "external_id")),
        ),
        prepare=prepare_tasks,
        after=tell_states("task"),
        told=told_states,
    )
)  # fmt: skip

NOTE = register(
    ObjectSpec(
        key="note",
        plural="notes",
        policy=AboutRows(),
        model=Note,
        label=_("Note"),
        label_plural=_("Notes"),
        icon="note",
        title="title",
        found_by_text=True,
        fields=(
            Text(key="title", label=_("Beginning"), readonly=True),
            LongText(
                key="text",
                label=_("Text"),
                required=True,
                search=True,
                headers=("note", "notes", "body", "یادداشت", "متن"),
            ),
            Flag(key="is_pinned", label=_("Pinned")),
            UserLink(key="owner", label=_("Owner"), headers=("author", "نویسنده")),
            *_whom(),
        ),
        columns=("title", "about", "owner", "created_at"),
        sections=(
            Section(_("Details"), ("text", "is_pinned", "owner")),
            Section(_("Concerns"), ("about", "person", "company")),
        ),
        prepare=prepare_notes,
        after=tell_mentions,
    )
)

MEETING = register(
    ObjectSpec(
        key="meeting",
        plural="meetings",
        policy=AboutRows(),
        model=Meeting,
        label=_("Meeting"),
        label_plural=_("Meetings"),
        icon="users",
        title="title",
        default_sort="-starts_at",
        lasts=("starts_at", "ends_at"),
        fields=(
            Text(key="title", label=_("Title"), required=True, search=True, max_length=300,
                 headers=("meeting", "subject", "عنوان", "جلسه")),
            Instant(key="starts_at", label=_("Begins"), required=True, headers=("start", "start time", "شروع", "زمان شروع")),
            Instant(key="ends_at", label=_("Ends"), headers=("end", "end time", "پایان", "زمان پایان")),
            _reminders(),
            Text(key="place", label=_("Place"), max_length=300, headers=("location", "مکان", "محل")),
            Choice(key="status", label=_("Status"), options=MEETING_STATES, default="planned", headers=("state", "وضعیت")),
            Participants(key="participants", label=_("Participants")),
            UserLink(key="owner", label=_("Owner"), headers=("organizer", "organiser", "برگزارکننده")),
            *_whom(),
            LongText(key="agenda", label=_("Agenda"), secondary=True, headers=("دستور جلسه",)),
            LongText(key="outcome", label=_("Outcome"), secondary=True, headers=("minutes", "صورت‌جلسه", "نتیجه")),
        ),
        columns=("title", "starts_at", "place", "status", "about", "owner"),
        sections=(
            Section(_("Details"), ("title", "starts_at", "ends_at", "reminders", "place", "status", "participants", "owner")),
            Section(_("Concerns"), ("about", "person", "company")),
            Section(_("More"), ("agenda", "outcome", "external_id")),
        ),
        prepare=prepare_meetings,
        after=tell_states("meeting"),
        told=told_states,
    )
)  # fmt: skip

CALL = register(
    ObjectSpec(
        key="call",
        plural="calls",
        policy=AboutRows(),
        model=Call,
        label=_("Call"),
        label_plural=_("Calls"),
        icon="phone",
        title="title",
        default_sort="-started_at",
        fields=(
            Text(key="title", label=_("With"), search=True, max_length=300, headers=("call", "subject", "طرف تماس")),
            Choice(key="direction", label=_("Direction"), options=DIRECTIONS, default="out", headers=("جهت",)),
            Phone(key="phone", label=_("Phone"), search=True, headers=("phone number", "number", "شماره تماس", "تلفن")),
            Instant(key="started_at", label=_("Time"), default=clock.now, headers=("date", "started at", "زمان", "تاریخ")),
            Duration(key="duration", label=_("Duration"), headers=("seconds", "length", "مدت")),
            Choice(key="result", label=_("Result"), options=RESULTS, default="answered", headers=("outcome", "disposition", "نتیجه")),
            UserLink(key="owner", label=_("Owner"), headers=("agent", "مسئول")),
            *_whom(),
            LongText(key="notes", label=_("What was said"), headers=("note", "description", "توضیحات", "یادداشت")),
        ),
        columns=("title", "direction", "phone", "started_at", "duration", "result", "owner"),
        sections=(
            Section(_("Details"), ("person", "title", "direction", "phone", "started_at", "duration", "result", "owner")),
            Section(_("Concerns"), ("about", "company")),
            Section(_("More"), ("notes", "external_id")),
        ),
        prepare=prepare_calls,
        after=tell_calls,
    )
)  # fmt: skip
