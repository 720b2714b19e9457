"""Data quality in a real browser, in Persian: reckon, look at the figures, and come to the rows behind one."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from peyvand.administration.quality.jobs import work_off
from peyvand.administration.quality.models import QualityRun
from peyvand.platform.actions.context import job_context
from peyvand.platform.objects.records import create_record
from peyvand.platform.objects.spec import object_named
from peyvand.platform.workspaces.scope import workspace_scope


@pytest.mark.slow
@pytest.mark.parametrize("width", [1440, 360])
def test_from_the_figure_to_the_rows(committed: Any, signed_in: Any, width: int) -> None:
    with workspace_scope(committed.arman.id):
        ctx = job_context(committed.arman)
        for n, city in enumerate(("یزد", "", "")):
            create_record(ctx, object_named("person"), {"family_name": f"نفر {n}", "city": city})
    page = signed_in(committed.sara, width=width)
    page.goto("/w/arman/settings/quality")
    page.get_by_role("button", name="محاسبهٔ دوباره").click()
    page.locator("#progress").wait_for()
    with workspace_scope(committed.arman.id):
        run = QualityRun.objects.get()
    work_off(committed.arman, run_id=run.id)
    # The page sees by itself that it is done.
    page.locator("#progress").wait_for(state="detached")
    page.get_by_role("link", name="اشخاص", exact=True).and_(page.locator(".pane a")).click()
    page.get_by_role("heading", name="فیلد به فیلد").wait_for()
    row = page.locator("tr", has=page.get_by_role("rowheader", name="شهر", exact=True)).first
    row.get_by_role("link", name="۲ خالی").click()
    page.wait_for_url("**/people/?*filter=*")
    expect(page.locator("#rows tr[data-id]")).to_have_count(2)
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
