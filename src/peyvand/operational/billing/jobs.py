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
from peyvand.operational.billing.actions.contracts import ended, next_end
from peyvand.operational.billing.events import ContractRenewed, InvoiceOverdue
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
    over = Contract.objects.filter(status="active", ends_on__lt=today, deleted_at__isnull=True).order_by("id")
    for contract in over:
        until = _renewed_until(contract, today) if contract.renewal == "auto" else None
        with at_work():
            if until is None:
                perform(ctx, "contract.terminate", (), lambda c=contract: _end(ctx, c))  # type: ignore[misc]  # bound now
            else:
                perform(ctx, "contract.renew", (), lambda c=contract, to=until: _go_on(ctx, c, to))  # type: ignore[misc]


def _end(ctx: Context, contract: Contract) -> None:
    update_records(ctx, CONTRACT, [contract], [{"status": "ended"}])
    ended(ctx, contract)


def _go_on(ctx: Context, contract: Contract, until: date) -> None:
    update_records(ctx, CONTRACT, [contract], [{"ends_on": until}])
    ctx.record(
        ContractRenewed(
            object="contract",
            object_id=contract.id,
            title=contract.title,
            subjects=subjects_of(CONTRACT, [contract])[0],
            until=until.isoformat(),
        )
    )


def _renewed_until(contract: Contract, today: date) -> date | None:
    """The end of the period that today lies in."""
    first = next_end(contract)
    if first is None or contract.ends_on is None:
        return None
    until = first
    while until < today:
        contract.starts_on, contract.ends_on = contract.ends_on + timedelta(days=1), until
        following = next_end(contract)
        if following is None or following <= until:
            return None
        until = following
    contract.refresh_from_db()
    return until


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
