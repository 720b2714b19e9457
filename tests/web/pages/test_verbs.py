"""Verbs from the page: the dialog that asks, the refusal that keeps, the path of stages."""

from __future__ import annotations

import json
from typing import Any

import pytest

from peyvand.platform.objects.records import create_record
from peyvand.platform.objects.spec import object_named
from peyvand.platform.workspaces.scope import workspace_scope

HTMX = {"HX-Request": "true"}


@pytest.fixture
def deal(cast: Any, acting: Any) -> Any:
    with workspace_scope(cast.arman.id):
        return create_record(
            acting(cast.sara), object_named("deal"), {"name": "Winter supply", "amount": 1000}
        )


def test_a_verb_asks_for_what_it_needs(cast, visiting, deal):
    sara, url = visiting(cast.sara), f"/w/arman/deals/{deal.id}/do"
    asked = sara.get(f"{url}/lose", headers=HTMX).content.decode()
    assert 'name="lost_reason"' in asked
    refused = sara.post(f"{url}/lose", {"asked": "lost_reason,lost_note", "lost_note": "kept"}, headers=HTMX)
    assert refused.status_code == 422
    html = refused.content.decode()
    assert "kept" in html
    assert 'id="f-lost_reason-e"' in html
    with workspace_scope(cast.arman.id):
        reason = object_named("lost_reason").model.objects.first()
    done = sara.post(f"{url}/lose", {"asked": "lost_reason", "lost_reason": str(reason.id)}, headers=HTMX)
    assert done.status_code == 200
    assert '"closeDialog": true' in done["HX-Trigger"]
    with workspace_scope(cast.arman.id):
        assert object_named("deal").model.objects.get(id=deal.id).status == "lost"
    assert visiting(cast.viewer).post(f"{url}/win", headers=HTMX).status_code == 403
    assert sara.post(f"{url}/nosuch", headers=HTMX).status_code == 404
    assert visiting(cast.cyrus).post(f"{url}/win", headers=HTMX).status_code == 404


def test_a_step_of_the_path_asks_only_for_what_is_missing(cast, visiting, deal):
    with workspace_scope(cast.arman.id):
        stages = object_named("stage").model.objects
        lost, second = stages.get(kind="lost"), stages.filter(kind="open").order_by("position")[1]
        reason = object_named("lost_reason").model.objects.first()
    sara, url = visiting(cast.sara), f"/w/arman/deals/{deal.id}/"
    page = sara.get(url).content.decode()
    assert f'hx-post="{url}do/move" hx-vals=\'{{"stage": "{second.id}"}}\'' in page
    there = sara.post(f"{url}do/move", {"stage": str(second.id)}, headers=HTMX)
    assert there.status_code == 200
    assert f"is now in \u2068{second.name}\u2069." in json.loads(there["HX-Trigger"])["toast"]["text"]
    asked = sara.post(f"{url}do/move", {"stage": str(lost.id)}, headers=HTMX)
    html = asked.content.decode()
    assert asked.status_code == 422
    assert f'<input type="hidden" name="stage" value="{lost.id}">' in html
    assert 'name="lost_reason"' in html
    assert 'name="amount"' not in html
    moved = sara.post(
        f"{url}do/move",
        {"asked": "lost_reason", "stage": str(lost.id), "lost_reason": str(reason.id)},
        headers=HTMX,
    )
    assert moved.status_code == 200
    assert 'class="lost"' in sara.get(f"{url}?part=path").content.decode()


def test_a_part_of_a_page_whose_record_went_to_the_bin_swaps_the_page_so_that_the_undo_stays(
    cast, visiting, deal
):
    sara, at = visiting(cast.sara), f"/w/arman/deals/{deal.id}/"
    assert "undo" in json.loads(sara.post(f"{at}delete", headers=HTMX)["HX-Trigger"])["toast"]
    for part in ("head", "side", "related"):
        answer = sara.get(f"{at}?part={part}", headers=HTMX)
        assert json.loads(answer["HX-Location"])["path"] == at
        assert "HX-Refresh" not in answer
