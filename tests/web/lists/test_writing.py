"""Lists as they are worked on: cells, many rows at once, the bin, saved views."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from tests.web.lists.filling import make, people, value
from tests.web.lists.test_reading import HOME, at, ids_in


def events_of(response: Any) -> dict[str, Any]:
    return dict(json.loads(response["HX-Trigger"]))


def field_in(response: Any, name: str) -> str:
    import html

    found = re.search(rf'name="{name}"[^>]*value="([^"]*)"', response.content.decode())
    return html.unescape(found[1]) if found else ""


# Cells


def test_a_cell_is_edited_and_taken_back(cast: Any, browse: Any) -> None:
    (id,) = people(cast.sara, 1)
    client = browse(cast.sara)
    editor = client.get(f"{HOME}{id}/cell/city")
    assert 'value="Tehran"' in editor.content.decode()
    saved = client.post(
        f"{HOME}{id}/cell/city",
        {"city": "Shiraz", "was": field_in(editor, "was")},
    )
    assert saved.status_code == 200
    assert saved.content.decode().startswith("<td")
    assert "Shiraz" in saved.content.decode()
    assert value(cast.sara, "person", id, "city") == "Shiraz"
    undone = client.post(events_of(saved)["toast"]["undo"])
    assert undone.status_code == 204
    assert value(cast.sara, "person", id, "city") == "Tehran"


@pytest.mark.parametrize(
    ("key", "typed", "stored"),
    [
        ("company", "{company}", "company_id"),
        ("birthday", "۱۳۶۴/۱۰/۱۴", "birthday"),
        ("source", "referral", "source"),
        ("tags", ["vip", "new"], ""),
    ],
)
def test_cells_of_every_kind_come_back_by_undo(
    cast: Any, browse: Any, key: str, typed: Any, stored: str
) -> None:
    (company,) = make(cast.sara, "company", {"name": "Avand"})
    (id,) = people(cast.sara, 1)
    client = browse(cast.sara)
    url = f"{HOME}{id}/cell/{key}"
    before = field_in(client.get(url), "was")
    sent = typed.format(company=company) if isinstance(typed, str) else typed
    saved = client.post(url, {key: sent, "was": before})
    assert saved.status_code == 200, saved.content.decode()
    assert field_in(client.get(url), "was") != before
    if stored == "company_id":
        assert value(cast.sara, "person", id, stored) == company
    assert client.post(events_of(saved)["toast"]["undo"]).status_code == 204
    assert field_in(client.get(url), "was") == before


def test_a_refused_cell_keeps_what_was_typed(cast: Any, browse: Any) -> None:
    (id,) = people(cast.sara, 1)
    refused = browse(cast.sara).post(f"{HOME}{id}/cell/national_id", {"national_id": "1234567890"})
    assert refused.status_code == 422
    assert 'value="1234567890"' in refused.content.decode()
    assert 'class="err"' in refused.content.decode()
    assert value(cast.sara, "person", id, "national_id") == ""


def test_a_cell_changed_meanwhile_asks(cast: Any, browse: Any) -> None:
    (id,) = people(cast.sara, 1)
    client = browse(cast.sara)
    editor = client.get(f"{HOME}{id}/cell/city")
    mine = {"city": "Mine", "was": field_in(editor, "was")}
    client.post(f"{HOME}{id}/cell/city", {"city": "Theirs"})
    asked = client.post(f"{HOME}{id}/cell/city", mine)
    assert asked.status_code == 422
    assert "Theirs" in asked.content.decode()
    assert 'value="Mine"' in asked.content.decode()
    assert value(cast.sara, "person", id, "city") == "Theirs"
    again = client.post(
        f"{HOME}{id}/cell/city",
        {"city": "Mine", "was": field_in(asked, "was")},
    )
    assert again.status_code == 200
    assert value(cast.sara, "person", id, "city") == "Mine"


def test_another_field_changed_meanwhile_is_no_conflict(cast: Any, browse: Any) -> None:
    (id,) = people(cast.sara, 1)
    client = browse(cast.sara)
    editor = client.get(f"{HOME}{id}/cell/city")
    client.post(f"{HOME}{id}/cell/job_title", {"job_title": "Buyer"})
    saved = client.post(
        f"{HOME}{id}/cell/city",
        {"city": "Qom", "was": field_in(editor, "was")},
    )
    assert saved.status_code == 200
    assert value(cast.sara, "person", id, "job_title") == "Buyer"


def test_cells_hold_to_rights(cast: Any, browse: Any) -> None:
    (id,) = people(cast.sara, 1)
    mina, viewer = browse(cast.mina), browse(cast.viewer)
    assert mina.post(f"{HOME}{id}/cell/city", {"city": "X"}).status_code == 403, "sees it, may not change it"
    assert viewer.get(f"{HOME}{id}/cell/city").status_code == 403
    assert browse(cast.babak).post(f"{HOME}{id}/cell/city", {"city": "X"}).status_code == 404
    assert (
        browse(cast.sara).post(f"{HOME}{id}/cell/created_at", {"created_at": "2020-01-01"}).status_code == 403
    )
    assert value(cast.sara, "person", id, "city") == "Tehran"


# Many at once


def test_bulk_edit_counts_first_and_is_taken_back(cast: Any, browse: Any) -> None:
    ids = people(cast.sara, 3)
    client = browse(cast.sara)
    dialog = client.post(f"{HOME}bulk/edit", {"ids": ids[:2]})
    assert "ویرایش ۲ مورد" in dialog.content.decode()
    assert value(cast.sara, "person", ids[0], "city") == "Tehran"
    done = client.post(f"{HOME}bulk/edit", {"ids": ids[:2], "confirm": "1", "field": "city", "city": "Qom"})
    assert events_of(done)["changed"] == {"object": "person", "ids": ids[:2]}
    assert [value(cast.sara, "person", i, "city") for i in ids] == ["Qom", "Qom", "Tehran"]
    client.post(f"{HOME}{ids[0]}/cell/city", {"city": "Later"})
    undo = events_of(done)["toast"]["undo"]
    assert client.post(undo).status_code == 204
    assert [value(cast.sara, "person", i, "city") for i in ids] == ["Later", "Tehran", "Tehran"], (
        "a later change is left alone"
    )
    assert client.post(undo).status_code == 409, "once"


def test_bulk_refuses_a_wrong_value_before_touching_any(cast: Any, browse: Any) -> None:
    ids = people(cast.sara, 2)
    refused = browse(cast.sara).post(
        f"{HOME}bulk/edit", {"ids": ids, "confirm": "1", "field": "national_id", "national_id": "12"}
    )
    assert refused.status_code == 422
    assert 'value="12"' in refused.content.decode()


def test_bulk_counts_what_it_may_not_change(cast: Any, browse: Any) -> None:
    theirs, mine = people(cast.sara, 3), people(cast.babak, 2)
    client = browse(cast.mina)
    dialog = client.post(f"{HOME}bulk/edit", {"all": "1"}).content.decode()
    assert "notice warn" in dialog
    done = client.post(f"{HOME}bulk/edit", {"all": "1", "confirm": "1", "field": "city", "city": "Qom"})
    assert done.status_code == 200
    assert {value(cast.sara, "person", i, "city") for i in theirs} == {"Tehran"}
    assert {value(cast.sara, "person", i, "city") for i in mine} == {"Qom"}
    assert events_of(done)["toast"]["kind"] == "bad"


def test_bulk_needs_its_permission(cast: Any, browse: Any) -> None:
    ids = people(cast.babak, 1)
    member = browse(cast.babak)
    assert "data-bulk" not in member.get(HOME).content.decode()
    assert member.post(f"{HOME}bulk/delete", {"ids": ids}).status_code == 403
    assert browse(cast.viewer).post(f"{HOME}bulk/delete", {"ids": ids}).status_code == 403
    assert ids_in(browse(cast.sara).get(HOME)) == ids


def test_tags_are_added_and_removed(cast: Any, browse: Any) -> None:
    one, two = make(cast.sara, "person", {"given_name": "A", "tags": "old,kept"}, {"given_name": "B"})
    client = browse(cast.sara)
    done = client.post(
        f"{HOME}bulk/tag", {"ids": [one, two], "confirm": "1", "add": ["new"], "remove": ["old"]}
    )
    rows = client.get(f"{HOME}?columns=name,tags").content.decode()
    assert rows.count(">new<") == 2
    assert ">kept<" in rows
    assert ">old<" not in rows
    client.post(events_of(done)["toast"]["undo"])
    rows = client.get(f"{HOME}?columns=name,tags").content.decode()
    assert ">new<" not in rows
    assert ">old<" in rows


def test_delete_and_restore(cast: Any, browse: Any) -> None:
    ids = people(cast.sara, 3)
    client = browse(cast.sara)
    done = client.post(f"{HOME}bulk/delete", {"ids": ids[:2]})
    assert ids_in(client.get(HOME)) == ids[2:]
    assert sorted(ids_in(client.get(at(bin="1")))) == ids[:2]
    client.post(events_of(done)["toast"]["undo"])
    assert sorted(ids_in(client.get(HOME))) == ids
    client.post(f"{HOME}bulk/delete", {"ids": ids})
    client.post(f"{HOME}bulk/restore?bin=1", {"ids": ids[:1]})
    assert ids_in(client.get(HOME)) == ids[:1]


def run_to_the_end(user: Any, run_id: int) -> Any:
    from peyvand.platform.objects.jobs import work_on
    from peyvand.platform.objects.models import BulkRun
    from peyvand.platform.workspaces.scope import workspace_scope

    tenant = None
    for _ in range(10):
        with workspace_scope(user.workspace_id):
            from peyvand.platform.identity.actor import tenant_by

            tenant = tenant or tenant_by(id=user.workspace_id)
            work_on(tenant, run_id)
            run = BulkRun.objects.get(id=run_id)
            if run.state not in ("waiting", "running"):
                return run
    raise AssertionError("the run does not end")


def test_many_are_worked_on_by_a_job(cast: Any, browse: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from peyvand.platform.objects import bulk
    from peyvand.platform.objects.models import BulkRun
    from peyvand.platform.workspaces.scope import workspace_scope

    monkeypatch.setattr(bulk, "AT_ONCE", 5)
    monkeypatch.setattr(bulk, "SET", 4)
    people(cast.sara, 3, city="Yazd")
    mine, theirs = people(cast.babak, 9), people(cast.sara, 2)
    client = browse(cast.mina)
    begun = client.post(f"{at(filter={'field': 'city', 'op': 'is', 'value': 'Tehran'}).replace('people/', 'people/bulk/edit')}",
                        {"all": "1", "confirm": "1", "field": "city", "city": "Qom"})  # fmt: skip
    assert begun["HX-Retarget"] == "#runs"
    assert {value(cast.sara, "person", i, "city") for i in mine} == {"Tehran"}, "nothing before the job"
    with workspace_scope(cast.arman.id):
        run = BulkRun.objects.get()
    late = people(cast.babak, 1)
    run = run_to_the_end(cast.mina, run.id)
    assert (run.state, run.done, run.refused) == ("done", 9, 2)
    assert {value(cast.sara, "person", i, "city") for i in mine} == {"Qom"}
    assert {value(cast.sara, "person", i, "city") for i in (*theirs, *late)} == {"Tehran"}
    line = client.get(f"{HOME}bulk-run/{run.id}").content.decode()
    assert "hx-trigger" not in line
    assert "<li>" in line
    assert browse(cast.sara).get(f"{HOME}bulk-run/{run.id}").status_code == 404, "another's run"
    run_to_the_end(cast.mina, run.id)
    with workspace_scope(cast.arman.id):
        assert BulkRun.objects.get().done == 9, "a job that runs once more does no more"


def test_a_run_is_stopped_between_sets(cast: Any, browse: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from peyvand.platform.identity.actor import tenant_by
    from peyvand.platform.objects import bulk
    from peyvand.platform.objects.jobs import work_on
    from peyvand.platform.objects.models import BulkRun
    from peyvand.platform.workspaces.scope import workspace_scope

    monkeypatch.setattr(bulk, "AT_ONCE", 1)
    monkeypatch.setattr(bulk, "SET", 2)
    people(cast.sara, 6)
    client = browse(cast.sara)
    client.post(f"{HOME}bulk/delete", {"all": "1", "confirm": "1"})
    with workspace_scope(cast.arman.id):
        run = BulkRun.objects.get()
        work_on(tenant_by(id=cast.arman.id), run.id)
    client.post(f"{HOME}bulk-run/{run.id}/stop")
    assert run_to_the_end(cast.sara, run.id).state == "stopped"
    assert len(ids_in(client.get(HOME))) == 4


def test_a_rule_refuses_its_rows_and_lets_the_others_through(cast: Any, browse: Any) -> None:
    """A company cannot be its own parent: only that row of the set is refused."""
    a, b = make(cast.sara, "company", {"name": "A"}, {"name": "B"})
    done = browse(cast.sara).post(
        "/w/arman/companies/bulk/edit", {"ids": [a, b], "confirm": "1", "field": "parent", "parent": a}
    )
    assert value(cast.sara, "company", b, "parent_id") == a
    assert value(cast.sara, "company", a, "parent_id") is None
    assert events_of(done)["toast"]["kind"] == "bad"


# Saved views


def save(client: Any, name: str, audience: str = "private", query: str = "", **more: Any) -> Any:
    return client.post(f"{HOME}views/save?{query}", {"name": name, "audience": audience, **more})


def test_a_view_keeps_filter_order_and_columns(cast: Any, browse: Any) -> None:
    wanted, _ = make(
        cast.sara, "person", {"given_name": "A", "city": "Yazd"}, {"given_name": "B", "city": "Qom"}
    )
    client = browse(cast.sara)
    query = at(
        filter={"field": "city", "op": "is", "value": "Yazd"}, sort="-name", columns="name:300,city"
    ).partition("?")[2]
    saved = save(client, "Yazd", query=query, is_pinned="1")
    where = json.loads(saved["HX-Location"])["path"]
    page = client.get(where)
    body = page.content.decode()
    assert ids_in(page) == [wanted]
    assert re.findall(r'<col data-col="(\w+)"', body) == ["name", "city"]
    assert 'data-w="300"' in body
    assert body.count("Yazd") > 2
    assert 'aria-current="page"' in body
    assert where.partition("?")[2] in client.get("/w/arman/companies/").content.decode(), (
        "pinned: in the sidebar of every page"
    )
    assert ids_in(client.get(f"{where}&filter=")) != [wanted], "the address may leave the view's filter out"
    client.post(f"{HOME}views/save?{where.partition('?')[2]}&filter=&into=1")
    assert len(ids_in(client.get(where))) == 2
    client.post(f"{HOME}views/{where.partition('=')[2]}/delete")
    assert client.get(where)["Location"] == f"{HOME}?view=all"


def test_who_sees_a_view(cast: Any, browse: Any) -> None:
    sara, mina, babak, viewer = (browse(u) for u in (cast.sara, cast.mina, cast.babak, cast.viewer))
    save(sara, "Saras own"), save(sara, "For all", "everyone"), save(mina, "For sales", "team")
    seen = {name: [n for n in ("Saras own", "For all", "For sales") if n in c.get(HOME).content.decode()]
            for name, c in (("sara", sara), ("mina", mina), ("babak", babak), ("viewer", viewer))}  # fmt: skip
    assert seen == {
        "sara": ["Saras own", "For all"],
        "mina": ["For all", "For sales"],
        "babak": ["For all", "For sales"],
        "viewer": ["For all"],
    }
    assert save(viewer, "No").status_code == 403
    assert save(babak, "Loud", "everyone").status_code == 422, "a member shares with the team at most"
    assert save(sara, "").status_code == 422


def test_others_views_are_not_changed(cast: Any, browse: Any) -> None:
    where = json.loads(save(browse(cast.sara), "For all", "everyone")["HX-Location"])["path"]
    id, babak = where.partition("=")[2], browse(cast.babak)
    assert babak.get(where).status_code == 200
    assert babak.post(f"{HOME}views/{id}/delete").status_code == 403
    assert babak.post(f"{HOME}views/save?view={id}&into={id}&sort=name").status_code == 403
    mine = json.loads(save(browse(cast.sara), "Mine")["HX-Location"])["path"]
    assert babak.get(mine)["Location"] == f"{HOME}?view=all"
    assert b"Mine" not in babak.get(mine, follow=True).content
    led = browse(cast.cyrus).get(f"/w/rival/people/?view={id}", follow=True)
    assert led.redirect_chain == [("/w/rival/people/?view=all", 302)]
    assert b"For all" not in led.content
