"""Cards: a quote's way to its answer, and the quotes of a deal."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final
from urllib.parse import urlencode

from django.utils.translation import gettext_lazy as _

from peyvand.operational.quotes.agreeing import SAYS
from peyvand.operational.quotes.limits import limit_of
from peyvand.operational.quotes.models import OPEN, QuoteTrace
from peyvand.operational.quotes.objects import QUOTE
from peyvand.platform.access.decisions import decide
from peyvand.platform.actions.context import Context
from peyvand.platform.workspaces.addresses import full_address
from peyvand.web.objects.pages.access import Opened
from peyvand.web.objects.pages.cards import record_card
from peyvand.web.objects.resolve import address
from peyvand.web.shell.today import Card

STEPS: Final = {
    "asked": _("Approval asked for"),
    "approved": _("Discount approved"),
    "refused": _("Discount refused"),
    "sent": _("Sent"),
    "viewed": _("Opened by the customer"),
    "accepted": _("Accepted"),
    "rejected": _("Rejected"),
    "replaced": _("Replaced by a new edition"),
}
SHOWN: Final = 30


@record_card("quote", order=10)
def way(ctx: Context, opened: Opened) -> Card:
    """The paper, the address for the customer, whether approval is needed, and every step so far."""
    quote, seen = opened.record, opened.row.values
    limit = limit_of(ctx.actor)
    steps = QuoteTrace.objects.filter(quote_id=quote.id).select_related("by").order_by("at", "id")[:SHOWN]
    knows, hidden = "status" in seen and "total" in seen, ctx.actor.grants.hides("quote")
    # Whoever has the customer's address can answer by it, and reads there all that the paper says.
    may = not hidden & SAYS and bool(decide(ctx.actor, "quote.update", quote))
    public = (
        public_path(quote.workspace_id, quote.secret) if knows and may and quote.status not in OPEN else ""
    )
    return Card("quotes/record_way.html", {
        "pdf": f"{address(ctx, QUOTE, quote.id)}/pdf",
        "public": public, "full": full_address(public) if public else None,
        "needs": knows and quote.status == "draft" and quote.reduction > limit,
        "reduction": seen.get("reduction"), "limit": limit,
        "steps": [(STEPS.get(step.what, step.what), _shown(step, hidden)) for step in steps] if knows else [],
    })  # fmt: skip


def _shown(step: QuoteTrace, hidden: Collection[str]) -> QuoteTrace:
    """A step without what the actor may not know of the quote."""
    if "reason" in hidden:
        step.reason = ""
    if "signer" in hidden:
        step.name = step.agent = ""
        step.ip = None
    return step


@record_card("deal", order=35)
def make(ctx: Context, opened: Opened) -> Card | None:
    """The way from a deal to its quote."""
    if not decide(ctx.actor, "deal.quote", opened.record) or not decide(
        ctx.actor, QUOTE.permission("create")
    ):
        return None
    return Card(
        "quotes/record_make.html",
        {"url": f"{address(ctx, QUOTE)}/new?{urlencode({'deal': opened.record.id})}"},
    )


def public_path(workspace_id: int, secret: str) -> str:
    """Where a quote's customer reads and answers it."""
    return f"/q/{workspace_id}-{secret}"
