"""A masked field shows its shape and tells nothing more, whichever way it is asked; it cannot be written either."""

from __future__ import annotations

import json
from typing import Any

import pytest

from peyvand.platform.identity.models import Role, User
from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.testing.programs import Program, program_of

RULES = {
    "person.phones": "masked", "person.phone": "masked", "person.national_id": "masked", "person.email": "masked",
    "person.emails": "masked", "deal.amount": "masked", "deal.weighted": "masked",
}  # fmt: skip


@pytest.fixture
def sara(cast: Any) -> Program:
    return program_of(cast.sara, cast.arman)


@pytest.fixture
def babak(cast: Any) -> Program:
    with workspace_scope(cast.arman.id):
        grants = {"person.*": "all", "deal.*": "all", "stage.view": "all", "pipeline.view": "all"}
        role = Role.objects.create(key="guard", name="Guard", grants=grants, fields=RULES)
        User.objects.filter(id=cast.babak.id).update(role=role)
    return program_of(cast.babak, cast.arman)


@pytest.fixture
def person(sara: Program) -> int:
    made = sara.post(
        "people",
        {
            "given_name": "Nasrin",
            "phones": [{"value": "09123456789"}],
            "emails": [{"value": "nasrin@secret.example"}],
        },
    )
    assert made.status == 201, made.json
    return int(made.json["id"])


def test_the_api_shows_the_shape_alone(sara: Program, babak: Program, person: int) -> None:
    assert "3456789" in json.dumps(sara.get(f"people/{person}").json)
    for answer in (
        babak.get(f"people/{person}"), babak.get("people"), babak.get("people", fields="phone,phones,email"),
        babak.patch(f"people/{person}", {"given_name": "Nasrin"}), babak.get(f"people/{person}/timeline"),
    ):  # fmt: skip
        assert answer.status == 200
        assert "912345" not in json.dumps(answer.json)
        assert "nasrin@" not in json.dumps(answer.json)
    assert babak.get(f"people/{person}").json["phone"] == "••••6789"


def test_screens_show_the_shape_alone(babak: Program, person: int, cast: Any, browse: Any) -> None:
    pages = browse(cast.babak)
    for path in (
        f"people/{person}/",
        "people/?columns=name,phone,phones",
        f"people/{person}/peek",
        f"people/{person}/edit",
    ):
        text = pages.get(f"/w/arman/{path}").content.decode()
        assert "Nasrin" in text, path
        assert not [told for told in ("3456789", "۳۴۵۶۷۸۹", "nasrin@secret") if told in text], path
    assert "••••6789" in pages.get("/w/arman/people/?columns=name,phone").content.decode()


def test_it_is_not_found_filtered_or_sorted_by(
    sara: Program, babak: Program, person: int, cast: Any, browse: Any
) -> None:
    assert len(sara.get("people", q="3456789").json["items"]) == 1
    assert babak.get("people", q="3456789").json["items"] == []
    assert b"Nasrin" not in browse(cast.babak).get("/w/arman/palette", {"q": "3456789"}).content
    asked = json.dumps({"field": "phone", "op": "starts_with", "value": "+98912"})
    assert babak.get("people", filter=asked).status == 422
    assert babak.get("people", sort="phone").status == 422
    assert babak.get("deals", sort="amount").status == 422
    through = json.dumps({"field": "person.phone", "op": "starts_with", "value": "+98912"})
    assert babak.get("deals", filter=through).status == 422


def test_it_is_not_written(babak: Program, person: int, cast: Any, browse: Any) -> None:
    assert babak.patch(f"people/{person}", {"phones": []}).status == 422
    answer = browse(cast.babak).post(f"/w/arman/people/{person}/field/phones", {"phones": ""})
    assert answer.status_code in (403, 404)


def test_a_shared_view_does_not_ask_for_whom_it_is_hidden_from(
    sara: Program, babak: Program, cast: Any
) -> None:
    """A view of somebody who sees the amounts, used by somebody who does not: as if there were none."""
    from peyvand.kernel.conditions import parse
    from peyvand.operational.sales.public import DEAL
    from peyvand.platform.identity.actor import user_actor
    from peyvand.platform.objects.queries import ListQuery

    sara.post("deals", {"name": "Big", "amount": 900})
    sara.post("deals", {"name": "None"})
    with workspace_scope(cast.arman.id):
        rich = parse({"field": "amount", "op": "gt", "value": 100}, DEAL.condition_schema)
        empty = parse({"field": "amount", "op": "empty"}, DEAL.condition_schema)
        owner, guard = user_actor(cast.arman.id, cast.sara.id), user_actor(cast.arman.id, cast.babak.id)
        assert ListQuery(DEAL, owner, (), rich).rows().count() == 1
        assert ListQuery(DEAL, guard, (), rich).rows().count() == 0
        assert ListQuery(DEAL, guard, (), empty).rows().count() == 2
