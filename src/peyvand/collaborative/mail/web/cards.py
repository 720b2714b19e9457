"""Beside the timelines: mails that wait, or that did not go, until somebody has looked after them; and the way to preview a template."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.db.models import Q

from peyvand.collaborative.mail.models import MailMessage
from peyvand.collaborative.mail.objects import MAIL_MESSAGE
from peyvand.collaborative.mail.reasons import said
from peyvand.kernel import clock
from peyvand.platform.access.decisions import decide, seen_of
from peyvand.platform.actions.context import Context
from peyvand.web.objects.pages.access import Opened
from peyvand.web.objects.pages.cards import record_card
from peyvand.web.shell.navigation import here
from peyvand.web.shell.today import Card

MOST: Final = 5
# So long a mail that did not go is held under somebody's nose.
_FRESH: Final = timedelta(days=14)


def _waiting(ctx: Context, opened: Opened) -> Card | None:
    """What has not reached the reader from this record: it waits, failed or came back."""
    if not decide(ctx.actor, MAIL_MESSAGE.permission("view")):
        return None
    key, id = opened.spec.key, opened.record.id
    about = Q(about_object=key, about_id=id)
    concerned = about | Q(person_id=id) if key == "person" else about
    late = Q(state__in=(MailMessage.FAILED, MailMessage.BOUNCED), created_at__gt=clock.now() - _FRESH)
    rows = MailMessage.objects.filter(Q(state=MailMessage.QUEUED) | late, concerned, deleted_at__isnull=True)
    found = seen_of(ctx.actor, MAIL_MESSAGE.key, rows.order_by("-id"), MOST)
    mails = [
        {
            "mail": mail, "why": said(mail.problem), "is_waiting": mail.state == MailMessage.QUEUED,
            "may": bool(decide(ctx.actor, "mail_message.call_back", mail)),
        }
        for mail in found
    ]  # fmt: skip
    return (
        Card(
            "mail/card_waiting.html",
            {"mails": mails, "at": here(ctx, "mail_messages/"), "page": here(ctx, "mail/")},
        )
        if mails
        else None
    )


for _key in ("person", "deal"):
    record_card(_key, order=30)(_waiting)


@record_card("mail_template", order=10)
def preview(ctx: Context, opened: Opened) -> Card | None:
    """How the template reads for somebody."""
    return Card("mail/card_preview.html", {"url": here(ctx, f"mail_templates/{opened.record.id}/preview")})
