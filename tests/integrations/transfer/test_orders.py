"""Files of orders with one row for each line: the rows of one number are one order, and the same file again changes nothing."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from peyvand.integrations.transfer.mapping import MappingFile, mapping_of
from peyvand.integrations.transfer.report import Report
from peyvand.integrations.transfer.running import Wish, run_import
from peyvand.operational.catalog.public import Product
from peyvand.operational.contacts.public import COMPANY, Company
from peyvand.operational.orders.public import Order, OrderLine
from peyvand.platform.objects.records import create_record
from peyvand.platform.workspaces.models import Workspace
from peyvand.platform.workspaces.scope import workspace_scope

HEADS = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
ALL = frozenset({"company", "product"})


def retail(path: Path, *rows: str) -> Path:
    path.write_text(HEADS + "".join(f"{row}\n" for row in rows), encoding="utf-8")
    return path


@pytest.fixture
def taken(cast: Any, acting: Any) -> Any:
    """Imports a file into a workspace that counts in pounds."""
    Workspace.objects.filter(id=cast.rival.id).update(currency="GBP", timezone="Europe/London")
    with workspace_scope(cast.rival.id):
        ctx = acting(cast.cyrus)

    def take(path: Path, create: frozenset[str] = ALL, told: Any = None) -> Report:
        wish = Wish(mapping_of(told) if told else MappingFile(), create, refused=path.parent)
        return run_import(ctx, [path], wish)

    take.ctx = ctx  # type: ignore[attr-defined]
    return take


def test_rows_of_one_number_are_one_order_wherever_they_stand(cast: Any, taken: Any, tmp_path: Path) -> None:
    file = retail(
        tmp_path / "sales.csv",
        "536365,85123A,WHITE HOLDER,6,2010-12-01 08:26,2.55,17850.0,United Kingdom",
        "536366.0,22633,HAND WARMER,6,2010-12-01 08:28,1.85,17850,United Kingdom",
        "536365,71053,WHITE LANTERN,3,2010-12-01 08:27,3.39,17850.0,United Kingdom",
        "C536379,85123A,WHITE HOLDER,-1,2010-12-02 09:41,2.55,17850,United Kingdom",
        "536414,22139,,56,2010-12-01 11:52,0,,United Kingdom",
        "536415,85123A,WHITE HANGING HOLDER,1000,2011-01-05 10:00,0.001,,United Kingdom",
    )
    report = taken(file)
    [done] = report.files
    assert (done.object, done.problem, done.tally.rows, done.tally.created, done.refused) == (
        "order",
        None,
        6,
        5,
        [],
    )
    with workspace_scope(cast.rival.id):
        first = Order.objects.get(number="536365")
        lines = OrderLine.objects.filter(order=first).order_by("position")
        assert list(lines.values_list("product__code", "description", "quantity", "price")) == [
            ("85123A", "WHITE HOLDER", 6, 255), ("71053", "WHITE LANTERN", 3, 339)
        ]  # fmt: skip
        assert (first.total, first.status, first.kind) == (6 * 255 + 3 * 339, "fulfilled", "sale")
        # A naive time is the workspace's, and an order is as old as its first line.
        zone = taken.ctx.tenant.tz
        assert first.ordered_at == datetime(2010, 12, 1, 8, 26, tzinfo=zone)
        # "17850.0" and "17850" are one customer; where the file names none, the order has none.
        [company] = Company.objects.filter(name__startswith="17850")
        assert set(Order.objects.exclude(company=None).values_list("company_id", "number")) == {
            (company.id, number) for number in ("536365", "536366", "C536379")
        }  # fmt: skip
        back = Order.objects.get(number="C536379")
        assert (back.kind, back.total) == ("return", -255)
        # The same code is the same product, called as it was called last; lines keep their words.
        assert Product.objects.get(code="85123A").name == "WHITE HANGING HOLDER"
        # A price below a penny is rounded, what a thousand of them come to is not.
        assert Order.objects.get(number="536415").total == 100
        assert Product.objects.get(code="22139").name == "22139"
    again = taken(file)
    assert (again.totals.created, again.totals.updated, again.totals.unchanged) == (0, 0, 5)


def test_a_product_that_newer_lines_call_otherwise_is_renamed_and_older_ones_rename_nothing(
    cast: Any, taken: Any, tmp_path: Path
) -> None:
    def name() -> str:
        with workspace_scope(cast.rival.id):
            [product] = Product.objects.filter(code="K1")
            return str(product.name)

    taken(retail(tmp_path / "a.csv", "1,K1,Kettle,1,2020-05-01,10,,"))
    taken(retail(tmp_path / "b.csv", "2,K1,Electric kettle,1,2020-06-01,10,,"))
    assert name() == "Electric kettle"
    taken(retail(tmp_path / "c.csv", "3,K1,Tea kettle,1,2020-04-01,10,,"))
    assert name() == "Electric kettle"


def test_what_is_wrong_with_a_line_refuses_its_order_with_the_reason(
    cast: Any, taken: Any, tmp_path: Path
) -> None:
    file = retail(
        tmp_path / "sales.csv",
        "1,A,Apple,1,2020-01-01,10,,",
        "1,B,Pear,many,2020-01-01,10,,",
        "2,A,Apple,0,2020-01-01,10,,",
        "3,A,Apple,1,,10,,",
        "4,A,Apple,1,2020-01-01,10,17,",
        "4,A,Apple,1,2020-01-01,10,18,",
        "5,A,Apple,1,2020-01-01,10,,",
    )
    report = taken(file)
    [done] = report.files
    assert (done.tally.created, done.tally.refused) == (1, 6)
    found = sorted((one.line, one.column) for refusal in done.refused for one in refusal.all)
    assert [line for line, _ in found] == [2, 3, 4, 5, 6, 7]
    assert {(3, "Quantity"), (4, "Quantity"), (7, "CustomerID")} <= set(found)
    written = (tmp_path / "sales.refused.csv").read_text(encoding="utf-8-sig").splitlines()
    assert len(written) == 7
    with workspace_scope(cast.rival.id):
        assert list(Order.objects.values_list("number", flat=True)) == ["5"]


def test_what_is_not_there_is_made_only_where_that_is_wanted(cast: Any, taken: Any, tmp_path: Path) -> None:
    file = retail(tmp_path / "sales.csv", "1,A,Apple,1,2020-01-01,10,17,", "2,A,Apple,1,2020-01-01,10,18,")
    assert taken(file, create=frozenset()).totals.refused == 2
    with workspace_scope(cast.rival.id):
        create_record(taken.ctx, COMPANY, {"name": "Seventeen", "external_id": "17"})
    report = taken(file, create=frozenset({"product"}))
    assert (report.totals.created, report.totals.refused) == (1, 1)
    with workspace_scope(cast.rival.id):
        assert Order.objects.get(number="1").company.name == "Seventeen"


def test_columns_of_a_warehouse_are_read_like_a_sheet_and_side_by_side(
    cast: Any, taken: Any, tmp_path: Path
) -> None:
    path = tmp_path / "sales.parquet"
    table = {
        "InvoiceNo": ["7", "7", "8"], "StockCode": ["A", "B", "A"], "Description": ["Apple", "Pear", None],
        "Quantity": [2, 1, 1], "InvoiceDate": [datetime(2020, 1, 1, 10), datetime(2020, 1, 1, 10), datetime(2030, 1, 1)],
        "UnitPrice": [1.5, 2.0, 1.5], "CustomerID": [17850.0, 17850.0, None], "Country": ["UK"] * 3,
    }  # fmt: skip
    pq.write_table(pa.table(table), path)
    assert taken(path).totals.created == 2
    with workspace_scope(cast.rival.id):
        assert dict(Order.objects.values_list("number", "total")) == {"7": 500, "8": 150}
        # What lies in the future is kept: it is not delivered yet.
        assert Order.objects.get(number="8").status == "placed"


def test_another_currency_comes_with_its_rate(cast: Any, taken: Any, tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_text(
        "Order no,Order date,Product,Qty,Unit price,Currency,Exchange rate\n"
        "1,2024-01-01,Apple,2,10,EUR,1.25\n2,2024-01-01,Apple,2,10,EUR,\n3,2024-01-01,Apple,2,10,,\n",
        encoding="utf-8",
    )
    report = taken(path)
    assert (report.totals.created, report.totals.refused) == (2, 1)
    assert report.files[0].refused[0].column == "Exchange rate"
    with workspace_scope(cast.rival.id):
        order = Order.objects.get(number="1")
        assert (order.currency, order.rate, order.total) == ("EUR", Decimal("1.25"), 2500)
        assert Order.objects.get(number="3").total == 2000


def test_without_numbers_what_was_bought_at_one_moment_is_one_order(
    cast: Any, taken: Any, tmp_path: Path
) -> None:
    path = tmp_path / "orders.csv"
    path.write_text(
        "Customer,Order date,Product,Qty,Amount\nAnn,2024-01-01,Apple,3,10\nAnn,2024-01-01,Pear,1,5\nAnn,2024-01-02,Pear,1,5\n",
        encoding="utf-8",
    )
    told = {"object": "order"}
    assert taken(path, told=told).totals.created == 2
    again = taken(path, told=told).totals
    assert (again.created, again.updated, again.unchanged) == (0, 0, 2)
    with workspace_scope(cast.rival.id):
        assert sorted(Order.objects.values_list("total", flat=True)) == [500, 1500]
