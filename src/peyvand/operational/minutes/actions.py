"""Writing the minutes of a meeting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from peyvand.kernel import clock
from peyvand.kernel.errors import NotAllowed, RuleViolation, msg
from peyvand.operational.activities.public import MEETING, Meeting, Task
from peyvand.operational.minutes.events import MinutesWritten
from peyvand.operational.minutes.fields import Item, Items
from peyvand.operational.minutes.models import ActionItem, Attendance, Minutes
from peyvand.operational.minutes.writing import keep_items
from peyvand.platform.actions.action import action
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import Compound, Field, LongText
from peyvand.platform.objects.records import update_records
from peyvand.platform.objects.references import subjects_of

# Of decisions, a line each.
MOST: Final = 100
INPUTS: Final[tuple[Field, ...]] = (
    replace(MEETING.field("participants"), key="present", label=_("Present"), required=False),
    replace(MEETING.field("outcome"), label=_("Minutes"), required=False, secondary=False),
    LongText(key="decisions", label=_("Decisions, one a line")),
    Items(key="items", label=_("To be done")),
)


def may_write(ctx: Context) -> bool:
    """Whether the actor sees what the minutes of a meeting are made of: whoever does not would write over it unseen."""
    return not {"outcome", "participants"} & ctx.actor.grants.hides("meeting")


def participants_of(meeting: Meeting) -> tuple[Mapping[str, Any], ...]:
    """Who was to take part in a meeting: {id, name}."""
    field = MEETING.field("participants", Compound)
    return tuple(field.load([meeting.id]).get(meeting.id, ()))


@action(
    "meeting.minute",
    label=_("Write the minutes"),
    icon="note",
    inputs=INPUTS,
    offered=lambda meeting: meeting.status != "cancelled",
    button=False,
)
def minute_meeting(
    ctx: Context, meeting: Meeting, *, present: Sequence[Mapping[str, Any]] = (), outcome: str = "", decisions: str = "",
    items: Sequence[Item] = (),
) -> list[Task]:  # fmt: skip
    """Write down who came to a meeting, what was said and decided, and make a task of each thing to be done. Written again, it
    replaces what was written, and no task is made twice. Returns the tasks that were made.

    Raises:
        RuleViolation: the meeting was called off.
        NotAllowed: the role hides some of what is written over.
    """
    if not may_write(ctx):
        raise NotAllowed(msg("Your role does not show all that minutes are made of."))
    if meeting.status == "cancelled":
        raise RuleViolation(msg("This meeting was called off: there is nothing to write down."), "status")
    # Two who write at once do so one after the other.
    Meeting.objects.select_for_update(of=("self",)).get(id=meeting.id)
    invited = participants_of(meeting)
    came = {item["id"] for item in present}
    more = [item for item in present if item["id"] not in {one["id"] for one in invited}]
    changes: dict[str, Any] = {"outcome": outcome}
    if more:
        changes["participants"] = (*invited, *more)
    update_records(ctx, MEETING, [meeting], [changes])
    Attendance.objects.filter(meeting_id=meeting.id).delete()
    Attendance.objects.bulk_create(
        Attendance(meeting=meeting, person_id=item["id"], is_present=item["id"] in came)
        for item in (*invited, *more)
    )
    lines = [line.strip() for line in decisions.splitlines() if line.strip()][:MOST]
    written = {"decisions": lines, "written_by_id": ctx.actor.user_id, "written_at": clock.now()}
    Minutes.objects.update_or_create(meeting=meeting, defaults=written)
    made = keep_items(ctx, meeting, items)
    [subjects] = subjects_of(MEETING, [meeting])
    count = ActionItem.objects.filter(meeting_id=meeting.id).count()
    ctx.record(MinutesWritten(
        object="meeting", object_id=meeting.id, title=meeting.title, subjects=subjects, decisions=len(lines), items=count,
    ))  # fmt: skip
    ctx.touch("meeting", meeting.id)
    return made
