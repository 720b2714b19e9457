"""Quotes that nobody answered in time expire."""

from __future__ import annotations

from typing import Final

from peyvand.kernel import clock
from peyvand.operational.quotes.events import QuoteExpired
from peyvand.operational.quotes.models import Quote
from peyvand.operational.quotes.objects import QUOTE
from peyvand.platform.actions.action import perform
from peyvand.platform.actions.context import Context, job_context
from peyvand.platform.identity.actor import Tenant
from peyvand.platform.jobs.schedule import in_every_workspace
from peyvand.platform.objects.records import update_records
from peyvand.platform.objects.references import subjects_of

AT_ONCE: Final = 500


# Days end at the full hour, the half or a quarter in every time zone: a quote is told to be expired five minutes after its day.
AFTER_MIDNIGHT: Final = "5,20,35,50 * * * *"


@in_every_workspace(AFTER_MIDNIGHT, "quotes.expire")
def expire_here(tenant: Tenant) -> None:
    """Every quarter of an hour, for the day ends at another hour in each time zone."""
    expire(job_context(tenant))


def expire(ctx: Context) -> int:
    """Mark what is past its day; how many that were."""
    due = Quote.objects.filter(
        status="sent", valid_until__lt=clock.today(ctx.tenant.tz), deleted_at__isnull=True
    ).order_by("id")
    quotes = list(due.select_for_update(of=("self",), skip_locked=True)[:AT_ONCE])
    if not quotes:
        return 0

    def change() -> None:
        update_records(ctx, QUOTE, quotes, [{"status": "expired"}] * len(quotes))
        ctx.record(*(
            QuoteExpired(object="quote", object_id=q.id, title=q.name, subjects=subjects)
            for q, subjects in zip(quotes, subjects_of(QUOTE, quotes), strict=True)
        ))  # fmt: skip

    perform(ctx, "quote.update", quotes, change)
    return len(quotes)
