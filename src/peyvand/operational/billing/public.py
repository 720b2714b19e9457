"""What other slices may use of billing."""

from peyvand.operational.billing.actions.cheques import bounce_cheque, clear_cheque, deposit_cheque
from peyvand.operational.billing.actions.invoices import (
    cancel_invoice,
    issue_invoice,
    record_payment,
    schedule_invoice,
    send_invoice,
    set_credit_limit,
)
from peyvand.operational.billing.actions.making import invoice_deal, invoice_quote
from peyvand.operational.billing.arithmetic import Exposure
from peyvand.operational.billing.customers import Customer, exposures
from peyvand.operational.billing.jobs import days_pass, tell_overdue
from peyvand.operational.billing.models import Cheque, Contract, Instalment, Invoice, InvoiceLine, Payment
from peyvand.operational.billing.objects import CHEQUE, CONTRACT, INSTALMENT, INVOICE, PAYMENT
from peyvand.operational.billing.paper import SAYS, file_name, make

__all__ = [
    "CHEQUE", "CONTRACT", "INSTALMENT", "INVOICE", "PAYMENT", "SAYS", "Cheque", "Contract", "Customer", "Exposure", "Instalment",
    "Invoice", "InvoiceLine", "Payment", "bounce_cheque", "cancel_invoice", "clear_cheque", "days_pass", "deposit_cheque", "exposures",
    "file_name", "invoice_deal", "invoice_quote", "issue_invoice", "make", "record_payment", "schedule_invoice", "send_invoice",
    "set_credit_limit", "tell_overdue",
]  # fmt: skip
