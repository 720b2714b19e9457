"""An accepted quote says that its deal may be won: on the deal, on Today, and to whoever records the acceptance."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from peyvand.operational.quotes.models import Quote
from peyvand.operational.sales.public import DEAL, sign_of_winning
from peyvand.platform.access.decisions import decide
from peyvand.platform.actions.context import Context
from peyvand.platform.objects.queries import ListQuery
from peyvand.web.objects.pages.answers import page_url
from peyvand.web.shell.offers import offered_after


@sign_of_winning(_("Its quote is accepted."))
def accepted() -> QuerySet[Quote]:
    return Quote.objects.filter(status="accepted", deleted_at__isnull=True)


@offered_after("quote.accept")
def win_deal(ctx: Context, quote: Any) -> str:
    """Whoever recorded that a quote is accepted is asked whether its deal is won."""
    seen = ListQuery(DEAL, ctx.actor, ()).rows().filter(id=quote.deal_id, status="open")
    deal = next(iter(seen), None) if quote.deal_id else None
    return page_url(ctx, DEAL, deal.id, "do", "win") if deal and decide(ctx.actor, "deal.win", deal) else ""
