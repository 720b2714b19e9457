"""The kinds and states that papers and money come in."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from peyvand.platform.fields.types import Option

INVOICE_KINDS: Final = (
    Option("invoice", _("Invoice")),
    Option("proforma", _("Pro-forma invoice"), "info"),
    Option("credit", _("Credit note"), "warn"),
)
INVOICE_STATES: Final = (
    Option("draft", _("Draft")),
    Option("issued", _("Issued"), "acc"),
    Option("part_paid", _("Partly paid"), "info"),
    Option("overdue", _("Overdue"), "bad"),
    Option("paid", _("Paid"), "good"),
    Option("used", _("Used up"), "good"),
    Option("invoiced", _("Invoiced"), "good"),
    Option("cancelled", _("Cancelled"), "bad"),
)
INSTALMENT_STATES: Final = (
    Option("open", _("Open"), "acc"),
    Option("part_paid", _("Partly paid"), "info"),
    Option("overdue", _("Overdue"), "bad"),
    Option("paid", _("Paid"), "good"),
)
PAYMENT_KINDS: Final = (Option("receipt", _("Receipt"), "good"), Option("refund", _("Refund"), "warn"))
METHODS: Final = (
    Option("transfer", _("Bank transfer")),
    Option("card", _("Card")),
    Option("cash", _("Cash")),
    Option("cheque", _("Cheque")),
    Option("online", _("Online gateway")),
)
PAYMENT_STATES: Final = (Option("valid", _("Valid")), Option("void", _("Void"), "bad"))
CHEQUE_STATES: Final = (
    Option("received", _("In hand"), "acc"),
    Option("deposited", _("At the bank"), "info"),
    Option("handed_on", _("Handed on"), "info"),
    Option("cleared", _("Cleared"), "good"),
    Option("bounced", _("Bounced"), "bad"),
    Option("returned", _("Given back")),
)
CONTRACT_KINDS: Final = (
    Option("supply", _("Supply")),
    Option("service", _("Service")),
    Option("maintenance", _("Maintenance")),
    Option("lease", _("Lease")),
    Option("agency", _("Agency")),
    Option("frame", _("Framework agreement")),
    Option("other", _("Other")),
)
CONTRACT_STATES: Final = (
    Option("active", _("In force"), "good"),
    Option("ended", _("Ended")),
    Option("terminated", _("Terminated"), "bad"),
)
RENEWALS: Final = (
    Option("ask", _("Ask before the end")),
    Option("auto", _("Goes on by itself")),
    Option("none", _("Ends")),
)
