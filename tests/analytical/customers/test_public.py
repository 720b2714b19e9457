"""The analyses on public data sets whose figures are known; PEYVAND_DATASETS names the folder that they are in."""

from __future__ import annotations

import csv
import os
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from tests.analytical.customers.making import TODAY, figures, found, of, sale_table

from peyvand.analytical.customers.profit import CostsUnknown

FOLDER = os.environ.get("PEYVAND_DATASETS", "")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not FOLDER, reason="PEYVAND_DATASETS names no folder"),
]


def cdnow() -> dict[str, pa.Table]:
    lines = [
        line.split() for line in (Path(FOLDER) / "purchases" / "CDNOW_sample.txt").read_text().splitlines()
    ]
    return {
        "sale": sale_table(
            (2 * int(row[1]), datetime.strptime(row[2], "%Y%m%d").date(), round(float(row[4]) * 100))
            for row in lines
        )
    }


def retail() -> dict[str, pa.Table]:
    """Lines by code and invoices by number, as they are."""
    lines = pq.read_table(Path(FOLDER) / "purchases" / "online_retail.parquet")
    lines = lines.rename_columns([name.lower().replace(" ", "") for name in lines.column_names])
    net = pc.round(
        pc.multiply(pc.multiply(lines["quantity"].cast("double"), lines["unitprice"]), 100.0)
    ).cast("int64")
    codes = lines["stockcode"].cast("string").combine_chunks().dictionary_encode()
    numbers = lines["invoiceno"].cast("string").combine_chunks().dictionary_encode()
    whole = pa.table({
        "line": pa.array(np.arange(lines.num_rows)),
        "sale": pc.multiply(numbers.indices.cast("int64"), 2),
        "customer": pc.multiply(lines["customerid"].cast("double").cast("int64"), 2),
        "product": pc.add(codes.indices.cast("int64"), 1),
        "day": lines["invoicedate"].cast("date32"),
        "is_return": pc.less(lines["quantity"], 0),
        "quantity": lines["quantity"].cast("double"),
        "net": net,
    })  # fmt: skip
    sales = whole.group_by("sale").aggregate([("customer", "max"), ("day", "min"), ("net", "sum")])
    return {
        "sale": sales.rename_columns(["sale", "customer", "day", "net"]),
        "sale_line": whole,
        "product": pa.table({
            "product": pa.array(range(1, len(codes.dictionary) + 1), pa.int64()), "name": codes.dictionary,
            "is_active": pa.array([True] * len(codes.dictionary)),
        }),
    }  # fmt: skip


def test_value_of_music_buyers_holds_its_published_figures() -> None:
    finding = found("value", cdnow(), as_of=date(1998, 6, 30), horizon_days=273)
    told = figures(finding)
    assert finding.card.beside is not None
    assert finding.card.beside.is_better
    assert finding.card.beside.method <= 0.79
    assert told["Correlation with what happened"] >= 0.62
    assert told["Revenue that the best tenth brought"] >= 50


def test_value_of_a_wholesalers_customers_says_what_cannot_be_measured() -> None:
    finding = found("value", retail(), as_of=date(2011, 12, 9))
    notes = [note.template for note in finding.card.notes]
    assert any(note.startswith("These data do not tell customers who left") for note in notes)
    assert any(note.startswith("Less than two years") for note in notes)
    assert set(of(finding, "alive").values()) == {None}
    assert figures(finding)["Revenue that the best tenth brought"] >= 56


def test_churn_of_a_wholesalers_customers_is_told_better_than_by_recency() -> None:
    finding = found("churn", retail(), as_of=date(2011, 12, 9))
    assert finding.card.beside is not None
    assert finding.card.beside.is_better
    assert finding.card.beside.method >= 0.72
    # Corrected by the quarter before, as today's are: before Christmas more come back than in autumn, and the card warns.
    assert figures(finding)["Expected calibration error"] == pytest.approx(9, abs=1)
    assert finding.card.caution is not None


def test_cohorts_and_the_curve_of_a_wholesaler_are_those_published() -> None:
    """Of the published clean set: lines with a customer, a price and a quantity above nothing."""
    tables = retail()
    lines = tables["sale_line"].filter(
        (pc.field("net") > 0) & (pc.field("quantity") > 0) & pc.field("customer").is_valid()
    )
    clean = lines.group_by("sale").aggregate([("customer", "max"), ("day", "min"), ("net", "sum")])
    sales = {"sale": clean.rename_columns(["sale", "customer", "day", "net"])}
    cohorts = found("cohorts", sales, as_of=date(2011, 12, 9)).more["gregorian"]["customers"]
    assert cohorts[0][:6] == [885, 324, 286, 340, 321, 352]
    # The set knows no costs: with goods that cost nothing, the curve is that of revenue, which is published.
    table = sales["sale"].append_column("cost", pa.array([0] * clean.num_rows, pa.int64()))
    told = figures(found("profit", {"sale": table}, as_of=date(2011, 12, 9)))
    assert told["Profit"] == pytest.approx(891_140_790, abs=500)
    assert told["Profit of the best fifth"] == pytest.approx(74.59, abs=0.01)
    assert told["Profit of the best hundredth"] == pytest.approx(31.78, abs=0.01)
    with pytest.raises(CostsUnknown):
        found("profit", sales, as_of=date(2011, 12, 9))


def test_offers_of_a_wholesaler_find_more_new_purchases_than_the_best_sellers() -> None:
    finding = found("offers", retail(), as_of=date(2011, 12, 9))
    assert finding.card.beside is not None
    assert finding.card.beside.is_better
    assert finding.card.beside.method >= 2 * finding.card.beside.simple


def test_contracts_of_a_telephone_company_are_told_by_what_a_contract_says() -> None:
    """Who left did so within the last month; of the 19 fields a contract has the kind, the charge and its beginning."""
    with (Path(FOLDER) / "churn" / "Telco-Customer-Churn.csv").open() as file:
        rows = list(csv.DictReader(file))
    started = [TODAY - timedelta(days=31 + round(30.44 * int(row["tenure"]))) for row in rows]
    table = pa.table({
        "subscription": pa.array(range(len(rows)), pa.int64()),
        "customer": pa.array([2 * n for n in range(1, len(rows) + 1)], pa.int64()),
        "kind": [f"{row['Contract']}, {row['InternetService']}" for row in rows],
        "started": pa.array(started, pa.date32()),
        "ended": pa.array([TODAY - timedelta(days=5) if row["Churn"] == "Yes" else None for row in rows], pa.date32()),
        "amount": [round(float(row["MonthlyCharges"]) * 100) for row in rows],
    })  # fmt: skip
    finding = found("lapse", {"subscription": table})
    assert figures(finding)["Pairs ranked correctly"] >= 83.5
    assert figures(finding)["Expected calibration error"] <= 2.5
