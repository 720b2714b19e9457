"""Facts about invoices, payments, cheques and contracts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from peyvand.kernel.errors import Message, msg
from peyvand.platform.events.facts import Event, fact


@fact("billing.invoice_issued.v1", label=msg("An invoice was issued"), icon="money")
class InvoiceIssued(Event):
    tells: ClassVar[Mapping[str, str]] = {"amount": "total"}

    kind: str = "invoice"
    amount: int = 0
    issued_on: str = ""
    due_on: str = ""

    def describe(self) -> Message:
        if self.kind == "proforma":
            return msg("issued the pro-forma invoice %(title)s", title=self.title)
        if self.kind == "credit":
            return msg("issued the credit note %(title)s", title=self.title)
        return msg("issued the invoice %(title)s", title=self.title)


@fact("billing.invoice_scheduled.v1", label=msg("An invoice was split into instalments"), icon="cal")
class InvoiceScheduled(Event):
    parts: int = 0

    def describe(self) -> Message:
        return msg("split %(title)s into %(count)s instalments", title=self.title, count=self.parts)


@fact("billing.invoice_cancelled.v1", label=msg("An invoice was cancelled"), icon="xc")
class InvoiceCancelled(Event):
    implies: ClassVar[tuple[str, ...]] = ("status",)

    reason: str = ""
    credit_note: str = ""

    def describe(self) -> Message:
        return msg("cancelled %(title)s (%(reason)s)", title=self.title, reason=self.reason)


@fact("billing.invoice_returned.v1", label=msg("Part of an invoice was returned"), icon="undo")
class InvoiceReturned(Event):
    tells: ClassVar[Mapping[str, str]] = {"amount": "credited"}

    amount: int = 0
    credit_note: str = ""
    reason: str = ""

    def describe(self) -> Message:
        return msg(
            "took back part of %(title)s by %(credit_note)s", title=self.title, credit_note=self.credit_note
        )


@fact("billing.invoice_sent.v1", label=msg("An invoice was sent"), icon="mail")
class InvoiceSent(Event):
    implies: ClassVar[tuple[str, ...]] = ("sent_at",)

    def describe(self) -> Message:
        return msg("sent %(title)s to the customer", title=self.title)


@fact("billing.invoice_paid.v1", label=msg("An invoice was paid"), icon="check")
class InvoicePaid(Event):
    tells: ClassVar[Mapping[str, str]] = {"amount": "total"}
    implies: ClassVar[tuple[str, ...]] = ("status",)

    amount: int = 0

    def describe(self) -> Message:
        return msg("%(title)s is paid in full", title=self.title)


@fact("billing.invoice_overdue.v1", label=msg("An invoice is overdue"), icon="alert")
class InvoiceOverdue(Event):
    tells: ClassVar[Mapping[str, str]] = {"amount": "balance", "due_on": "due_on"}

    amount: int = 0
    due_on: str = ""
    instalment: int = 0

    def describe(self) -> Message:
        return msg("%(title)s is overdue", title=self.title)


@fact("billing.credit_approved.v1", label=msg("A credit limit was exceeded with approval"), icon="shield")
class CreditApproved(Event):
    tells: ClassVar[Mapping[str, str]] = {"amount": "approved_total"}

    amount: int = 0
    limit: int = 0
    exposure: int = 0
    reason: str = ""

    def describe(self) -> Message:
        return msg(
            "let %(title)s go beyond the credit limit (%(reason)s)", title=self.title, reason=self.reason
        )


@fact("billing.payment_received.v1", label=msg("A payment came in"), icon="money")
class PaymentReceived(Event):
    tells: ClassVar[Mapping[str, str]] = {"amount": "amount"}

    amount: int = 0
    method: str = ""
    paid_on: str = ""

    def describe(self) -> Message:
        return msg("recorded the payment %(title)s", title=self.title)


@fact("billing.payment_refunded.v1", label=msg("Money was paid back"), icon="undo")
class PaymentRefunded(Event):
    tells: ClassVar[Mapping[str, str]] = {"amount": "amount"}

    amount: int = 0
    method: str = ""
    paid_on: str = ""

    def describe(self) -> Message:
        return msg("recorded the refund %(title)s", title=self.title)


@fact("billing.payment_voided.v1", label=msg("A payment was voided"), icon="xc")
class PaymentVoided(Event):
    tells: ClassVar[Mapping[str, str]] = {"amount": "amount", "reason": "void_reason"}

    amount: int = 0
    reason: str = ""

    def describe(self) -> Message:
        return msg("voided the payment %(title)s (%(reason)s)", title=self.title, reason=self.reason)


@fact("billing.cheque_moved.v1", label=msg("A cheque changed its state"), icon="ticket")
class ChequeMoved(Event):
    implies: ClassVar[tuple[str, ...]] = ("state",)

    from_state: str = ""
    to_state: str = ""

    def describe(self) -> Message:
        return {
            "deposited": msg("gave the cheque %(title)s to the bank", title=self.title),
            "cleared": msg("the cheque %(title)s is cleared", title=self.title),
            "returned": msg("gave the cheque %(title)s back to its drawer", title=self.title),
            "handed_on": msg("handed the cheque %(title)s on", title=self.title),
        }.get(self.to_state, msg("took the cheque %(title)s back", title=self.title))


@fact("billing.cheque_bounced.v1", label=msg("A cheque bounced"), icon="alert")
class ChequeBounced(Event):
    tells: ClassVar[Mapping[str, str]] = {"amount": "amount", "reason": "bounce_reason"}
    implies: ClassVar[tuple[str, ...]] = ("state",)

    amount: int = 0
    reason: str = ""
    was_cleared: bool = False

    def describe(self) -> Message:
        if self.was_cleared:
            return msg("the cheque %(title)s bounced after it was cleared", title=self.title)
        return msg("the cheque %(title)s bounced", title=self.title)


@fact("billing.contract_renewed.v1", label=msg("A contract was renewed"), icon="refresh")
class ContractRenewed(Event):
    implies: ClassVar[tuple[str, ...]] = ("ends_on",)

    until: str = ""

    def describe(self) -> Message:
        return msg("renewed the contract %(title)s", title=self.title)


@fact("billing.contract_ended.v1", label=msg("A contract ended"), icon="flag")
class ContractEnded(Event):
    implies: ClassVar[tuple[str, ...]] = ("status",)

    def describe(self) -> Message:
        return msg("the contract %(title)s ended", title=self.title)
