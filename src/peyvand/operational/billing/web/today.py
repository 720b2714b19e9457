"""Today's card: what is overdue of mine."""

from __future__ import annotations

from django.db.models import Q

from peyvand.kernel import clock
from peyvand.operational.billing.objects import INVOICE
from peyvand.platform.access.decisions import decide
from peyvand.platform.actions.context import Context
from peyvand.platform.objects.queries import ListQuery, fetch_own
from peyvand.platform.objects.references import shown_title
from peyvand.web.shell.navigation import here
from peyvand.web.shell.today import Card, today_card

SHOWN = 6


@today_card("overdue", order=30, column=2, live="invoice")
def overdue(ctx: Context) -> Card | None:
    """My invoices that are past their day, the oldest first; nothing where there are none."""
    if not decide(ctx.actor, "invoice.view") or ctx.actor.grants.hides("invoice") & {
        "balance",
        "due_on",
        "status",
    }:
        return None
    today = clock.today(ctx.tenant.tz)
    query = ListQuery(INVOICE, ctx.actor, ("company", "person", "balance", "due_on"))
    late = Q(kind="invoice", balance__gt=0, due_on__lt=today) & ~Q(status__in=("draft", "cancelled"))
    found = fetch_own(query, lambda own: own.filter(late).order_by("due_on", "id"), SHOWN)
    if not found:
        return None
    rows = [
        {
            "row": row,
            "title": shown_title(INVOICE, row.title),
            "days": (today - row.values["due_on"]).days,
            "who": _who(ctx, row.values),
        }
        for row in found
    ]
    return Card(
        "billing/today_overdue.html",
        {"rows": rows, "list": here(ctx, "invoices/"), "all": here(ctx, "invoices/?view=overdue")},
    )


def _who(ctx: Context, values: dict[str, object]) -> str:
    for key in ("company", "person"):
        if (value := values.get(key)) is not None:
            return INVOICE.field(key).show(value, ctx.reader)
    return ""
