"""What is sold, who else sells it, and what the stages of a sale ask for."""

from __future__ import annotations

from datetime import timedelta

from peyvand.administration.demo.stage import BEGINNING, Stage
from peyvand.kernel import money
from peyvand.operational.catalog.public import PRODUCT
from peyvand.operational.sales.public import COMPETITOR, STAGE
from peyvand.operational.sales.public import Stage as DealStage
from peyvand.platform.objects.records import create_records, update_records


def fill_products(stage: Stage) -> None:
    ctx = stage.acting[stage.owner]
    currency = money.currency(stage.tenant.currency)
    unit = 10 if currency == money.IRR else 10**currency.exponent
    with stage.on(stage.now - BEGINNING + timedelta(days=1)):
        stage.products += create_records(ctx, PRODUCT, [
            {"name": item.name, "code": f"P-{n + 101}", "series": item.series, "unit": item.unit, "kind": item.kind,
             "price": item.price * unit, "cost": item.price * unit * 62 // 100}
            for n, item in enumerate(stage.words.products)
        ])  # fmt: skip
        create_records(ctx, COMPETITOR, [{"name": name} for name in stage.words.competitors])
        stages = list(DealStage.objects.order_by("position"))
        asked = ["amount"], ["amount", "expected_on"], ["expected_on", "source"]
        update_records(ctx, STAGE, stages[2:5], [{"required": keys} for keys in asked])
