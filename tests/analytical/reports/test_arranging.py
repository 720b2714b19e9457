"""Everybody's board may look as they want it, and nobody else's changes by it."""

from __future__ import annotations

from typing import Any

from peyvand.analytical.reports.keeping import keep_report
from peyvand.analytical.reports.question import Question
from peyvand.platform.workspaces.scope import workspace_scope


def keys(client: Any) -> list[str]:
    told = client.get("/w/arman/insights").context
    return [card.key for card in (*told["kpis"], *told["cards"])]


def test_cards_are_moved_left_out_and_added_for_oneself(cast: Any, acting: Any, browse: Any) -> None:
    with workspace_scope(cast.arman.id):
        report = keep_report(
            acting(cast.sara), {"name": "فروش", "audience": "everyone"}, Question(("revenue",), span="ever")
        )
    client, page = browse(cast.sara), "/w/arman/insights/arrange/insights"
    before, other = keys(client), f"report-{report.pk}"
    first, second, *_rest = before
    assert other not in before
    assert client.post(page, {"card": second, "do": "earlier"}).status_code == 302
    assert keys(client)[:2] == [second, first]
    client.post(page, {"card": first, "do": "hide"})
    assert first not in keys(client)
    assert first in client.get(page).context["hidden"]
    assert [row.pk for row in client.get(page).context["reports"]] == [report.pk]
    client.post(f"/w/arman/reports/{report.pk}/pin", {"on": "1"})
    client.post(page, {"card": other, "do": "earlier"})
    assert keys(client)[-2] == other
    assert 'name="on"' not in client.get(f"/w/arman/reports/build?report={report.pk}").content.decode()
    client.post(page, {"do": "anew"})
    assert set(keys(client)) == {*before, other}
    client.post(f"/w/arman/reports/{report.pk}/pin", {})
    assert keys(client) == before
    # What means nothing changes nothing.
    for asked in (
        {"card": "nonsense", "do": "hide"},
        {"card": first, "do": "nonsense"},
        {"card": first, "do": "earlier"},
        {},
    ):
        assert client.post(page, asked).status_code == 302
    assert keys(client) == before
    assert client.get("/w/arman/insights/arrange/nonsense").status_code == 404


def test_a_report_of_another_is_not_added(cast: Any, acting: Any, browse: Any) -> None:
    with workspace_scope(cast.arman.id):
        report = keep_report(acting(cast.sara), {"name": "فروش"}, Question(("revenue",), span="ever"))
    assert browse(cast.mina).post(f"/w/arman/reports/{report.pk}/pin", {"on": "1"}).status_code == 404
