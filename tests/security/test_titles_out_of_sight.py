"""What is linked to, but out of sight, is not told by its name: by lists, pages, boards, groups, the API or the bin."""

from __future__ import annotations

import json
from typing import Any

import pytest

from peyvand.platform.identity.actor import access_changed
from peyvand.platform.identity.models import RecordShare, Role, User
from peyvand.platform.objects.records import create_record
from peyvand.platform.objects.spec import object_named
from peyvand.platform.search import permitted
from peyvand.platform.workspaces.models import Workspace
from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.testing.programs import Program, program_of

SECRET = "Zarrin Holding"


@pytest.fixture
def deal(cast: Any) -> int:
    """A deal of a company that Babak may not see; of deals he sees all, and changes all."""
    with workspace_scope(cast.arman.id):
        role = Role.objects.create(
            key="seller",
            name="Seller",
            grants={"deal.*": "all", "company.*": "own", "note.*": "own", "stage.view": "all"},
        )
        User.objects.filter(id=cast.babak.id).update(role=role)
    sara = program_of(cast.sara, cast.arman)
    company = sara.post("companies", {"name": SECRET}).json["id"]
    sara.post("notes", {"text": "Ours", "about": f"company:{company}", "owner": cast.babak.id})
    made = sara.post("deals", {"name": "Big", "company": company, "owner": cast.babak.id})
    assert made.status == 201
    # Who gives a deal opens its company to the new owner; that was taken back.
    with workspace_scope(cast.arman.id):
        assert RecordShare.objects.filter(user_id=cast.babak.id).delete()[0]
        access_changed(cast.arman.id)
    return int(made.json["id"])


@pytest.fixture
def babak(deal: int, cast: Any) -> Program:
    return program_of(cast.babak, cast.arman)


def test_no_door_of_the_api_tells_it(babak: Program, deal: int) -> None:
    answers = [
        babak.get(f"deals/{deal}"), babak.get("deals"), babak.get("deals", fields="company"), babak.get("deals", expand="company"),
        babak.get("deals", sort="company"), babak.get("notes"), babak.get(f"deals/{deal}/timeline"),
        babak.get("search", q="Big"), babak.patch(f"deals/{deal}", {"amount": 5}),
    ]  # fmt: skip
    assert [answer.status for answer in answers] == [200] * len(answers)
    assert SECRET not in json.dumps([answer.json for answer in answers])
    assert answers[0].json["company"]["title"] == ""


def test_no_screen_tells_it(deal: int, cast: Any, browse: Any) -> None:
    pages = browse(cast.babak)
    for path in (
        "deals/?sort=company", f"deals/{deal}/", f"deals/{deal}/peek", f"deals/{deal}/edit", "deals/board", f"deals/{deal}/cell/company",
        f"deals/{deal}/field/company", "deals/?columns=name,company&group=company", "palette?q=Big", "search?q=Big", "deals/options?q=Big",
        "options?q=Big",
    ):  # fmt: skip
        answer = pages.get(f"/w/arman/{path}")
        assert answer.status_code == 200, path
        assert SECRET not in answer.content.decode(), path
    assert SECRET in browse(cast.sara).get(f"/w/arman/deals/{deal}/").content.decode()


def test_saving_a_form_keeps_the_link_that_is_out_of_sight(babak: Program, deal: int, cast: Any) -> None:
    company = program_of(cast.sara, cast.arman).get(f"deals/{deal}").json["company"]
    assert babak.patch(f"deals/{deal}", {"name": "Bigger", "company": company["id"]}).status == 200
    assert program_of(cast.sara, cast.arman).get(f"deals/{deal}").json["company"] == company


def test_nor_can_it_be_chosen(babak: Program, deal: int, cast: Any) -> None:
    company = program_of(cast.sara, cast.arman).get(f"deals/{deal}").json["company"]["id"]
    assert babak.post("deals", {"name": "Mine", "company": company}).status == 422


def test_a_hit_says_nothing_of_a_field_that_is_hidden(deal: int, cast: Any, browse: Any) -> None:
    with workspace_scope(cast.arman.id):
        grants = {"deal.*": "all", "company.view": "all", "stage.view": "all"}
        Role.objects.filter(key="seller").update(grants=grants, fields={"deal.company": "hidden"})
    [hit] = program_of(cast.babak, cast.arman).get("search", q="Big").json["items"]
    assert (hit["title"], hit["subtitle"]) == ("Big", "")
    [hit] = program_of(cast.sara, cast.arman).get("search", q="Big").json["items"]
    assert hit["subtitle"] == SECRET
    for path in ("palette?q=Big", "search?q=Big", "deals/options?q=Big"):
        assert SECRET not in browse(cast.babak).get(f"/w/arman/{path}").content.decode(), path
        assert SECRET in browse(cast.sara).get(f"/w/arman/{path}").content.decode(), path


def test_a_share_that_was_left_opens_nothing_of_what_the_role_may_not_see(cast: Any, acting: Any) -> None:
    with workspace_scope(cast.arman.id):
        company = create_record(acting(cast.sara), object_named("company"), {"name": SECRET})
        RecordShare.objects.create(object="company", object_id=company.id, user=cast.babak)
        access_changed(cast.arman.id)
        assert permitted.visible(acting(cast.babak).actor, [("company", company.id)])
        Workspace.objects.filter(id=cast.arman.id).update(modules_off=["contacts"])
        access_changed(cast.arman.id)

        assert permitted.visible(acting(cast.babak).actor, [("company", company.id)]) == set()
