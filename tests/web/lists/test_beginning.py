"""Where «معامله‌ها» leads: to the board, or to what this person looked at last."""

from __future__ import annotations

from typing import Any

import pytest

from peyvand.operational.sales.public import PIPELINE, STAGE, Pipeline
from peyvand.platform.objects.models import SavedView
from peyvand.platform.objects.records import create_record
from peyvand.platform.objects.views import create_view
from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.web.objects.lists.filters import is_buildable

DEALS = "/w/arman/deals/"


def opened(client: Any) -> str:
    """Where the sidebar's link ends."""
    answer = client.get(DEALS)
    return answer["Location"] if answer.status_code == 302 else DEALS


def test_deals_open_on_their_board_and_then_as_they_were_looked_at_last(cast: Any, browse: Any) -> None:
    client = browse(cast.sara)
    assert opened(client) == f"{DEALS}board"
    assert f'href="{DEALS}?view=all"' in client.get(f"{DEALS}board").content.decode()
    table = client.get(f"{DEALS}?view=all").content.decode()
    assert f'hx-post="{DEALS}views/used?view=all"' in table
    assert client.post(f"{DEALS}views/used?view=all").status_code == 204
    assert opened(client) == DEALS
    assert f"{DEALS}views/used?view=board" in client.get(f"{DEALS}board").content.decode()
    client.post(f"{DEALS}views/used?view=board")
    assert opened(client) == f"{DEALS}board"
    assert opened(browse(cast.mina)) == f"{DEALS}board"
    assert client.get("/w/arman/tasks/").status_code == 200


def test_a_board_kept_as_a_view_comes_back_with_its_pipeline(cast: Any, acting: Any, browse: Any) -> None:
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        service = create_record(ctx, PIPELINE, {"name": "Service"})
        create_record(ctx, STAGE, {"name": "Asked", "pipeline": service.id})
    client = browse(cast.sara)
    page = client.get(f"{DEALS}board?pipeline={service.id}").content.decode()
    save = page.split("views/save?")[1].split('"')[0].replace("&amp;", "&")
    client.post(f"{DEALS}views/save?{save}", {"name": "Service"}, headers={"HX-Request": "true"})
    with workspace_scope(cast.arman.id):
        view = SavedView.objects.get(name="Service")
    kept = client.get(f"{DEALS}board?view={view.id}").content.decode()
    assert 'data-name="Asked"' in kept
    assert 'data-name="شناسایی نیاز"' not in kept
    with workspace_scope(cast.arman.id):
        default = Pipeline.objects.get(is_default=True).id
    other = client.get(f"{DEALS}board?view={view.id}&pipeline={default}").content.decode()
    assert 'data-name="شناسایی نیاز"' in other
    # What the page fetches by itself stays with the pipeline that was chosen.
    assert f"pipeline={default}" in other.split("data-changes-url")[1].split('"')[1]


@pytest.mark.parametrize(
    ("raw", "usable"),
    [
        ({"not": {"or": [{"field": "name", "op": "is", "value": "a"}]}}, True),
        ({"and": [{"not": {"field": "name", "op": "is", "value": "a"}}]}, True),
        ({"not": {"xor": []}}, False),
    ],
)
def test_negated_groups_can_be_opened_in_the_builder(raw: Any, usable: bool) -> None:
    assert is_buildable(raw) is usable


def test_the_sheet_of_a_phone_offers_sort_columns_clearing_and_the_bin(
    cast: Any, acting: Any, browse: Any
) -> None:
    condition = '{"field":"name","op":"contains","value":"a"}'
    client = browse(cast.sara)
    page = client.get("/w/arman/people/", {"filter": condition}).content.decode()
    address = page.split("/menu/sheet?")[1].split('"')[0].replace("&amp;", "&")
    sheet = client.get(f"/w/arman/people/menu/sheet?{address}").content.decode()
    for text in ("پاک کردن شرط‌ها", "?bin=1", "sort=", "columns=", "views/save?", "views/arrange"):
        assert text in sheet, text
    with workspace_scope(cast.arman.id):
        view = create_view(acting(cast.sara), object="person", name="Mine")
    sheet = client.get(f"/w/arman/people/menu/sheet?view={view.id}").content.decode()
    assert "rename=1" in sheet
    assert "پاک کردن شرط‌ها" not in sheet
