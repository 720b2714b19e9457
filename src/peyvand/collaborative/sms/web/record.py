"""Cards at the side of a line's page."""

from __future__ import annotations

from peyvand.collaborative.sms.models import SmsLine
from peyvand.collaborative.sms.sending import left_today
from peyvand.collaborative.sms.web.pages import LINES
from peyvand.platform.access.decisions import decide
from peyvand.platform.actions.context import Context
from peyvand.web.objects.pages.access import Opened
from peyvand.web.objects.pages.cards import record_card
from peyvand.web.shell.today import Card


def incoming_path(line: SmsLine) -> str:
    """Where the gateway is to tell of messages that came in, and of how ours fared."""
    return f"/s/{line.workspace_id}-{line.token}"


@record_card("sms_line", order=10)
def whence(ctx: Context, opened: Opened) -> Card | None:
    """The address for the gateway, and what may still be sent today."""
    if not decide(ctx.actor, LINES.operation):
        return None
    line: SmsLine = opened.record
    return Card("sms/card_line.html", {
        "path": incoming_path(line), "left": max(left_today(line, ctx.tenant), 0), "limit": line.daily_limit,
    })  # fmt: skip
