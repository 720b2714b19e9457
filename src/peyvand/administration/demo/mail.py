"""Letters of the last months with the people of deals, as if they had been fetched: no mailbox of the demonstration works."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from peyvand.administration.demo.stage import Stage
from peyvand.collaborative.mail.public import (
    INBOX,
    MAIL_ACCOUNT,
    MAIL_TEMPLATE,
    SENT,
    Letter,
    MailAccount,
    keep_letters,
)
from peyvand.kernel import clock
from peyvand.operational.consents.public import Purpose
from peyvand.operational.sales.public import DEAL, Deal
from peyvand.platform.actions.context import job_context
from peyvand.platform.fields.types import Ref
from peyvand.platform.identity.models import User
from peyvand.platform.objects.records import create_records

# So many deals, the newest of them, have a conversation.
CONVERSATIONS: Final = 12
LETTERS: Final = {
    True: (
        ("درخواست پیش‌فاکتور", "با سلام\n\nلطفاً برای «{deal}» پیش‌فاکتور رسمی و زمان تحویل را بفرمایید.\n\nبا احترام\n{person}",
         "سلام و وقت بخیر\n\nپیش‌فاکتور «{deal}» آماده است و امروز برایتان می‌فرستم. تحویل سه هفته پس از پیش‌پرداخت است.\n\n{user}",
         "سپاس. لطفاً شرایط پرداخت را هم بنویسید؛ چک دوماهه برای ما بهتر است."),
        ("پرسش دربارهٔ ضمانت", "سلام\n\nمدت ضمانت و هزینهٔ خدمات پس از فروش چقدر است؟\n\n{person}",
         "سلام\n\nهجده ماه ضمانت دارد و در این مدت خدمات رایگان است. دفترچهٔ ضمانت را پیوست می‌کنم.\n\n{user}",
         "خیلی خوب. پس منتظر قرارداد هستم."),
        ("هماهنگی بازدید", "سلام\n\nهفتهٔ آینده سه‌شنبه برای بازدید از کارخانه مناسب است؟ سه نفر می‌آییم.\n\n{person}",
         "سلام\n\nسه‌شنبه ساعت ۱۰ منتظرتان هستیم. نشانی و نقشه: https://neshan.org\n\n{user}", ""),
    ),
    False: (
        ("Quote, please", "Hello,\n\ncould you send a formal quote for “{deal}” with delivery times?\n\n{person}",
         "Hello,\n\nthe quote for “{deal}” is on its way today. We deliver three weeks after the first payment.\n\n{user}",
         "Thank you. Would two instalments be possible?"),
        ("About the warranty", "Hello,\n\nhow long is the warranty, and what does service cost afterwards?\n\n{person}",
         "Hello,\n\neighteen months, and service is free within them.\n\n{user}", "Very good. We are waiting for the contract then."),
    ),
}  # fmt: skip
TEMPLATES: Final = {
    True: (
        {"name": "فرستادن پیش‌فاکتور", "subject": "پیش‌فاکتور {{deal.name}}", "language": "fa",
         "text": "{{person.name|همکار}} گرامی، با سلام\n\nپیش‌فاکتور «{{deal.name}}» پیوست است و یک هفته اعتبار دارد.\n\nبا احترام\n{{user.name}}"},
        {"name": "پیگیری پس از جلسه", "subject": "جلسهٔ امروز", "language": "fa",
         "text": "{{person.given_name|همکار}} گرامی\n\nاز وقتی که گذاشتید سپاسگزارم. خلاصهٔ گفت‌وگو و قدم بعدی را پایین نوشته‌ام.\n\n{{user.name}}"},
        {"name": "خبر محصول تازه", "subject": "محصول تازهٔ ما برای {{company.name|شما}}", "language": "fa", "kind": "marketing",
         "text": "{{person.given_name|همکار}} گرامی\n\nمحصول تازهٔ ما از این هفته سفارش‌پذیر است."},
    ),
    False: (
        {"name": "Sending a quote", "subject": "Quote: {{deal.name}}", "language": "en",
         "text": "Dear {{person.name|colleague}},\n\nplease find the quote for “{{deal.name}}”. It is valid for a week.\n\n{{user.name}}"},
        {"name": "News", "subject": "Something new for {{company.name|you}}", "language": "en", "kind": "marketing",
         "text": "Dear {{person.given_name|colleague}},\n\nour new product can be ordered from this week on."},
    ),
}  # fmt: skip


def fill_mail(stage: Stage) -> None:
    """Templates, a mailbox of each seller that is switched off, and conversations about deals."""
    ctx = stage.acting[stage.owner]
    purpose = (
        Purpose.objects.filter(needs_consent=True, deleted_at__isnull=True).order_by("position", "id").first()
    )
    rows: list[dict[str, Any]] = [dict(row) for row in TEMPLATES[stage.is_persian]]
    for row in rows:
        row |= {"purpose": purpose.id} if purpose and row.get("kind") == "marketing" else {}
    create_records(ctx, MAIL_TEMPLATE, [row for row in rows if purpose or row.get("kind") != "marketing"])
    users = {user.id: user for user in User.objects.filter(id__in=stage.agents)}
    boxes: dict[int, MailAccount] = {}
    for id, user in users.items():
        [boxes[id]] = create_records(
            stage.acting[id], MAIL_ACCOUNT, [{"address": user.email, "name": user.name, "is_active": False}]
        )
    deals = Deal.objects.filter(
        owner_id__in=boxes, person__email__gt="", status="open", deleted_at__isnull=True
    ).select_related("person")
    for deal in deals.order_by("-id")[:CONVERSATIONS]:
        _converse(stage, deal, boxes[deal.owner_id or 0], users[deal.owner_id or 0])


def _converse(stage: Stage, deal: Deal, box: MailAccount, user: User) -> None:
    subject, asked, answered, thanked = _letter(stage)
    person = deal.person
    assert person is not None
    words = {"deal": deal.name, "person": person.name, "user": user.name}
    customer, ours = (person.name, person.email), (user.name, box.address)
    ago = timedelta(days=stage.dice.randrange(2, 40), minutes=stage.dice.randrange(600))
    at = stage.hours.past(max(stage.now - ago, deal.created_at))
    name = f"demo-{deal.id}@{box.address.rpartition('@')[2]}"
    before: tuple[str, ...] = ()
    for n, (is_theirs, text) in enumerate(((True, asked), (False, answered), (True, thanked))):
        if not text:
            continue
        letter = Letter(
            message_id=f"{n}.{name}", subject=f"Re: {subject}" if before else subject, sender=customer if is_theirs else ours,
            to=[ours if is_theirs else customer], text=text.format(**words), at=at,
            in_reply_to=before[-1] if before else "", references=before,
        )  # fmt: skip
        about = Ref(DEAL.key, deal.id, "")
        with clock.freeze(at):
            keep_letters(job_context(stage.tenant), box, INBOX if is_theirs else SENT, [letter], about=about)
        before = (*before, letter.message_id)
        at = stage.hours.past(
            at + timedelta(hours=stage.dice.randrange(1, 20), minutes=stage.dice.randrange(60))
        )


def _letter(stage: Stage) -> tuple[str, str, str, str]:
    return stage.dice.choice(LETTERS[stage.is_persian])
