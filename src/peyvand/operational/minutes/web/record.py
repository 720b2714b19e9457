"""The minutes on a meeting's page, and on a task's the meeting that it came of."""

from __future__ import annotations

from peyvand.kernel import clock
from peyvand.operational.activities.public import MEETING
from peyvand.operational.minutes.actions import may_write
from peyvand.operational.minutes.models import ActionItem
from peyvand.operational.minutes.paper import SAYS
from peyvand.operational.minutes.reading import read_minutes
from peyvand.platform.access.decisions import decide
from peyvand.platform.actions.context import Context
from peyvand.platform.objects.queries import ListQuery, fetch_rows
from peyvand.web.objects.pages.access import Opened
from peyvand.web.objects.pages.answers import page_url
from peyvand.web.objects.pages.cards import record_card
from peyvand.web.shell.navigation import here
from peyvand.web.shell.today import Card


@record_card("meeting", order=12)
def minutes_of_meeting(ctx: Context, opened: Opened) -> Card | None:
    """Who came, what was decided and what is to be done; before that, the way to write it down."""
    meeting = opened.record
    if "outcome" in ctx.actor.grants.hides("meeting"):
        return None
    may = (
        meeting.status != "cancelled"
        and opened.may_update
        and may_write(ctx)
        and decide(ctx.actor, "meeting.minute", meeting)
    )
    shown = read_minutes(ctx, meeting)
    has_begun = meeting.status == "held" or meeting.starts_at <= clock.now()
    if shown["minutes"] is None and not (may and has_begun):
        return None
    return Card("minutes/card.html", {
        **shown, "write": page_url(ctx, MEETING, meeting.id, "minutes") if may else "",
        "sheet": page_url(ctx, MEETING, meeting.id, "minutes", "sheet") if shown["minutes"] else "",
        "pdf": page_url(ctx, MEETING, meeting.id, "pdf") if shown["minutes"] and not SAYS & ctx.actor.grants.hides("meeting") else "",
        "tasks": here(ctx, "tasks/"),
    })  # fmt: skip


@record_card("task", order=12)
def meeting_of_task(ctx: Context, opened: Opened) -> Card | None:
    """The meeting in whose minutes this task was written down."""
    item = ActionItem.objects.filter(task_id=opened.record.id).first()
    if item is None or not decide(ctx.actor, "meeting.view"):
        return None
    row = fetch_rows(ListQuery(MEETING, ctx.actor, ("starts_at",)), [item.meeting_id]).get(item.meeting_id)
    if row is None:
        return None
    return Card("minutes/of_task.html", {
        "title": row.title, "at": row.values.get("starts_at"), "href": page_url(ctx, MEETING, item.meeting_id),
    })  # fmt: skip
