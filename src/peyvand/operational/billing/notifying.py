"""Who is told of what happens to invoices. A bounced cheque (reactions.py) and a contract that ends soon (jobs.py) are tasks of
whoever is responsible, who is told of being given them."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from peyvand.kernel.errors import msg
from peyvand.operational.billing.events import InvoiceOverdue, InvoicePaid
from peyvand.operational.billing.models import Invoice
from peyvand.platform.events.facts import Event
from peyvand.platform.events.reactions import Cause
from peyvand.platform.notifications.telling import Told, tells

GROUP = _("Invoices")


def _owners(facts: Sequence[Event]) -> Told:
    owners = dict(Invoice.objects.filter(id__in={f.object_id for f in facts}).values_list("id", "owner_id"))
    return [[owners.get(fact.object_id)] for fact in facts]


@tells(
    InvoicePaid,
    label=_("An invoice of mine is paid"),
    group=GROUP,
    says=lambda fact, who, reader: msg("%(title)s is paid in full", title=fact.title),
    many=_("%(count)s of your invoices are paid"),
    channels=(),
)
def paid(cause: Cause, facts: Sequence[InvoicePaid]) -> Told:
    return _owners(facts)


@tells(
    InvoiceOverdue,
    label=_("An invoice of mine is overdue"),
    group=GROUP,
    says=lambda fact, who, reader: msg("%(title)s is overdue", title=fact.title),
    many=_("%(count)s of your invoices are overdue"),
)
def overdue(cause: Cause, facts: Sequence[InvoiceOverdue]) -> Told:
    return _owners(facts)
