"""The card on a watch's record: what it would see, and the way to everybody who crossed its mark."""

from __future__ import annotations

from peyvand.analytical.watches.hooks import why_closed
from peyvand.platform.actions.context import Context
from peyvand.web.objects.pages.access import Opened
from peyvand.web.objects.pages.cards import record_card
from peyvand.web.shell.navigation import here
from peyvand.web.shell.today import Card


@record_card("watch", order=10)
def watch(ctx: Context, opened: Opened) -> Card | None:
    """The dry run, fetched once the page is there."""
    if why_closed(ctx.actor, opened.record) is not None:
        return None
    place = here(ctx, f"insights/watches/{opened.record.id}")
    return Card("watches/card.html", {"place": place, "trial": f"{place}/trial"})
