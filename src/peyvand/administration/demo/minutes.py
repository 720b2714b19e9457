"""Minutes of the latest meetings: who came, what was decided, and tasks that came of it."""

from __future__ import annotations

from typing import Final

from peyvand.administration.demo.stage import Stage
from peyvand.operational.activities.public import MEETING, Meeting
from peyvand.operational.minutes.public import Item, minute_meeting
from peyvand.platform.fields.types import Compound

WORDS: Final = {
    True: ("پنج درصد تخفیف برای سفارش بالای هزار متر\nتحویل در دو مرحله", "ارسال نمونهٔ تازه", "فرستادن پیش‌فاکتور اصلاح‌شده"),
    False: ("Five percent off above a thousand metres\nDelivery in two steps", "Send new samples", "Send the corrected quote"),
}  # fmt: skip
SHOWN: Final = 3


def fill_minutes(stage: Stage) -> None:
    decisions, first, second = WORDS[stage.is_persian]
    ctx, participants = stage.acting[stage.owner], MEETING.field("participants")
    assert isinstance(participants, Compound)
    meetings = list(
        Meeting.objects.filter(status="held", deleted_at__isnull=True).order_by("-starts_at", "-id")[:SHOWN]
    )
    came = participants.load([meeting.id for meeting in meetings])
    for n, meeting in enumerate(meetings):
        items = (
            Item(first, owner=stage.agents[n % len(stage.agents)], due_on=stage.ahead(2 + n, 9).date()),
            Item(second, due_on=stage.ahead(3 + n, 9).date()),
        )
        minute_meeting(
            ctx,
            meeting,
            present=came.get(meeting.id, ()),
            outcome=meeting.outcome,
            decisions=decisions,
            items=items,
        )
