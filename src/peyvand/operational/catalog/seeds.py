"""What a Persian workspace begins with: value added tax, and its rates by the law of each year."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from peyvand.operational.catalog.objects import TAX, TAX_RATE
from peyvand.platform.actions.context import Context
from peyvand.platform.modules.seeds import seed
from peyvand.platform.objects.records import create_records

# 1 Farvardin of 1394, when it became nine percent, and of 1403.
VAT = ((date(2015, 3, 21), Decimal(9)), (date(2024, 3, 20), Decimal(10)))


@seed
def plant(ctx: Context) -> None:
    if ctx.tenant.language != "fa":
        return
    [tax] = create_records(ctx, TAX, [{"name": "مالیات بر ارزش افزوده"}])
    create_records(
        ctx, TAX_RATE, [{"tax": tax.id, "from_on": day, "percent": percent} for day, percent in VAT]
    )
