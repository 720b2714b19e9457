from __future__ import annotations

import json
from typing import Any

import pytest

from peyvand.operational.sales.objects import DEAL
from peyvand.operational.sales.public import LostReason, Pipeline, Stage
from peyvand.platform.objects.records import create_record
from peyvand.platform.workspaces.models import Workspace
from peyvand.platform.workspaces.scope import workspace_scope

SETTINGS = "/w/arman/settings"
PAGES = ("workspace", "pipelines", "lost-reasons", "competitors", "tags")


def test_the_settings_lead_to_their_first_page(cast: Any, visiting: Any) -> None:
    # What is one's own stands first, and everybody has that.
    for user in (cast.sara, cast.viewer):
        assert visiting(user).get(f"{SETTINGS}/")["Location"] == f"{SETTINGS}/notifications"


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("language", ["fa", "en"])
def test_every_page_opens_for_the_owner_and_not_for_a_viewer(
    cast: Any, visiting: Any, page: str, language: str
) -> None:
    html = visiting(cast.sara, language).get(f"{SETTINGS}/{page}").content.decode()
    assert f'href="{SETTINGS}/{page}" aria-current="page"' in html
    assert visiting(cast.viewer).get(f"{SETTINGS}/{page}").status_code == 403
    assert visiting(cast.cyrus).get(f"{SETTINGS}/{page}").status_code == 404


def test_the_workspace_takes_on_what_is_right_and_names_what_is_wrong(cast: Any, visiting: Any) -> None:
    client = visiting(cast.sara)
    right = {
        "name": "Arman & Sons",
        "language": "en",
        "currency": "EUR",
        "money_unit": "rial",
        "timezone": "Europe/Berlin",
    }
    wrong = client.post(
        f"{SETTINGS}/workspace",
        {**right, "timezone": "Atlantis/Capital", "name": ""},
        headers={"HX-Request": "true"},
    )
    assert wrong.status_code == 422
    assert wrong.content.decode().count('aria-invalid="true"') == 2
    assert "Atlantis/Capital" in wrong.content.decode()
    assert Workspace.objects.get(id=cast.arman.id).currency == "IRR"
    assert client.post(f"{SETTINGS}/workspace", right).status_code == 302
    assert Workspace.objects.filter(id=cast.arman.id, **right).exists()
    assert "Arman &amp; Sons" in client.get(f"{SETTINGS}/workspace").content.decode()
    assert visiting(cast.mina).post(f"{SETTINGS}/workspace", {**right, "name": "Mine"}).status_code == 403
    assert Workspace.objects.get(id=cast.arman.id).name == "Arman & Sons"


def test_stages_take_a_new_order(cast: Any, visiting: Any) -> None:
    with workspace_scope(cast.arman.id):
        pipeline = Pipeline.objects.get(is_default=True)
        ids = list(
            Stage.objects.filter(pipeline=pipeline, kind="open")
            .order_by("position")
            .values_list("id", flat=True)
        )
    turned = ids[::-1]
    client = visiting(cast.sara)
    assert (
        client.post(
            f"{SETTINGS}/pipelines/{pipeline.id}/order", {"order": ",".join(map(str, turned))}
        ).status_code
        == 204
    )
    with workspace_scope(cast.arman.id):
        now = (
            Stage.objects.filter(pipeline=pipeline, kind="open")
            .order_by("position")
            .values_list("id", flat=True)
        )
        assert list(now) == turned
    for order in ("", "1,1", "x", f"{ids[0]},999999999"):
        assert client.post(f"{SETTINGS}/pipelines/{pipeline.id}/order", {"order": order}).status_code == 404
    assert (
        visiting(cast.babak)
        .post(f"{SETTINGS}/pipelines/{pipeline.id}/order", {"order": f"{ids[0]}"})
        .status_code
        == 403
    )


def test_a_stage_with_deals_in_it_stays(cast: Any, acting: Any, visiting: Any) -> None:
    with workspace_scope(cast.arman.id):
        first, second = Stage.objects.filter(pipeline__is_default=True, kind="open").order_by("position")[:2]
        create_record(acting(cast.sara), DEAL, {"name": "Tiles", "stage": first.id})
    client = visiting(cast.sara)
    kept = client.post(f"{SETTINGS}/stages/{first.id}/remove")
    assert kept.status_code == 409
    assert "move them elsewhere" in json.loads(kept["HX-Trigger"])["toast"]["text"]
    assert client.post(f"{SETTINGS}/pipelines/{first.pipeline_id}/remove").status_code == 409
    gone = client.post(f"{SETTINGS}/stages/{second.id}/remove")
    assert gone.status_code == 200
    with workspace_scope(cast.arman.id):
        assert Stage.objects.get(id=first.id).deleted_at is None
        assert Stage.objects.get(id=second.id).deleted_at is not None
    assert (
        client.post(
            json.loads(gone["HX-Trigger"])["toast"]["undo"], headers={"HX-Request": "true"}
        ).status_code
        == 200
    )
    with workspace_scope(cast.arman.id):
        assert Stage.objects.get(id=second.id).deleted_at is None
    assert visiting(cast.cyrus).post(f"/w/rival/settings/stages/{second.id}/remove").status_code == 404


def test_reasons_of_loss_take_a_new_order_and_competitors_have_none(cast: Any, visiting: Any) -> None:
    with workspace_scope(cast.arman.id):
        ids = list(LostReason.objects.order_by("position").values_list("id", flat=True))[::-1]
    client = visiting(cast.sara)
    assert (
        client.post(f"{SETTINGS}/lost-reasons/order", {"order": ",".join(map(str, ids))}).status_code == 204
    )
    with workspace_scope(cast.arman.id):
        assert list(LostReason.objects.order_by("position").values_list("id", flat=True)) == ids
    assert client.post(f"{SETTINGS}/competitors/order", {"order": "1"}).status_code == 404
