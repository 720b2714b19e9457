"""Workspaces of real histories: laid down from a file that is what its name says, with what they are known by.

The sets are no part of the project. ``PEYVAND_HISTORIES=DATA_DIR`` tries the real ones too.
"""

from __future__ import annotations

import os
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from peyvand.administration.demo.histories.build import HISTORIES, Laid, lay_history
from peyvand.administration.demo.histories.retail import HEADS
from peyvand.kernel import clock
from peyvand.kernel.errors import Conflict, Invalid
from peyvand.operational.catalog.public import Product
from peyvand.operational.contacts.public import PERSON, Company, Person
from peyvand.operational.orders.public import Order, OrderLine, Subscription
from peyvand.platform.fields.types import Choice
from peyvand.platform.identity.actor import tenant_by
from peyvand.platform.workspaces.scope import workspace_scope

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 22, 9, 0, tzinfo=ZoneInfo("UTC"))
TELCO_HEADS = (
    "customerID,gender,SeniorCitizen,Partner,Dependents,tenure,PhoneService,MultipleLines,InternetService,OnlineSecurity,OnlineBackup,"
    "DeviceProtection,TechSupport,StreamingTV,StreamingMovies,Contract,PaperlessBilling,PaymentMethod,MonthlyCharges,TotalCharges,Churn"
)


def lay(key: str, folder: Path) -> Laid:
    return lay_history(key, folder, key, lambda what, count: None)


def test_invoices_of_a_wholesaler(tmp_path: Path) -> None:
    at = datetime(2010, 12, 1, 8, 26)
    rows = [
        ("536365", "85123A", "WHITE  HOLDER", 6, at, 2.55, 17850, "United Kingdom"),
        ("536366", "22633", "HAND WARMER", 2, at, 1.85, None, "France"),
        ("536365", "71053", "LANTERN", 3, at.replace(minute=27), 3.39, 17850, "United Kingdom"),
        ("C536379", "85123A", "WHITE HANGING HOLDER", -1, at.replace(day=2), 2.55, 17850, "United Kingdom"),
        ("536414", "85123A", "damaged", -4, at.replace(day=3), 0.0, None, "United Kingdom"),
        ("536415", "PADS", "PADS", 1000, at.replace(day=4), 0.001, 12346, "Iceland"),
    ]
    folder = tmp_path / "purchases"
    folder.mkdir()
    pq.write_table(
        pa.table(dict(zip(HEADS, map(list, zip(*rows, strict=True)), strict=True))),
        folder / "online_retail.parquet",
    )
    laid = lay("retail", tmp_path)
    assert [figure.found for figure in laid.figures] == [6, 5, 2, 4, 3, 1, 1, 2547]
    assert not laid.is_known
    # Its figures are of its own time: the day after its last fact.
    assert laid.tenant.present == date(2010, 12, 5)
    assert tenant_by(slug="retail") == laid.tenant
    with workspace_scope(laid.tenant.id):
        order = Order.objects.get(number="536365")
        assert (order.total, order.company.name, order.company.country) == (
            2547,
            "Customer 17850",
            "United Kingdom",
        )
        assert order.ordered_at == at.replace(tzinfo=ZoneInfo("Europe/London"))
        assert Order.objects.get(number="C536379").kind == "return"
        # Called as it was called last by somebody who paid.
        assert Product.objects.get(code="85123A").name == "WHITE HANGING HOLDER"
        assert list(OrderLine.objects.filter(order=order).order_by("position").values_list("description", flat=True)) == [
            "WHITE HOLDER", "LANTERN"
        ]  # fmt: skip
        assert Company.objects.get(external_id="12346").kind == "customer"
    with pytest.raises(Conflict):
        lay("retail", tmp_path)


def test_purchases_of_a_shop(tmp_path: Path) -> None:
    text = (
        " 00004 0001 19970101  2   29.33\n 00004 0001 19970101  3   29.00\n 00021 0002 19970101  3   63.34\n"
    )
    (tmp_path / "CDNOW_sample.txt").write_text(text, encoding="ascii")
    laid = lay("cdnow", tmp_path)
    assert [figure.found for figure in laid.figures] == [3, 2, 8, 12_167]
    assert laid.tenant.present == date(1997, 1, 2)
    with workspace_scope(laid.tenant.id):
        # Two on one day are two purchases, and a third of what they cost is no whole number of cents.
        assert list(Order.objects.filter(person__external_id="0001").order_by("number").values_list("number", "total")) == [
            ("0001-19970101-1", 2933), ("0001-19970101-2", 2900)
        ]  # fmt: skip


def test_customers_who_stayed_and_who_left(tmp_path: Path) -> None:
    row = "{},Female,0,Yes,No,{},No,No phone service,DSL,No,Yes,No,No,No,No,Month-to-month,Yes,Electronic check,29.85,{},{}"
    text = "\n".join((TELCO_HEADS, row.format("A-1", 14, "417.9", "Yes"), row.format("B-2", 0, " ", "No")))
    path = tmp_path / "Telco-Customer-Churn.csv"
    path.write_text(text, encoding="utf-8")
    with clock.freeze(NOON):
        laid = lay("telco", path)
    assert [figure.found for figure in laid.figures] == [2, 2, 1, 5970]
    assert laid.tenant.present == date(2026, 11, 2)
    with workspace_scope(laid.tenant.id):
        left = Subscription.objects.get(external_id="A-1")
        assert (left.started_on, left.ended_on, left.state) == (date(2025, 9, 1), date(2026, 11, 1), "ended")
        stays = Subscription.objects.get(external_id="B-2")
        assert (stays.started_on, stays.ended_on, stays.amount) == (date(2026, 11, 1), None, 2985)
        own = {str(f.label): f for f in PERSON.custom_fields}
        assert len(own) == 19
        person = Person.objects.get(external_id="A-1")
        contract = own["Contract"]
        assert isinstance(contract, Choice)
        assert contract.show(contract.read(person), laid_reader(laid)) == "Month-to-month"
        assert (own["Tenure"].read(person), own["Total charges"].read(person)) == (14, 41_790)


def laid_reader(laid: Laid) -> object:
    from peyvand.platform.actions.context import Context
    from peyvand.platform.identity.actor import system_actor

    return Context(system_actor(laid.tenant), "cli").reader


@pytest.mark.parametrize("key", sorted(HISTORIES))
def test_another_file_makes_nothing(key: str, tmp_path: Path) -> None:
    with pytest.raises(Invalid):
        lay(key, tmp_path)
    (tmp_path / Path(HISTORIES[key].file).name).write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(Invalid):
        lay(key, tmp_path)
    assert tenant_by(slug=key) is None


@pytest.mark.timeout(900)
@pytest.mark.skipif(
    "PEYVAND_HISTORIES" not in os.environ, reason="PEYVAND_HISTORIES names no folder with the data sets"
)
@pytest.mark.parametrize("key", sorted(HISTORIES))
def test_the_real_set_is_what_it_is_known_by(key: str) -> None:
    laid = lay(key, Path(os.environ["PEYVAND_HISTORIES"]))
    assert laid.is_known, [str(figure) for figure in laid.figures]
