"""What the minutes of a meeting say to whoever reads them."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext

from peyvand.operational.minutes.models import Attendance, Minutes
from peyvand.operational.minutes.writing import items_of
from peyvand.platform.actions.context import Context
from peyvand.platform.objects.sight import unseen


def read_minutes(ctx: Context, meeting: Any) -> dict[str, Any]:
    """All that the minutes of a meeting say to the actor. Four queries."""
    minutes = Minutes.objects.filter(meeting_id=meeting.id).select_related("written_by").first()
    people = Attendance.objects.filter(meeting_id=meeting.id).order_by("id")
    came = (
        []
        if "participants" in ctx.actor.grants.hides("meeting")
        else list(people.values_list("person_id", "person__name", "is_present"))
    )
    hidden = unseen(ctx.actor, "person", {id for id, _, _ in came})
    names = [(gettext("out of sight") if id in hidden else name, is_there) for id, name, is_there in came]
    comma = ctx.reader.comma
    # Whoever held it was there as well.
    hides_host = meeting.owner is None or "owner" in ctx.actor.grants.hides("meeting")
    return {
        "minutes": minutes, "host": "" if hides_host else meeting.owner.name,
        "present": comma.join(name for name, is_there in names if is_there),
        "absent": comma.join(name for name, is_there in names if not is_there), "items": items_of(meeting) if minutes else [],
    }  # fmt: skip
