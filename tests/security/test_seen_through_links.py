"""What a role hides cannot be found out by asking: not through a link, not from a timeline."""

from __future__ import annotations

import json
from typing import Any

import pytest

from peyvand.platform.identity.models import Role, User
from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.testing.programs import Program, program_of


@pytest.fixture
def sara(cast: Any) -> Program:
    return program_of(cast.sara, cast.arman)


@pytest.fixture
def seller(cast: Any) -> Program:
    """Babak, who sees deals of everybody, but companies of his own only."""
    with workspace_scope(cast.arman.id):
        role = Role.objects.create(
            key="seller",
            name="Seller",
            grants={"deal.view": "all", "company.view": "own"},
            fields={"deal.amount": "hidden"},
        )
        User.objects.filter(id=cast.babak.id).update(role=role)
    return program_of(cast.babak, cast.arman)


def found(program: Program, **condition: Any) -> set[str]:
    answer = program.get("deals", filter=json.dumps(condition))
    assert answer.status == 200, answer.json
    return {item["title"] for item in answer.json["items"]}


def test_a_filter_does_not_look_into_records_out_of_sight(sara: Program, seller: Program, cast: Any) -> None:
    hers = sara.post("companies", {"name": "Secret", "revenue": 5000}).json["id"]
    his = sara.post("companies", {"name": "Open", "revenue": 5000, "owner": cast.babak.id}).json["id"]
    for name, company in (("of hers", hers), ("of his", his), ("of nobody", None)):
        assert sara.post("deals", {"name": name, "company": company}).status == 201
    rich = {"field": "company.revenue", "op": "gt", "value": 1}
    assert found(sara, **rich) == {"of hers", "of his"}
    assert found(seller, **rich) == {"of his"}
    # Whatever is asked, her company answers as if there were none.
    for value in (1, 5000, 9999):
        assert "of hers" in found(seller, field="company.revenue", op="is_not", value=value)
        assert "of hers" in found(seller, **{"not": {"field": "company.revenue", "op": "lt", "value": value}})
    assert found(seller, field="company.revenue", op="empty") == {"of hers", "of nobody"}
    assert found(seller, field="company.name", op="contains", value="Secr") == set()


def test_a_timeline_does_not_tell_a_hidden_amount(sara: Program, seller: Program) -> None:
    id = sara.post("deals", {"name": "Big", "amount": 987_654_321_000}).json["id"]
    sara.patch(f"deals/{id}", {"amount": 987_655_321_000})
    assert sara.post(f"deals/{id}/win").status == 200
    assert "987655321" in json.dumps(sara.get(f"deals/{id}/timeline").json)
    told = seller.get(f"deals/{id}/timeline")
    assert told.status == 200
    assert "987655321" not in json.dumps(told.json)


def test_a_hidden_number_is_not_found_by_searching(sara: Program, cast: Any, browse: Any) -> None:
    with workspace_scope(cast.arman.id):
        role = Role.objects.create(
            key="blind",
            name="Blind",
            grants={"person.view": "all"},
            fields={"person.phones": "hidden", "person.phone": "hidden"},
        )
        User.objects.filter(id=cast.babak.id).update(role=role)
    assert sara.post("people", {"given_name": "Nasrin", "phones": [{"value": "09123456789"}]}).status == 201
    blind = program_of(cast.babak, cast.arman)
    for program, user, count in ((sara, cast.sara, 1), (blind, cast.babak, 0)):
        assert len(program.get("people", q="3456789").json["items"]) == count
        assert (b"Nasrin" in browse(user).get("/w/arman/palette", {"q": "3456789"}).content) is bool(count)
        assert len(program.get("people", q="nasr").json["items"]) == 1
        assert len(browse(user).get("/w/arman/people/options", {"q": "asri"}).json()) == 1
