"""What other slices may use of commissions."""

from peyvand.operational.commissions.actions import approve, dispute, pay, reckon_all, settle, submit
from peyvand.operational.commissions.models import CommissionLine, CommissionPlan, CommissionStatement
from peyvand.operational.commissions.objects import LINE, PLAN, STATEMENT

__all__ = [
    "LINE", "PLAN", "STATEMENT", "CommissionLine", "CommissionPlan", "CommissionStatement", "approve", "dispute", "pay", "reckon_all",
    "settle", "submit",
]  # fmt: skip
