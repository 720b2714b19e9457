"""The e-mail challenge of 2008 told as a campaign is; PEYVAND_DATASETS names the folder that it is in."""

from __future__ import annotations

import csv
import gzip
import os
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from peyvand.analytical.campaigns.trials import Trial
from peyvand.analytical.campaigns.uplift import learned, plain

FOLDER = os.environ.get("PEYVAND_DATASETS", "")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not FOLDER, reason="PEYVAND_DATASETS names no folder"),
]


def told(mail: str, target: str) -> dict[str, Any]:
    """What is said of one of the two mails, against those who got none; half of the 64,000 people are here."""
    with gzip.open(Path(FOLDER) / "campaigns" / "hillstrom_even.csv.gz", "rt") as file:
        rows = [row for row in csv.DictReader(file) if row["segment"] in (mail, "No E-Mail")]
    fields: dict[str, Any] = {name: np.array([row[name] for row in rows]) for name in ("zip_code", "channel")}
    for name in ("recency", "history", "mens", "womens", "newbie"):
        fields[name] = np.array([float(row[name]) for row in rows])
    treated = np.array([row["segment"] == mail for row in rows])
    came = np.array([row[target] == "1" for row in rows])
    day = date(2008, 3, 20)
    return plain(learned(Trial("file", mail, day, day, treated, came, 0, fields, least=0.02, alone=0.5)))


def test_the_mail_to_women_brings_visits_and_whom_it_brings_is_told() -> None:
    found = told("Womens E-Mail", "visit")
    assert found["verdict"] == "better"
    assert found["difference"][0] == pytest.approx(4.48, abs=0.01)
    assert 0.5 < found["ranking"]["qini"][0] < 0.9
    assert found["ranking"]["tenths"][0][0] > found["difference"][0]
    # Whoever bought for women before answers, and by far the most of it is that.
    assert found["fields"][0][0] in ("womens", "mens")


def test_that_the_mail_to_men_sells_is_sure_but_not_to_whom() -> None:
    found = told("Mens E-Mail", "visit")
    assert found["difference"][0] == pytest.approx(7.50, abs=0.01)
    found = told("Mens E-Mail", "conversion")
    assert found["verdict"] == "better"
    assert (found["ranking"], found["code"]) == (None, "not_enough")
