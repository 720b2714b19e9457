"""What was agreed upon holds for that customer, that product and that quantity, once; and papers tell nobody a customer out of sight."""

from __future__ import annotations

from typing import Any

import pytest

from peyvand.operational.quotes.public import set_limits
from peyvand.platform.identity.models import RecordShare
from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.testing.programs import program_of


@pytest.fixture
def product(cast: Any, acting: Any) -> int:
    """What costs 1,000,000; members may take off five percent."""
    with workspace_scope(cast.arman.id):
        set_limits(acting(cast.sara), limits={"member": "5"})
    made: int = (
        program_of(cast.sara, cast.arman).post("products", {"name": "Server", "price": 1_000_000}).json["id"]
    )
    return made


def company(cast: Any, **more: Any) -> int:
    made: int = program_of(cast.sara, cast.arman).post("companies", {"name": "Cust", **more}).json["id"]
    return made


def accepted(program: Any, company: int, lines: Any) -> int:
    quote: int = program.post("quotes", {"company": company, "lines": lines}).json["id"]
    assert program.post(f"quotes/{quote}/send").status == 200
    assert program.post(f"quotes/{quote}/accept", {"signer": "x"}).status == 200
    return quote


def made_of(program: Any, proforma: int) -> int:
    answer = program.post(f"invoices/{proforma}/convert")
    assert answer.status == 200, answer.json
    made = [i for i in program.get("invoices").json["items"] if i["original"] is not None]
    assert len(made) == 1
    return int(made[0]["id"])


def issue(program: Any, paper: int) -> int:
    return int(program.post(f"invoices/{paper}/issue").status)


def test_a_free_sample_frees_one_piece_for_that_customer_and_nothing_else(cast: Any, product: int) -> None:
    babak, ours = program_of(cast.babak, cast.arman), company(cast, owner=cast.babak.id)
    sample = {"product": product, "quantity": 1, "discount": 100}
    other = {"description": "Work", "price": 100_000_000, "quantity": 1}
    quote = accepted(babak, ours, [sample, other])
    paper = babak.post(f"quotes/{quote}/invoice", {"kind": "invoice"}).json["result"]["id"]
    for lines in ([sample | {"quantity": 1000}], [sample, sample]):
        assert babak.patch(f"invoices/{paper}", {"lines": lines}).status == 200
        assert issue(babak, paper) == 422
    theirs = company(cast, owner=cast.babak.id)
    assert babak.patch(f"invoices/{paper}", {"lines": [sample], "company": theirs}).status == 200
    assert issue(babak, paper) == 422, "it was agreed with another customer"
    full = {"product": product, "quantity": 9}
    assert babak.patch(f"invoices/{paper}", {"lines": [sample, full], "company": ours}).status == 200
    assert issue(babak, paper) == 200, "the sample as agreed, the rest at its price"


def test_a_proforma_frees_what_it_says_and_becomes_one_invoice(cast: Any, product: int) -> None:
    sara, babak = program_of(cast.sara, cast.arman), program_of(cast.babak, cast.arman)
    cheap = {"product": product, "quantity": 1, "discount": 90}
    body = {"company": company(cast, owner=cast.babak.id), "owner": cast.babak.id, "kind": "proforma"}
    proforma = sara.post("invoices", {**body, "lines": [cheap]}).json["id"]
    assert issue(sara, proforma) == 200
    paper = made_of(babak, proforma)
    assert babak.post(f"invoices/{proforma}/convert").status == 422
    assert babak.patch(f"invoices/{paper}", {"lines": [cheap | {"quantity": 5000}]}).status == 200
    assert issue(babak, paper) == 422
    assert babak.patch(f"invoices/{paper}", {"lines": [cheap]}).status == 200
    assert issue(babak, paper) == 200


def test_a_quote_is_invoiced_once_by_whichever_way(cast: Any, product: int) -> None:
    babak, ours = program_of(cast.babak, cast.arman), company(cast, owner=cast.babak.id)
    line = {"product": product, "quantity": 1}
    quote = accepted(babak, ours, [line])
    proforma = babak.post(f"quotes/{quote}/invoice", {"kind": "proforma"}).json["result"]["id"]
    assert issue(babak, proforma) == 200
    made = babak.post(f"quotes/{quote}/invoice", {"kind": "invoice"}).json["result"]["id"]
    free = babak.post("invoices", {"company": ours, "lines": [line]}).json["id"]
    assert babak.post("invoices", {"company": ours, "quote": quote, "lines": [line]}).status == 422
    assert babak.patch(f"invoices/{free}", {"quote": quote}).status == 422
    assert babak.post(f"invoices/{proforma}/convert").status == 422
    assert babak.delete(f"invoices/{made}").status in (200, 204)
    converted = made_of(babak, proforma)
    assert babak.post(f"quotes/{quote}/invoice", {"kind": "invoice"}).status == 422
    assert issue(babak, converted) == 200


def test_a_draft_tells_nobody_a_customer_out_of_sight(cast: Any, product: int) -> None:
    sara, babak = program_of(cast.sara, cast.arman), program_of(cast.babak, cast.arman)
    hidden = company(cast, national_id="10100302746")
    deal = sara.post("deals", {"name": "D", "company": hidden, "amount": 5000, "owner": cast.babak.id}).json[
        "id"
    ]
    with workspace_scope(cast.arman.id):
        # As if whoever shared the company with the deal's owner had taken that back.
        RecordShare.objects.filter(object="company", object_id=hidden).delete()
    assert babak.get(f"companies/{hidden}").status == 404
    paper = babak.post(f"deals/{deal}/invoice", {"kind": "invoice"}).json["result"]["id"]
    assert babak.get(f"invoices/{paper}/pdf").status == 403
    refused = babak.post(f"invoices/{paper}/issue")
    assert (refused.status, [e["field"] for e in refused.json["errors"]]) == (422, ["company"])
    assert babak.get(f"invoices/{paper}").json["buyer_name"] == ""
    assert issue(sara, paper) == 200
    pdf = babak.client.get(
        f"/api/v1/invoices/{paper}/pdf", headers={"Authorization": f"Bearer {babak.token}"}
    )
    assert pdf.status_code == 200, "an issued paper stays readable"
