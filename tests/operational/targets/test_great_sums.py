"""One great amount stops nobody's reports: a single one is bounded, and sums beyond what a column holds are reckoned all the same."""

from __future__ import annotations

from typing import Any

import pytest

from peyvand.operational.sales.public import Deal
from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.testing.programs import program_of

PLAN = {
    "name": "P", "unit": "month", "basis": "won", "way": "flat", "rates": [{"percent": 100, "over": 0}], "starts_on": "2026-10-23",
}  # fmt: skip


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("deals", {"name": "x", "amount": 10**15 + 1}, "amount"),
        ("deals", {"name": "x", "lines": [{"product": None, "price": 10**14, "quantity": 100}]}, "lines"),
        ("invoices", {"lines": [{"description": "x", "price": 10**14, "quantity": 100}]}, "lines"),
    ],
)
def test_a_greater_amount_than_anybody_means_is_refused_by_its_field(
    cast: Any, path: str, body: dict[str, Any], field: str
) -> None:
    sara = program_of(cast.sara, cast.arman)
    product = sara.post("products", {"name": "Server", "price": 1}).json["id"]
    for line in body.get("lines", ()):
        line |= {"product": product} if "product" in line else {}
    answer = sara.post(path, body)
    assert answer.status == 422
    [error] = answer.json["errors"]
    assert error["field"].partition(".")[0] == field
    assert "too large" in str(error)


def test_sums_beyond_a_column_leave_the_reports_and_the_commissions_of_all(cast: Any, browse: Any) -> None:
    sara, babak = program_of(cast.sara, cast.arman), program_of(cast.babak, cast.arman)
    assert sara.post("commission-plans", {**PLAN, "users": [cast.babak.id]}).status == 201
    deals = [babak.post("deals", {"name": "x", "amount": 5}).json["id"] for _ in range(8)]
    for deal in deals[:4]:
        assert babak.post(f"deals/{deal}/win").status == 200
    with workspace_scope(cast.arman.id):
        # Written before amounts were bounded.
        Deal.objects.filter(id__in=deals).update(amount=2**62 - 1, probability=100)
    page = browse(cast.sara)
    for report in ("sales", "forecast", "team"):
        assert page.get(f"/w/arman/reports/{report}").status_code == 200, report
    assert sara.post("commission-statements/reckon_all").status == 200
    [statement] = sara.get("commission-statements").json["items"]
    assert statement["amount"] == 2**63 - 1
