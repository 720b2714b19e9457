"""The matcher finds what is the same, says why, and holds the promised precision on sets whose truth is known."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import duckdb
import pytest
from benchmarks.duplicates import FEBRL, JUDGED, entered, febrl, measure, persian

from peyvand.operational.duplicates.matching import engine
from peyvand.operational.duplicates.matching.companies import COMPANIES, company_row
from peyvand.operational.duplicates.matching.comparisons import Matching
from peyvand.operational.duplicates.matching.people import PEOPLE, person_row

# The folder of febrl1.csv and febrl3.csv, which are not part of the project.
PUBLIC = os.environ.get("PEYVAND_FEBRL", "")


def matches(matching: Matching, *rows: dict[str, Any], least: float = 0.5) -> list[engine.Match]:
    with duckdb.connect() as memory:
        engine.load(memory, matching, rows)
        return list(engine.find(memory, matching, least))


def says(match: engine.Match) -> list[str]:
    return [e.says for e in match.evidence]


def test_few_records_are_matched_by_what_one_should_believe_beforehand() -> None:
    found = matches(
        PEOPLE,
        person_row(1, given_name="علی‌رضا", family_name="کریمی", phones=["+989121112233"], city="تهران"),
        person_row(
            2, given_name="آقای عليرضا", family_name="كريمي", phones=["+989121112233", "+982188776655"]
        ),
        person_row(3, given_name="Alireza", family_name="Karimi", phones=["+989121112233"]),
        person_row(4, given_name="مریم", family_name="صادقی", phones=["+989351112233"], city="تهران"),
    )
    assert {(m.left, m.right) for m in found} == {(1, 2), (1, 3), (2, 3)}
    by_pair = {(m.left, m.right): m for m in found}
    assert {"the same name", "a phone in common"} <= set(says(by_pair[1, 2]))
    assert "the same name in another spelling or script" in says(by_pair[1, 3])


def test_many_records_of_which_no_two_share_anything_are_no_duplicates() -> None:
    rows = (company_row(n, name=f"{n:b} {n}", phones=[f"+98218{n:07}"]) for n in range(1, engine.FEW + 100))
    assert matches(COMPANIES, *rows) == []


def test_swapped_names_are_recognised() -> None:
    (match,) = matches(
        PEOPLE,
        person_row(1, given_name="ندا", family_name="رستم‌پور", emails=["n@example.ir"]),
        person_row(2, given_name="رستم پور", family_name="ندا", emails=["N@example.ir"]),
    )
    assert "the same name, given and family name swapped" in says(match)


def test_colleagues_are_not_one_for_their_office_and_its_phone() -> None:
    office = {"company": "شرکت پارس گستر", "city": "تهران", "phones": ["+982188776655"]}
    found = matches(
        PEOPLE,
        person_row(1, given_name="ندا", family_name="رستم‌پور", **office),
        person_row(2, given_name="کاوه", family_name="صادقی", **office),
    )
    assert found == []


def test_companies_are_matched_past_their_kind_and_legal_form() -> None:
    (match,) = matches(
        COMPANIES,
        company_row(
            1, name="شرکت پارس‌گستر (سهامی خاص)", website="https://www.pars.example.ir/about", city="یزد"
        ),
        company_row(2, name="بازرگانی پارس گستر", website="pars.example.ir"),
        company_row(3, name="بازرگانی سپید گستر", city="یزد"),
    )
    assert (match.left, match.right) == (1, 2)
    assert {"the same name", "the same website"} <= set(says(match))


def test_nothing_is_found_among_no_records_or_one() -> None:
    assert matches(PEOPLE) == []
    assert matches(PEOPLE, person_row(1, given_name="ندا", family_name="کریمی")) == []


def test_evidence_adds_up_with_the_weightiest_first() -> None:
    (match,) = matches(
        PEOPLE,
        person_row(
            1, given_name="ندا", family_name="رستم‌پور", phones=["+989121112233"], emails=["n@example.ir"]
        ),
        person_row(
            2, given_name="ندا", family_name="رستم‌پور", phones=["+989121112233"], emails=["other@example.ir"]
        ),
    )
    bits = [e.bits for e in match.evidence]
    assert bits == sorted(bits, key=lambda b: -abs(b))
    assert {e.says for e in match.evidence if e.bits < 0} == {"other e-mails"}


@pytest.mark.slow
def test_people_entered_twice_with_slips_are_found_again() -> None:
    raw, truth = persian(6000, seed=7)
    done = measure("Persian", PEOPLE, list(entered(raw)), truth)
    precision, recall = done.at[JUDGED]
    assert precision >= 0.99
    assert recall >= 0.94


@pytest.mark.slow
@pytest.mark.skipif(not PUBLIC, reason="PEYVAND_FEBRL names no folder")
@pytest.mark.parametrize("name", ["febrl1", "febrl3"])
def test_public_linkage_sets_are_matched(name: str) -> None:
    assert measure(name, FEBRL, *febrl(Path(PUBLIC) / f"{name}.csv")).is_met
