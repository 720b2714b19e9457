"""SMS as a way by which people hear of what concerns them: a line of text to the phone that they gave for it."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.utils import translation
from django.utils.translation import gettext_lazy as _

from peyvand.collaborative.sms.models import SmsMessage
from peyvand.collaborative.sms.sending import RECORD, send_at_once
from peyvand.collaborative.sms.writing import line_here, queue_to
from peyvand.kernel import clock
from peyvand.platform.actions.action import perform
from peyvand.platform.actions.context import job_context
from peyvand.platform.identity.actor import Tenant
from peyvand.platform.notifications.channels import Channel, Letter, brief, register_channel
from peyvand.platform.workspaces.scope import workspace_scope

# A phone that somebody chose to be told at costs the workspace no more than this a day; the rest waits on their page.
MOST_A_DAY: Final = 30


def send(tenant: Tenant, letter: Letter) -> None:
    """Queue what one person is told as one message; what is secret is handed to the gateway at once instead.

    Raises:
        RuleViolation: there is no line; the letter is tried again later.
    """
    if letter.is_secret:
        send_at_once(tenant, letter.address, brief(letter), letter.user_id)
        return
    link = letter.lines[0].link if len(letter.lines) == 1 else letter.link
    with workspace_scope(tenant.id), translation.override(letter.language):
        lately = SmsMessage.objects.filter(owner_id=letter.user_id, is_notice=True)
        if lately.filter(created_at__gt=clock.now() - timedelta(days=1)).count() >= MOST_A_DAY:
            return
        ctx, text = job_context(tenant), brief(letter)
        words = f"{text[:300]}\n{link}".strip()
        perform(ctx, RECORD, (), lambda: queue_to(ctx, line_here(), letter.address, words, letter.user_id))


SMS = register_channel(Channel("sms", _("SMS"), send, "sms", asks="phone"))
