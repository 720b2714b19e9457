"""Whose money pays whose invoice: nobody pays, spends or takes back what is a colleague's, and nobody gets round the credit limit."""

from __future__ import annotations

from typing import Any

import pytest

from peyvand.testing.programs import program_of


@pytest.fixture
def company(cast: Any) -> int:
    """A customer of Babak's, of whom a colleague has an open invoice of 1,000 that Babak does not see."""
    sara = program_of(cast.sara, cast.arman)
    made: int = sara.post("companies", {"name": "Cust", "owner": cast.babak.id}).json["id"]
    issued(sara, made)
    return made


def issued(program: Any, company: int, **more: Any) -> int:
    lines = [{"description": "Tiles", "price": 1000, "quantity": 1}]
    made = program.post("invoices", {"company": company, "lines": lines, **more}).json["id"]
    done = program.post(f"invoices/{made}/issue")
    assert done.status == 200, done.json
    return int(made)


def test_a_receipt_pays_only_what_its_writer_may_record_payments_of(cast: Any, company: int) -> None:
    sara, babak = program_of(cast.sara, cast.arman), program_of(cast.babak, cast.arman)
    [theirs] = [i["id"] for i in sara.get("invoices").json["items"]]
    receipt = babak.post("payments", {"company": company, "amount": 400}).json
    assert receipt["unused"] == 400
    moved = babak.post(f"payments/{receipt['id']}/allocate", {"to_invoice": theirs, "amount": 7})
    assert moved.status in (403, 404, 422)
    assert sara.get(f"invoices/{theirs}").json["balance"] == 1000
    mine = issued(babak, company)
    assert babak.post("payments", {"company": company, "amount": 300}).json["unused"] == 0
    assert babak.get(f"invoices/{mine}").json["balance"] == 700


def test_credit_that_is_a_colleagues_pays_no_invoice_of_ones_own(cast: Any, company: int) -> None:
    sara, babak = program_of(cast.sara, cast.arman), program_of(cast.babak, cast.arman)
    receipt = sara.post("payments", {"company": company, "amount": 1500}).json
    assert receipt["unused"] == 500
    mine = issued(babak, company)
    assert babak.post(f"invoices/{mine}/use_credit").status == 422
    assert sara.get(f"payments/{receipt['id']}").json["unused"] == 500
    assert sara.post(f"invoices/{mine}/use_credit").status == 200
    assert babak.get(f"invoices/{mine}").json["balance"] == 500


def test_a_receipt_that_let_an_invoice_be_issued_is_voided_by_who_may_approve_it(
    cast: Any, company: int
) -> None:
    sara, babak = program_of(cast.sara, cast.arman), program_of(cast.babak, cast.arman)
    assert sara.post(f"companies/{company}/set_credit_limit", {"amount": 1500}).status == 200
    receipt = babak.post("payments", {"company": company, "amount": 900}).json["id"]
    issued(babak, company)
    refused = babak.post(f"payments/{receipt}/void", {"reason": "typo"})
    assert refused.status == 422, refused.json
    assert babak.get(f"payments/{receipt}").json["status"] == "valid"
    assert sara.post(f"payments/{receipt}/void", {"reason": "It never came"}).status == 200
