"""The time zone is looked for by a city, in the reader's language; the unit of amounts is asked where it matters."""

from __future__ import annotations

from typing import Any

import pytest

from peyvand.platform.workspaces.models import Workspace

ZONES = "/w/arman/settings/timezones"


@pytest.mark.parametrize(
    ("typed", "first"), [("تهران", "Asia/Tehran"), ("tehr", "Asia/Tehran"), ("لندن", "Europe/London"), ("ho chi", "Asia/Ho_Chi_Minh")]
)  # fmt: skip
def test_a_zone_is_found_by_a_city_in_either_language(
    cast: Any, visiting: Any, typed: str, first: str
) -> None:
    found = visiting(cast.sara, "fa").get(ZONES, {"q": typed}).json()
    assert found[0]["id"] == first


def test_the_page_offers_a_picker_and_refuses_what_is_no_zone(cast: Any, visiting: Any) -> None:
    client = visiting(cast.sara, "fa")
    page = client.get("/w/arman/settings/workspace").content.decode()
    assert f'data-url="{ZONES}"' in page
    assert 'value="Asia/Tehran" data-label="تهران"' in page
    assert "of-rial" in page
    values = {"name": "Arman", "language": "fa", "currency": "IRR", "money_unit": "toman"}
    refused = client.post("/w/arman/settings/workspace", {**values, "timezone": "Mars/Base"})
    assert refused.status_code == 422
    assert 'aria-invalid="true"' in refused.content.decode()
    client.post("/w/arman/settings/workspace", {**values, "timezone": "Europe/London"})
    assert Workspace.objects.get(id=cast.arman.id).timezone == "Europe/London"


def test_only_who_may_see_the_settings_is_answered(cast: Any, visiting: Any) -> None:
    assert visiting(cast.babak).get(ZONES).status_code == 403
