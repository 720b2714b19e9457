"""The menu of columns: what was concluded about records stands under a heading of its own, after their fields."""

from __future__ import annotations

from typing import Any

HEADING = '<div class="mh">بینش‌ها</div>'


def test_insights_are_under_one_heading(cast: Any, browse: Any) -> None:
    client = browse(cast.sara)
    fields, insights = client.get("/w/arman/people/menu/columns").content.decode().split(HEADING)
    assert "بخش مشتری" not in fields
    assert "rfm_segment" in insights
    # A list without insights has no such heading.
    assert HEADING not in client.get("/w/arman/orders/menu/columns").content.decode()
