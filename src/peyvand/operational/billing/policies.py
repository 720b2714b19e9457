"""Instalments are their invoice's: whoever may not see the invoice sees none of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from peyvand.operational.billing.models import Invoice
from peyvand.platform.access.decisions import decide, visible
from peyvand.platform.identity.actor import Actor
from peyvand.platform.identity.grants import Scope


@dataclass(frozen=True)
class InvoiceRows:
    """A verb covers the parts of those invoices that the actor may apply the same verb to."""

    def rows(self, actor: Actor, scope: Scope, verb: str = "view") -> Q | None:
        if scope is Scope.NONE:
            return Q(pk__in=[])
        everything = Invoice.objects.all()
        covered = visible(actor, "invoice", everything, verb)
        return None if covered is everything else Q(invoice_id__in=covered.values("id"))

    def covers(self, actor: Actor, scope: Scope, record: Any, verb: str = "view") -> bool:
        return scope is not Scope.NONE and bool(decide(actor, f"invoice.{verb}", record.invoice))
