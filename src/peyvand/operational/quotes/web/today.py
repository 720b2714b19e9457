"""Today's card: discounts that wait for my word."""

from __future__ import annotations

from typing import Final

from peyvand.operational.quotes.limits import limit_of
from peyvand.operational.quotes.models import Quote
from peyvand.operational.quotes.objects import QUOTE
from peyvand.platform.access.decisions import decide, visible
from peyvand.platform.actions.context import Context
from peyvand.platform.notifications.deciders import deciders
from peyvand.platform.objects.queries import ListQuery, fetch_in_order
from peyvand.web.shell.navigation import here
from peyvand.web.shell.today import Card, today_card

SHOWN: Final = 6
# So many of those that wait longest are looked through for mine.
_MOST: Final = 200


@today_card("approvals", order=5, column=1, live="quote")
def approvals(ctx: Context) -> Card | None:
    """Quotes whose discount I am asked to approve and may, the longest waiting first; nothing where there are none."""
    if not decide(ctx.actor, "quote.approve") or ctx.actor.grants.hides("quote") & {"status", "reduction"}:
        return None
    waiting = Quote.objects.filter(
        status="waiting", deleted_at__isnull=True, reduction__lte=limit_of(ctx.actor)
    )
    found = list(visible(ctx.actor, QUOTE.key, waiting, "approve").order_by("updated_at", "id")[:_MOST])
    if not found:
        return None
    asked = deciders("quote.approve", found)
    mine = [quote.id for quote, users in zip(found, asked, strict=True) if ctx.actor.user_id in users]
    query = ListQuery(QUOTE, ctx.actor, ("name", "company", "person", "total", "reduction", "owner"))
    rows = fetch_in_order(query, mine[:SHOWN])
    if not rows:
        return None
    return Card("quotes/today_approvals.html", {
        "rows": rows, "count": len(mine), "list": here(ctx, "quotes/"), "all": here(ctx, "quotes/?view=waiting"),
    })  # fmt: skip
