"""A verb's form that lay open while somebody else changed the record: who did what is said, and the form ends."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from tests.web.pages.sending import form_of

from peyvand.operational.leads.objects import LEAD
from peyvand.platform.actions.action import action_named
from peyvand.platform.objects.records import create_record, update_record
from peyvand.platform.objects.spec import object_named
from peyvand.platform.workspaces.scope import workspace_scope

HTMX = {"HX-Request": "true"}
DEAL = object_named("deal")


@pytest.fixture
def deal(cast: Any, acting: Any) -> Any:
    with workspace_scope(cast.arman.id):
        return create_record(
            acting(cast.sara), DEAL, {"name": "Winter supply", "amount": 1000, "owner": cast.mina.id}
        )


@pytest.fixture
def lead(cast: Any, acting: Any) -> Any:
    with workspace_scope(cast.arman.id):
        return create_record(
            acting(cast.sara), LEAD, {"given_name": "Neda", "phone": "09121234567", "owner": cast.mina.id}
        )


def said(answer: Any) -> dict[str, Any]:
    events: dict[str, Any] = json.loads(answer["HX-Trigger"])
    return events


def test_of_two_who_win_a_deal_the_second_hears_who_did_and_when(cast: Any, visiting: Any, deal: Any) -> None:
    sara, mina, url = visiting(cast.sara), visiting(cast.mina), f"/w/arman/deals/{deal.id}/do/win"
    hers, his = (form_of(one.get(url, headers=HTMX)) for one in (sara, mina))
    assert mina.post(url, his, headers=HTMX).status_code == 200
    late = sara.post(url, hers, headers=HTMX)
    assert late.status_code == 409
    events = said(late)
    assert events["closeDialog"] is True
    assert events["changed"] == {"object": "deal", "ids": [deal.id]}
    assert events["toast"]["kind"] == "bad"
    assert re.search(r"Mina Sadeghi won Winter supply \(today \d\d?:\d\d", events["toast"]["text"])
    # Without scripts it is a page; and a dialog asked for by a page that is old by now says the same.
    page = sara.post(url, hers | {"one-time": "another"})
    assert page.status_code == 409
    assert "Mina Sadeghi won Winter supply" in page.content.decode()
    # In the frame, with the way to the deal; so it is where the dialog's address is opened.
    opened = sara.get(url)
    assert opened.status_code == 409
    for late_page in (page.content.decode(), opened.content.decode()):
        assert 'class="crumbs"' in late_page
        assert f'href="/w/arman/deals/{deal.id}/"><bdi>Winter supply</bdi>' in late_page
    assert "Mina Sadeghi won" in said(sara.get(url, headers=HTMX))["toast"]["text"]
    # Losing what was won is as late.
    assert sara.get(f"/w/arman/deals/{deal.id}/do/lose", headers=HTMX).status_code == 409


def test_a_moment_that_no_form_can_have_been_drawn_in_says_nothing(
    cast: Any, visiting: Any, deal: Any
) -> None:
    sara, url = visiting(cast.sara), f"/w/arman/deals/{deal.id}/do/win"
    assert sara.post(url, form_of(sara.get(url, headers=HTMX)), headers=HTMX).status_code == 200
    for since in ("253402300800", "999999999999999999", "99999999999", "-1", "x", ""):
        late = visiting(cast.mina).post(url, {"seen": f"1.{since}"}, headers=HTMX)
        assert late.status_code == 409, since
        assert "won Winter supply" in said(late)["toast"]["text"]


def test_a_button_without_a_dialog_knows_what_it_was_pressed_on(cast: Any, visiting: Any, lead: Any) -> None:
    sara, mina, url = visiting(cast.sara), visiting(cast.mina), f"/w/arman/leads/{lead.id}/"
    page = sara.get(url).content.decode()
    button = re.search(rf'action="{url}do/qualify".*?name="seen" value="([^"]+)"', page)
    assert button
    assert mina.post(f"{url}do/disqualify", disqualified(cast), headers=HTMX).status_code == 200
    late = sara.post(f"{url}do/qualify", {"seen": button[1]}, headers=HTMX)
    assert late.status_code == 409
    assert "Mina Sadeghi" in said(late)["toast"]["text"]


def disqualified(cast: Any) -> dict[str, str]:
    with workspace_scope(cast.arman.id):
        return {"asked": "reason", "reason": str(object_named("lead_reason").model.objects.first().id)}


def test_a_value_refused_in_an_old_form_comes_with_what_changed(
    cast: Any, acting: Any, visiting: Any, deal: Any
) -> None:
    sara, url = visiting(cast.sara), f"/w/arman/deals/{deal.id}/do/win"
    sent = form_of(sara.get(url, headers=HTMX)) | {"closed_on": "no day"}
    alone = sara.post(url, sent, headers=HTMX)
    assert alone.status_code == 422
    assert "Meanwhile" not in alone.content.decode()
    with workspace_scope(cast.arman.id):
        update_record(acting(cast.mina), DEAL, DEAL.model.objects.get(id=deal.id), {"amount": 2000})
    html = sara.post(url, sent, headers=HTMX).content.decode()
    assert "Meanwhile Mina Sadeghi changed Amount" in html
    assert "no day" in html


def test_a_change_that_is_in_nobodys_way_is_in_nobodys_way(
    cast: Any, acting: Any, visiting: Any, deal: Any
) -> None:
    sara, url = visiting(cast.sara), f"/w/arman/deals/{deal.id}/do/win"
    sent = form_of(sara.get(url, headers=HTMX))
    with workspace_scope(cast.arman.id):
        update_record(acting(cast.mina), DEAL, DEAL.model.objects.get(id=deal.id), {"amount": 2000})
    assert sara.post(url, sent, headers=HTMX).status_code == 200
    with workspace_scope(cast.arman.id):
        assert DEAL.model.objects.get(id=deal.id).status == "won"


def test_qualifying_and_converting_are_taken_back_from_their_toast(
    cast: Any, visiting: Any, lead: Any
) -> None:
    sara, url = visiting(cast.sara), f"/w/arman/leads/{lead.id}/"

    def state() -> str:
        with workspace_scope(cast.arman.id):
            return str(LEAD.model.objects.get(id=lead.id).state)

    done = sara.post(f"{url}do/qualify", headers=HTMX)
    assert state() == "qualified"
    assert sara.post(said(done)["toast"]["undo"], headers=HTMX).status_code == 200
    assert state() == "new"
    convert = action_named("lead.convert")
    assert convert
    made = sara.post(f"{url}do/convert", {"asked": "name", "name": "Carpets"}, headers=HTMX)
    assert state() == "converted"
    assert "/deals/" in json.loads(made["HX-Location"])["path"]
    back = sara.post(said(made)["toast"]["undo"], headers=HTMX)
    assert state() == "new"
    assert json.loads(back["HX-Location"])["path"] == url
    assert said(back)["toast"]["kind"] == "good"
