"""Control figures of the published invoices (Online Retail): the clean lines of 2010-12 to 2011-12 as sales in thousandths of a pound."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from tests.analytical.measures.making import Filled, calendar

from peyvand.analytical.measures import customers
from peyvand.analytical.measures.asking import ask
from peyvand.analytical.warehouse.tables import Tables
from peyvand.kernel.conditions import EvalContext

AS_OF = date(2011, 12, 9)


@pytest.fixture(scope="module")
def retail(dataset: Callable[[str], Path], duck: Filled) -> Tables:
    read = pq.read_table(dataset("purchases/online_retail.parquet"))
    clean = read.filter(
        (pc.field("Quantity") > 0) & (pc.field("UnitPrice") > 0) & pc.field("CustomerID").is_valid()
    )
    thousandths = pc.cast(pc.round(pc.multiply(clean["UnitPrice"], 1000)), pa.int64())
    net = pc.multiply(thousandths, pc.cast(clean["Quantity"], pa.int64()))
    lines = pa.table(
        {
            "line": pa.array(range(clean.num_rows)),
            "sale": pc.multiply(2, pc.cast(pc.cast(clean["InvoiceNo"], pa.string()), pa.int64())),
            "customer": pc.multiply(2, pc.cast(clean["CustomerID"], pa.int64())),
            "product": clean["StockCode"].combine_chunks().dictionary_encode().indices,
            "day": pc.cast(pc.floor_temporal(clean["InvoiceDate"], unit="day"), pa.date32()),
            "is_return": pa.array([False] * clean.num_rows),
            "quantity": pc.cast(clean["Quantity"], pa.float64()),
            "net": net,
        }
    )
    sales = lines.group_by("sale").aggregate(
        [("customer", "max"), ("day", "min"), ("is_return", "min"), ("net", "sum")]
    )
    sales = sales.rename_columns(
        {"customer_max": "customer", "day_min": "day", "is_return_min": "is_return", "net_sum": "net"}
    )
    return duck({"calendar_day": calendar(date(2010, 12, 1), AS_OF), "sale": sales, "sale_line": lines})


def test_the_published_figures(retail: Tables) -> None:
    context = EvalContext(AS_OF, ZoneInfo("Europe/London"), "gregorian")
    [total] = retail.fetch(ask(retail, ["orders", "buyers", "revenue"], context=context)).to_pylist()
    assert (total["orders"], total["buyers"], total["revenue"]) == (18_532, 4_338, 8_911_407_904)
    for of in ("sale", "sale_line"):
        orders = customers.orders(retail, AS_OF, of=of)  # type: ignore[arg-type]
        rolled = customers.buyers(orders)
        curve = customers.whale(rolled, "revenue")
        for share, brings in ((0.2, 0.7459), (0.01, 0.3178)):
            [row] = retail.fetch(customers.brought_by(curve, share)).to_pylist()
            assert row["share"] == pytest.approx(brings, abs=5e-5)
        cohorts = customers.cohorts(retail, orders, customers.buyers(orders), "gregorian")
        first = retail.fetch(cohorts.filter(cohorts.cohort == date(2010, 12, 1)).order_by("age"))
        assert first["customers"].to_pylist()[:6] == [885, 324, 286, 340, 321, 352]
