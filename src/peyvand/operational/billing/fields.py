"""A company's credit limit: kept by billing, shown and filtered by as a field of the company, set by an action of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, floor
from typing import Any, ClassVar

from django.db.models import Q

from peyvand.kernel.conditions import FieldType
from peyvand.operational.billing.models import CreditLimit
from peyvand.platform.fields.reader import Reader
from peyvand.platform.fields.types import Compound, Money

_AMOUNT = Money(key="amount", label="")


@dataclass(frozen=True, kw_only=True)
class Limit(Compound):
    """An amount in minor units that lies in a table of its own; None where there is no limit."""

    type: ClassVar[FieldType] = FieldType.money
    widget: ClassVar[str] = "money"

    def items_sql(self, record: str) -> str:
        return (
            f"select l.amount from credit_limit l where l.workspace_id = {record}.workspace_id "  # noqa: S608 declared SQL
            f"and l.company_id = {record}.id"
        )

    def from_columns(self, values: Sequence[Any]) -> Any:
        return next(iter(super().from_columns(values)), None)

    def empty(self) -> Any:
        return None

    def store(self, ctx: Any, values: Mapping[int, Any]) -> None:
        CreditLimit.objects.filter(company_id__in=list(values)).delete()
        CreditLimit.objects.bulk_create(
            CreditLimit(company_id=id, amount=amount) for id, amount in values.items() if amount is not None
        )

    def filter(self, op: str, value: Any) -> Q:
        rows = CreditLimit.objects.all()
        if op == "empty":
            return ~Q(id__in=rows.values("company_id"))
        if op == "between":
            rows = rows.filter(amount__gte=ceil(value[0]), amount__lte=floor(value[1]))
        elif op == "is":
            rows = rows.filter(amount=int(value)) if value == int(value) else rows.none()
        else:
            rows = rows.filter(**{f"amount__{op}": ceil(value) if op in ("lt", "gte") else floor(value)})
        return Q(id__in=rows.values("company_id"))

    def show(self, value: Any, reader: Reader, style: str = "full") -> str:
        return _AMOUNT.show(value, reader, style)

    def schema(self) -> dict[str, Any]:
        return _AMOUNT.schema()
