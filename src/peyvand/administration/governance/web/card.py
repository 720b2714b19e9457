"""The card at the end of a person's page."""

from __future__ import annotations

from peyvand.administration.governance.actions import ERASE, HAND_OVER
from peyvand.platform.access.decisions import decide
from peyvand.platform.actions.context import Context
from peyvand.web.objects.pages.access import Opened
from peyvand.web.objects.pages.cards import record_card
from peyvand.web.shell.today import Card


@record_card("person", order=90)
def personal_data(ctx: Context, opened: Opened) -> Card | None:
    """Handing over and forgetting, for those who may."""
    base = f"/w/{ctx.tenant.slug}/settings/personal-data/{opened.record.id}"
    may = {
        "hand_over": f"{base}/data.zip" if decide(ctx.actor, HAND_OVER, opened.record) else "",
        "erase": f"{base}/erase" if decide(ctx.actor, ERASE, opened.record) else "",
    }
    return Card("governance/card.html", may) if any(may.values()) else None
