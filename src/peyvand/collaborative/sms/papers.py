"""Quotes that go to their customers by SMS: the address at which they are read and answered."""

from __future__ import annotations

from typing import Any, Final

from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

from peyvand.collaborative.sms.actions import receiver_of
from peyvand.collaborative.sms.fields import SmsText
from peyvand.collaborative.sms.models import SmsMessage
from peyvand.collaborative.sms.writing import Draft, queue
from peyvand.kernel.errors import NotAllowed, RuleViolation, msg
from peyvand.operational.consents.public import Purpose
from peyvand.operational.quotes.public import (
    QUOTE,
    SAYS,
    Quote,
    can_send,
    demand_seen,
    public_path,
    send_quote,
)
from peyvand.platform.access.decisions import decide
from peyvand.platform.actions.action import action
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import Ref
from peyvand.platform.workspaces.addresses import full_address
from peyvand.platform.workspaces.modules import belongs

# Whoever refused even what belongs to a contract is not written to; nobody need have agreed to it.
PURPOSE: Final = "contract"
belongs("quote.write_sms", "sms")


@action(
    "quote.write_sms", label=_("Send by SMS"), icon="sms",
    inputs=(SmsText(key="text", label=_("Text"), help=_("Left empty: what it is about, and the address at which it is answered.")),),
    offered=lambda quote: quote.status in ("draft", "approved", "sent") and quote.person_id is not None,
    useful=lambda ctx, quote: not SAYS & ctx.actor.grants.hides(QUOTE.key) and can_send(ctx, quote)
    and (quote.status == "sent" or bool(decide(ctx.actor, "quote.send", quote))),
)  # fmt: skip
def write_about_quote(ctx: Context, quote: Quote, *, text: str = "") -> SmsMessage:
    """Send a quote's person the address at which they read and answer it; a draft is marked as sent by it.

    Raises:
        RuleViolation: it cannot be sent, or they cannot or may not be written to. NotAllowed: the role hides some of what it says.
    """
    if SAYS & ctx.actor.grants.hides(QUOTE.key):
        raise NotAllowed(msg("Your role does not show all that this paper says."))
    words = text.strip() or words_for(quote)
    if quote.status in ("draft", "approved"):
        send_quote(ctx, quote)
    elif quote.status != "sent":
        raise RuleViolation(msg("This quote cannot be sent any more."), "status")
    demand_seen(ctx, quote)
    draft = Draft(receiver_of(ctx, QUOTE, quote), words, Ref(QUOTE.key, quote.id, ""))
    return queue(ctx, [draft], purpose_here())[0]


def purpose_here() -> Purpose | None:
    """What such messages are for, as the workspace has it."""
    found: Purpose | None = Purpose.objects.filter(word=PURPOSE, deleted_at__isnull=True).first()
    return found


def words_for(quote: Any) -> str:
    """What such a message says, in the quote's language.

    Raises:
        RuleViolation: the installation does not know the address at which others reach it.
    """
    link = full_address(public_path(quote.workspace_id, quote.secret))
    if link is None:
        raise RuleViolation(
            msg(
                "Without PEYVAND_URL it is not known at which address the customer reaches this quote: write the text yourself."
            ),
            "text",
        )
    with override(quote.language):
        return gettext("Quote: %(title)s\n%(link)s") % {"title": quote.name, "link": link}
