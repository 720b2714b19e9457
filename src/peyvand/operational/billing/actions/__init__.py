"""Verbs of billing; importing this declares them."""

from peyvand.operational.billing.actions import cheques, contracts, invoices, making, payments

__all__ = ["cheques", "contracts", "invoices", "making", "payments"]
