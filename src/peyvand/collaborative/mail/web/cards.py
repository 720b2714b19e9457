"""Beside the timelines: mails that wait, or that did not go, until somebody has looked after them; and the way to preview a template."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from django.db.models import Q, QuerySet

from peyvand.collaborative.mail.models import MailMessage
from peyvand.collaborative.mail.objects import MAIL_MESSAGE
from peyvand.collaborative.mail.reasons import said
from peyvand.kernel import clock
from peyvand.platform.access.decisions import decide, visible
from peyvand.platform.actions.context import Context
from peyvand.platform.database.compiled import Slot
from peyvand.platform.workspaces.lookups import lookup
from peyvand.web.objects.pages.access import Opened
from peyvand.web.objects.pages.cards import record_card
from peyvand.web.shell.navigation import here
from peyvand.web.shell.today import Card

MOST: Final = 5
# Of so many, the latest, it is asked which of them the actor sees.
ASKED: Final = 500
# So long a mail that did not go is held under somebody's nose.
_FRESH: Final = timedelta(days=14)


def _waiting(ctx: Context, opened: Opened) -> Card | None:
    """What has not reached the reader from this record: it waits, failed or came back."""
    if not decide(ctx.actor, MAIL_MESSAGE.permission("view")):
        return None
    key, id = opened.spec.key, opened.record.id
    ids = [each for (each,) in _late_of(key, id, id if key == "person" else None, clock.now() - _FRESH)]
    if not ids:
        return None
    found = visible(ctx.actor, MAIL_MESSAGE.key, MailMessage.objects.filter(id__in=ids).order_by("-id"))[
        :MOST
    ]
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


@lookup("text", "bigint", "bigint", "timestamptz")
def _late_of(object: Slot, id: Slot, person: Slot, since: Slot) -> QuerySet[Any]:
    """Whoever may see them: most records have none, and then it is not worked out."""
    late = Q(state__in=(MailMessage.FAILED, MailMessage.BOUNCED), created_at__gt=since)
    concerned = Q(about_object=object, about_id=id) | Q(person_id=person)
    rows = MailMessage.objects.filter(Q(state=MailMessage.QUEUED) | late, concerned, deleted_at__isnull=True)
    return rows.order_by("-id").values_list("id")[:ASKED]


for _key in ("person", "deal"):
    record_card(_key, order=30)(_waiting)


@record_card("mail_template", order=10)
def preview(ctx: Context, opened: Opened) -> Card | None:
    """How the template reads for somebody."""
    return Card("mail/card_preview.html", {"url": here(ctx, f"mail_templates/{opened.record.id}/preview")})
