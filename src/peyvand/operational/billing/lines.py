"""The lines of invoices: the field, and the rows that credit notes take back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar, Final

from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from peyvand.operational.billing.arithmetic import Part, returned_part
from peyvand.operational.billing.models import Invoice, InvoiceLine
from peyvand.operational.pricing.public import PricedLines
from peyvand.platform.workspaces.models import WorkspaceModel


@dataclass(frozen=True, kw_only=True)
class InvoiceLines(PricedLines):
    table: ClassVar[type[WorkspaceModel]] = InvoiceLine
    of: ClassVar[str] = "invoice"


LINES: Final = InvoiceLines(
    key="lines", label=_("Lines"), headers=("product", "products", "محصول", "کالا", "اقلام")
)


def lines_of(invoice: Invoice) -> list[InvoiceLine]:
    """The rows of an invoice in their order."""
    return list(InvoiceLine.objects.filter(invoice_id=invoice.id).order_by("position"))


def returned_before(lines: Sequence[InvoiceLine]) -> dict[int, Decimal]:
    """How much of each line came back already, by its id."""
    rows = InvoiceLine.objects.filter(of_line_id__in=[line.id for line in lines]).values("of_line_id")
    found = {row["of_line_id"]: row["n"] for row in rows.annotate(n=Sum("quantity"))}
    return defaultdict(Decimal, found)


def part_of(line: InvoiceLine, before: Decimal, now: Decimal) -> Part:
    """What ``now`` of a line comes to when ``before`` of it came back already."""
    return returned_part(Part(line.gross, line.net, line.tax_amount), line.quantity, before, now)
