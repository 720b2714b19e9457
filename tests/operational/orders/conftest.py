"""A shop with customers and goods, for tests of orders."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import transaction

from peyvand.kernel import clock
from peyvand.kernel.errors import PeyvandError
from peyvand.operational.catalog.public import PRODUCT, Product
from peyvand.operational.contacts.public import COMPANY, Company
from peyvand.operational.orders.models import Order
from peyvand.operational.orders.objects import ORDER
from peyvand.platform.actions.context import Context
from peyvand.platform.objects.records import create_record
from peyvand.platform.workspaces.scope import workspace_scope

NOON = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


@contextmanager
def refused(*kinds: type[PeyvandError]) -> Iterator[Any]:
    """What is inside is refused by one of these errors, and writes nothing; the test goes on."""
    with pytest.raises(kinds) as error, transaction.atomic():
        yield error


@dataclass
class Shop:
    """One who sells a kettle (1,000,000 rials, cost 600,000) and a cup without a price."""

    ctx: Context
    company: Company
    kettle: Product
    cup: Product

    def order(self, *lines: dict[str, Any], **values: Any) -> Order:
        given = {"company": self.company.id, "lines": list(lines) or [{"product": self.kettle.id}], **values}
        return self.now(create_record(self.ctx, ORDER, given))

    def placed(self, *lines: dict[str, Any], **values: Any) -> Order:
        return self.order(*lines, **{"status": "placed", **values})

    def now(self, record: Any) -> Any:
        """The record as the database has it."""
        return type(record).objects.get(id=record.id)


@pytest.fixture
def shop(cast: Any, acting: Any) -> Iterator[Shop]:
    """Sara in the shop, on a day that stands still, inside her workspace."""
    with workspace_scope(cast.arman.id), clock.freeze(NOON):
        ctx = acting(cast.sara)
        kettle = create_record(
            ctx, PRODUCT, {"name": "کتری", "code": "K-1", "price": 1_000_000, "cost": 600_000}
        )
        cup = create_record(ctx, PRODUCT, {"name": "فنجان", "code": "C-1"})
        yield Shop(ctx, create_record(ctx, COMPANY, {"name": "آوند"}), kettle, cup)
