"""A customer with invoices, for tests of money."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import transaction

from peyvand.kernel import clock
from peyvand.kernel.errors import PeyvandError
from peyvand.operational.billing.actions.invoices import issue_invoice
from peyvand.operational.billing.models import Cheque, Invoice, Payment
from peyvand.operational.billing.objects import CHEQUE, INVOICE, PAYMENT
from peyvand.operational.catalog.public import PRODUCT, TAX, TAX_RATE
from peyvand.operational.contacts.public import COMPANY, Company
from peyvand.platform.actions.context import Context
from peyvand.platform.objects.records import create_record
from peyvand.platform.workspaces.scope import workspace_scope

NOON = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
TODAY = date(2026, 11, 22)


@contextmanager
def refused(*kinds: type[PeyvandError]) -> Iterator[Any]:
    """What is inside is refused by one of these errors, and writes nothing; the test goes on."""
    with pytest.raises(kinds) as error, transaction.atomic():
        yield error


@dataclass
class Till:
    """One who sells, with a customer and a taxed product (10 % from 2024-03-20 on, 9 % before)."""

    ctx: Context
    company: Company
    product: int

    def draft(
        self, price: int = 1_000_000, quantity: Any = 1, *, lines: Any = None, **values: Any
    ) -> Invoice:
        lines = lines or [{"product": self.product, "price": price, "quantity": quantity}]
        made: Invoice = create_record(
            self.ctx, INVOICE, {"company": self.company.id, "lines": lines, **values}
        )
        return made

    def issued(self, price: int = 1_000_000, quantity: Any = 1, **values: Any) -> Invoice:
        invoice = self.draft(price, quantity, **values)
        issue_invoice(self.ctx, invoice)
        return self.now(invoice)

    def pay(self, amount: int, **values: Any) -> Payment:
        made: Payment = create_record(
            self.ctx, PAYMENT, {"company": self.company.id, "amount": amount, **values}
        )
        return self.now(made)

    def cheque(self, amount: int, **values: Any) -> Cheque:
        body = {
            "company": self.company.id,
            "amount": amount,
            "due_on": "2026-12-22",
            "number": "778899",
            **values,
        }
        made: Cheque = create_record(self.ctx, CHEQUE, body)
        return made

    def now(self, record: Any) -> Any:
        """The record as the database has it."""
        return type(record).objects.get(id=record.id)


@pytest.fixture
def till(cast: Any, acting: Any) -> Iterator[Till]:
    """Sara at the till, on a day that stands still, inside her workspace."""
    with workspace_scope(cast.arman.id), clock.freeze(NOON):
        yield make_till(acting(cast.sara))


def make_till(ctx: Context) -> Till:
    tax = create_record(ctx, TAX, {"name": "ارزش افزوده"})
    for day, percent in (("2020-03-20", 9), ("2024-03-20", 10)):
        create_record(ctx, TAX_RATE, {"tax": tax.id, "from_on": day, "percent": percent})
    product = create_record(
        ctx, PRODUCT, {"name": "دستگاه", "price": 1_000_000, "tax": tax.id, "unit": "عدد"}
    )
    company = create_record(ctx, COMPANY, {"name": "آوند"})
    return Till(ctx, company, product.id)
