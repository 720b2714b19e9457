"""What comes again, and a page on which customers book a time."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from peyvand.administration.demo.stage import Stage
from peyvand.operational.activities.public import MEETING, TASK
from peyvand.operational.scheduling.public import BOOKING_PAGE, repeat_meeting, repeat_task
from peyvand.platform.objects.records import create_records

WORDS: Final = {
    True: ("جلسهٔ هفتگی فروش", "بررسی مطالبات ماه", "مشاورهٔ خرید", "نیم ساعت گفت‌وگو دربارهٔ نیاز شما، تلفنی یا حضوری.", "اتاق جلسه",
           "چه محصولی نیاز دارید؟"),
    False: ("Weekly sales meeting", "Look through the month's receivables", "Buying advice", "Half an hour about what you need, by phone or here.",
            "Meeting room", "Which product do you need?"),
}  # fmt: skip


def fill_scheduling(stage: Stage) -> None:
    weekly, monthly, advice, intro, room, question = WORDS[stage.is_persian]
    ctx, calendar = stage.acting[stage.owner], "jalali" if stage.is_persian else "gregorian"
    begins = stage.ahead(1, 8)
    [meeting] = create_records(ctx, MEETING, [
        {"title": weekly, "starts_at": begins, "ends_at": begins + timedelta(hours=1), "place": room, "owner": stage.owner, "status": "planned"},
    ])  # fmt: skip
    repeat_meeting(ctx, meeting, unit="week", calendar=calendar)
    [task] = create_records(
        ctx, TASK, [{"title": monthly, "due_at": stage.ahead(2, 10), "owner": stage.owner, "status": "open"}]
    )
    repeat_task(ctx, task, unit="month", is_last=True, calendar=calendar)
    create_records(ctx, BOOKING_PAGE, [{
        "name": advice, "title_en": WORDS[False][2], "intro": intro, "place": room, "questions": question, "owner": stage.agents[0],
        "minutes": 30, "language": "visitor",
    }])  # fmt: skip
