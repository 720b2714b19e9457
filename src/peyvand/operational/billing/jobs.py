"""What the passing of days does: invoices become overdue, contracts come to their end."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from django.db.models import F, Q
from django.db.models.expressions import ExpressionWrapper
from django.db.models.fields import DateField
from django.utils.translation import gettext, override

from peyvand.kernel import clock
from peyvand.operational.activities.public import TASK
from peyvand.operational.billing.actions.contracts import next_end, tell_ended, tell_renewed
from peyvand.operational.billing.events import InvoiceOverdue
from peyvand.operational.billing.models import Contract, Instalment, Invoice
from peyvand.operational.billing.moving import at_work
from peyvand.operational.billing.objects import CONTRACT, INVOICE
from peyvand.operational.billing.settling import make_overdue
from peyvand.platform.actions.action import perform
from peyvand.platform.actions.context import Context, job_context
from peyvand.platform.fields.types import Ref
from peyvand.platform.identity.actor import Tenant
from peyvand.platform.jobs.schedule import in_every_workspace
from peyvand.platform.objects.records import create_records, update_records
from peyvand.platform.objects.references import subjects_of

# Once an hour: days begin at other hours in other workspaces, and where nothing is due it costs two look-ups by an index.
MINUTE: Final = 7


@in_every_workspace(f"{MINUTE} * * * *", "billing.days")
def days_pass(tenant: Tenant) -> None:
    """Do what today brings; what was done already is not done again."""
    ctx, today = job_context(tenant), clock.today(tenant.tz)
    tell_overdue(ctx, today)
    end_contracts(ctx, today)
    remind_of_contracts(ctx, today)


def tell_overdue(ctx: Context, today: date) -> None:
    """Bring those up to date that are overdue since today, and tell of each due date once."""

    def write() -> None:
        make_overdue(ctx, today)
        parts = list(Instalment.objects.filter(rest__gt=0, due_on__lt=today, is_told=False).order_by("id"))
        invoices = {i.id: i for i in Invoice.objects.filter(id__in={part.invoice_id for part in parts})}
        whose = dict(zip(invoices, subjects_of(INVOICE, list(invoices.values())), strict=True))
        Instalment.objects.filter(id__in=[part.id for part in parts]).update(is_told=True)
        ctx.record(*(
            InvoiceOverdue(
                object="invoice", object_id=part.invoice_id, title=invoices[part.invoice_id].name, subjects=whose[part.invoice_id],
                amount=part.rest, due_on=part.due_on.isoformat(), instalment=part.place,
            )
            for part in parts
        ))  # fmt: skip

    due = Instalment.objects.filter(Q(is_told=False) | ~Q(state="overdue"), rest__gt=0, due_on__lt=today)
    if due.exists():
        perform(ctx, "invoice.update", (), write)


def end_contracts(ctx: Context, today: date) -> None:
    """Let contracts whose end has passed go on by themselves, or end."""
    rows = Contract.objects.filter(status="active", ends_on__lt=today, deleted_at__isnull=True).order_by("id")
    # Whoever renews or terminates one at this moment goes first; the next hour finds what is left.
    over = list(rows.select_for_update(of=("self",), skip_locked=True))
    until = {c.id: day for c in over if c.renewal == "auto" and (day := _renewed_until(c, today))}
    going, ending = [c for c in over if c.id in until], [c for c in over if c.id not in until]

    def go_on() -> None:
        update_records(ctx, CONTRACT, going, [{"ends_on": until[c.id]} for c in going])
        tell_renewed(ctx, going)

    def end() -> None:
        update_records(ctx, CONTRACT, ending, [{"status": "ended"}] * len(ending))
        tell_ended(ctx, ending)

    with at_work():
        if going:
            perform(ctx, "contract.renew", (), go_on)
        if ending:
            perform(ctx, "contract.terminate", (), end)


def _renewed_until(contract: Contract, today: date) -> date | None:
    """The end of the period that today lies in; None where the contract's dates do not lead there."""
    starts_on, ends_on = contract.starts_on, contract.ends_on
    while ends_on is not None and ends_on < today:
        following = next_end(starts_on, ends_on)
        if following is not None and following <= ends_on:
            return None
        starts_on, ends_on = ends_on + timedelta(days=1), following
    return ends_on


def remind_of_contracts(ctx: Context, today: date) -> None:
    """Give whoever is responsible for a contract that ends soon a task, once for each end."""
    notice = ExpressionWrapper(F("ends_on") - F("notice_days"), output_field=DateField())
    soon = (
        Contract.objects.filter(status="active", ends_on__gte=today, deleted_at__isnull=True)
        .exclude(reminded_of=F("ends_on"))
        .annotate(from_on=notice)
        .filter(from_on__lte=today)
        .order_by("id")
    )
    contracts = list(soon)
    if not contracts:
        return
    with override(ctx.tenant.language):
        rows = [
            {
                "title": _words(contract) % {"title": contract.title}, "about": Ref("contract", contract.id, contract.title),
                "company": contract.company_id, "person": contract.person_id, "owner": contract.owner_id, "kind": "follow_up",
                "priority": "high", "due_at": clock.now(), "status": "open",
            }
            for contract in contracts
        ]  # fmt: skip

    def write() -> None:
        create_records(ctx, TASK, rows)
        Contract.objects.filter(id__in=[c.id for c in contracts]).update(reminded_of=F("ends_on"))

    perform(ctx, "contract.update", (), write)


def _words(contract: Contract) -> str:
    if contract.renewal == "auto":
        return gettext("The contract “%(title)s” goes on by itself soon: cancel it in time or let it")
    return gettext("The contract “%(title)s” ends soon: renew it")
