"""Two people change one value: whose stays is chosen, never decided by who saves last. And bulk work tried out first."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

from tests.web.lists.filling import make, people, value

from peyvand.platform.objects.models import BulkRun
from peyvand.platform.workspaces.scope import workspace_scope


def hidden(body: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', body)
    assert found, name
    return found[1].replace("&quot;", '"')


def clashing(
    cast: Any, browse: Any, field: str, mine: str, theirs: str
) -> tuple[Any, int, dict[str, str], Any]:
    """Sara opens the editor, Mina saves hers first, Sara saves; the answer to Sara, and what her form holds then."""
    [id] = people(cast.mina, 1)
    url = f"/w/arman/people/{id}/cell/{field}"
    sara, mina = browse(cast.sara), browse(cast.mina)
    opened = sara.get(url).content.decode()
    form = {"was": hidden(opened, "was")}
    theirs_form = mina.get(url).content.decode()
    saved = mina.post(url, {"was": hidden(theirs_form, "was"), field: theirs})
    assert saved.status_code == 200
    return sara, id, form, sara.post(url, {**form, field: mine})


def test_a_clash_shows_whose_value_stands_there(cast: Any, browse: Any) -> None:
    _, id, _, answer = clashing(cast, browse, "city", "Qom", "Yazd")
    body = answer.content.decode()
    assert answer.status_code == 422
    assert "Mina Sadeghi" in body
    assert "<bdi>Yazd</bdi>" in body
    assert 'value="Qom"' in body, "what was typed is kept"
    assert value(cast.sara, "person", id, "city") == "Yazd", "nothing is overwritten unasked"


def test_mine_or_theirs_is_ones_choice(cast: Any, browse: Any) -> None:
    for choice, wanted in (("mine", "Qom"), ("theirs", "Yazd")):
        sara, id, _, answer = clashing(cast, browse, "city", "Qom", "Yazd")
        body = answer.content.decode()
        again = {
            "was": hidden(body, "was"),
            "city": "Qom",
            "choice": choice,
        }
        assert sara.post(f"/w/arman/people/{id}/cell/city", again).status_code == 200
        assert value(cast.sara, "person", id, "city") == wanted


def test_tags_of_both_may_stay(cast: Any, browse: Any) -> None:
    sara, id, _, answer = clashing(cast, browse, "tags", "mine", "theirs")
    body = answer.content.decode()
    assert answer.status_code == 422
    assert 'value="both"' in body
    again = {"was": hidden(body, "was"), "tags": "mine", "choice": "both"}
    assert sara.post(f"/w/arman/people/{id}/cell/tags", again).status_code == 200
    kept = sara.get(f"/w/arman/people/{id}/cell/tags").content.decode()
    assert "mine" in kept
    assert "theirs" in kept


def test_the_record_page_tells_the_clash_too_and_can_take_it_back(cast: Any, browse: Any) -> None:
    [id] = people(cast.mina, 1)
    url = f"/w/arman/people/{id}/field/city"
    sara, mina = browse(cast.sara), browse(cast.mina)
    was = hidden(sara.get(url).content.decode(), "was")
    changed = mina.post(url, {"was": was, "city": "Yazd"})
    assert "undo" in changed["HX-Trigger"]
    answer = sara.post(url, {"was": was, "city": "Qom"})
    assert answer.status_code == 422
    assert "Mina Sadeghi" in answer.content.decode()
    kept = sara.post(url, {"was": was, "city": "Qom", "choice": "theirs"})
    assert "Yazd" in kept.content.decode()
    assert value(cast.sara, "person", id, "city") == "Yazd"


def test_bulk_work_is_tried_out_and_leaves_nothing(cast: Any, browse: Any) -> None:
    ids = make(
        cast.sara,
        "meeting",
        {"title": "Long", "starts_at": "2026-12-01T10:00:00Z", "ends_at": "2026-12-01T11:00:00Z"},
        {"title": "Open", "starts_at": "2026-12-01T10:00:00Z"},
    )
    post = {"ids": ids, "confirm": "1", "field": "starts_at", "starts_at": "2026-12-01T16:00", "preview": "1"}
    client = browse(cast.sara)
    body = client.post("/w/arman/meetings/bulk/edit", post).content.decode()
    assert "پایان نمی‌تواند" in body
    with workspace_scope(cast.arman.id):
        assert not BulkRun.objects.exists(), "an attempt is no run"
    assert value(cast.sara, "meeting", ids[1], "starts_at").hour == 10


def test_the_file_of_refusals_names_each_record_and_its_reason(cast: Any, browse: Any) -> None:
    ids = make(
        cast.sara,
        "meeting",
        {"title": "=1+1", "starts_at": "2026-12-01T10:00:00Z", "ends_at": "2026-12-01T11:00:00Z"},
        {"title": "Open", "starts_at": "2026-12-01T10:00:00Z"},
    )
    client = browse(cast.sara)
    client.post(
        "/w/arman/meetings/bulk/edit",
        {"ids": ids, "confirm": "1", "field": "starts_at", "starts_at": "2026-12-01T16:00"},
    )
    with workspace_scope(cast.arman.id):
        run = BulkRun.objects.get()
        assert (run.done, run.refused) == (1, 1)
    url = f"/w/arman/meetings/bulk-run/{run.id}/refused.csv"
    lines = list(csv.reader(io.StringIO(client.get(url).content.decode().lstrip("\ufeff"))))
    assert lines[1][0] == str(ids[0])
    assert lines[1][1] == "'=1+1", "no spreadsheet takes it for a formula"
    assert lines[1][2]
    assert browse(cast.mina).get(url).status_code == 404, "a run belongs to who began it"
