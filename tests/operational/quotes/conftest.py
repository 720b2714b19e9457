from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from peyvand.operational.catalog.public import PRODUCT, Tax
from peyvand.operational.contacts.public import COMPANY, PERSON
from peyvand.operational.quotes.public import QUOTE
from peyvand.operational.sales.public import DEAL
from peyvand.platform.objects.records import create_record
from peyvand.platform.workspaces.scope import workspace_scope


@pytest.fixture
def desk(cast: Any, acting: Any) -> Any:
    """A salesperson's desk in an open scope: two products of which one is taxed, a customer, a deal; ``quote(**values)``."""
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        vat = Tax.objects.get()
        server = create_record(
            ctx,
            PRODUCT,
            {"name": "سرور", "price": 900_000_000, "cost": 700_000_000, "tax": vat.id, "unit": "دستگاه"},
        )
        support = create_record(ctx, PRODUCT, {"name": "پشتیبانی", "price": 120_000_000, "cost": 20_000_000})
        company = create_record(ctx, COMPANY, {"name": "صنایع نوین", "economic_code": ""})
        person = create_record(ctx, PERSON, {"family_name": "کریمی", "company": company.id})
        deal = create_record(ctx, DEAL, {
            "name": "تجهیز دفتر", "company": company.id, "person": person.id,
            "lines": [{"product": server.id, "quantity": 2, "discount": 5}, {"product": support.id}],
        })  # fmt: skip

        def quote(**values: Any) -> Any:
            lines = values.pop("lines", [{"product": server.id, "quantity": 2}])
            return create_record(ctx, QUOTE, {"company": company.id, "lines": lines, **values})

        yield SimpleNamespace(
            ctx=ctx,
            vat=vat,
            server=server,
            support=support,
            company=company,
            person=person,
            deal=deal,
            quote=quote,
        )
