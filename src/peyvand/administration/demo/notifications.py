"""What everybody was told lately, and what they are reminded of today. No letters: nobody reads the demonstration's mail."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from peyvand.administration.demo.stage import Stage
from peyvand.operational.activities.public import NOTE, TASK
from peyvand.operational.sales.public import Deal
from peyvand.platform.fields.types import Ref
from peyvand.platform.identity.models import User
from peyvand.platform.notifications.kinds import all_kinds
from peyvand.platform.notifications.preferences import Wishes, keep
from peyvand.platform.objects.records import create_records

WORDS: Final = {
    True: ("مشتری شرایط پرداخت را پرسیده است؛ لطفاً نگاهی بیندازید @[{name}](user:{id})", "ارسال پیش‌نویس قرارداد", "تماس با مدیر خرید",
           "آماده‌سازی ارائهٔ فردا"),
    False: ("They asked about the terms of payment; could you have a look @[{name}](user:{id})", "Send the draft of the contract",
            "Call the head of purchasing", "Prepare tomorrow's presentation"),
}  # fmt: skip


def fill_notifications(stage: Stage) -> None:
    note, draft, call, talk = WORDS[stage.is_persian]
    users = dict(User.objects.values_list("id", "name"))
    for user in users:
        keep(user, Wishes({kind.wire: () for kind in all_kinds()}))
    deals = [
        Ref("deal", id, "")
        for id in Deal.objects.filter(status="open").order_by("-id").values_list("id", flat=True)[:3]
    ]
    colleague = stage.acting[stage.agents[0]]
    for user in (stage.owner, *stage.agents[1:3]):
        text = note.format(name=users[user], id=user)
        create_records(colleague, NOTE, [{"text": text, "about": about} for about in deals[:1]])
        create_records(colleague, TASK, [
            {"title": draft, "owner": user, "about": about, "due_at": stage.ahead(1, 11), "status": "open"} for about in deals[1:2]
        ])  # fmt: skip
        soon = [(call, timedelta(minutes=20)), (talk, timedelta(hours=3))]
        create_records(stage.acting[user], TASK, [
            {"title": title, "owner": user, "about": about, "due_at": stage.hours.near(stage.hours.made + in_), "status": "open",
             "reminders": ["at", "m15"]}
            for about in deals[2:3] for title, in_ in soon
        ])  # fmt: skip
