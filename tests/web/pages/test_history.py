"""The History tab, a value put back, a record as it was on a day, and the bin over all objects."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from peyvand.administration.members.actions import create_token
from peyvand.kernel import clock
from peyvand.platform.actions.context import job_context
from peyvand.platform.actions.long import begin_work, end_work
from peyvand.platform.events.models import EventRow
from peyvand.platform.identity.actor import access_changed
from peyvand.platform.identity.models import Role
from peyvand.platform.objects.history import as_of, fetch_history
from peyvand.platform.objects.queries import fetch_row
from peyvand.platform.objects.records import create_record, delete_records, update_record
from peyvand.platform.objects.spec import object_named
from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.testing.programs import Program

HX = {"HX-Request": "true"}


@pytest.fixture
def ali(cast: Any, acting: Any) -> Any:
    person = object_named("person")
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        firm, other = (create_record(ctx, object_named("company"), {"name": n}) for n in ("Avand", "Bahar"))
        one = create_record(ctx, person, {"name": "Ali Karimi", "company": firm.id, "about": "first words"})
        update_record(ctx, person, one, {"about": "second words", "company": other.id})
    return one


def test_the_tab_tells_every_change_and_can_be_narrowed(cast: Any, visiting: Any, ali: Any) -> None:
    sara = visiting(cast.sara)
    url = f"/w/arman/people/{ali.id}/"
    whole = sara.get(f"{url}?tab=history").content.decode()
    assert all(
        word in whole
        for word in (
            "first words",
            "second words",
            "Avand",
            "Bahar",
            "created it on the screen",
            "changed it on the screen",
        )
    )
    narrowed = sara.get(f"{url}history?field=about").content.decode()
    assert "second words" in narrowed
    assert "Bahar" not in narrowed


def test_a_field_tells_where_its_value_comes_from(cast: Any, acting: Any, visiting: Any, ali: Any) -> None:
    sara, url = visiting(cast.sara), f"/w/arman/people/{ali.id}/"
    assert f'hx-get="{url}origin/about"' in sara.get(f"{url}?part=side").content.decode()
    about = sara.get(f"{url}origin/about").content.decode()
    assert "<bdi>Sara Moini</bdi></b> changed it on the screen" in about
    assert "first words" in about
    assert f"{url}?tab=history&amp;field=about" in about
    untouched = sara.get(f"{url}origin/city").content.decode()
    assert "<bdi>Sara Moini</bdi></b> created it on the screen" in untouched
    assert "Before:" not in untouched
    with workspace_scope(cast.arman.id):
        token = create_token(job_context(cast.arman), cast.sara, name="Warehouse")
    Program(token, "en").patch(f"people/{ali.id}", {"city": "Kish"})
    with workspace_scope(cast.arman.id):
        ali.refresh_from_db()
        imported = begin_work(acting(cast.sara))
        update_record(imported, object_named("person"), ali, {"job_title": "Buyer"}, source="import")
        end_work(imported, "import.run", "person", 1, {"files": ["people.csv"]})
    assert "changed it through the API (Warehouse)" in sara.get(f"{url}origin/city").content.decode()
    title = sara.get(f"{url}origin/job_title").content.decode()
    assert "<bdi>Sara Moini</bdi></b> changed it by an import (people.csv)" in title
    assert sara.get(f"{url}origin/nothing").status_code == 404
    with workspace_scope(cast.arman.id):
        Role.objects.filter(key="viewer").update(fields={"person.about": "hidden"})
        access_changed(cast.arman.id)
    assert visiting(cast.viewer).get(f"{url}origin/about").status_code == 404
    assert visiting(cast.cyrus).get(f"{url}origin/city").status_code == 404


def test_a_value_is_restored_and_that_taken_back_again(cast: Any, visiting: Any, ali: Any) -> None:
    sara, person = visiting(cast.sara), object_named("person")
    with workspace_scope(cast.arman.id):
        event = EventRow.objects.filter(
            object="person", object_id=ali.id, wire="objects.record_updated.v1"
        ).latest("id")
    at = f"/w/arman/people/{ali.id}/history/{event.id}/restore"
    for key, before, after in (("about", "first words", "second words"), ("company", "Avand", "Bahar")):
        answer = sara.post(at, {"field": key}, headers=HX)
        toast = json.loads(answer["HX-Trigger"])["toast"]
        with workspace_scope(cast.arman.id):
            now = person.rows.select_related("company").get(id=ali.id)
            assert (now.about, now.company.name)[key == "company"] == before
        assert sara.post(toast["undo"], headers=HX).status_code == 204
        with workspace_scope(cast.arman.id):
            now = person.rows.select_related("company").get(id=ali.id)
            assert (now.about, now.company.name)[key == "company"] == after
    assert visiting(cast.viewer).post(at, {"field": "about"}, headers=HX).status_code == 403
    assert sara.post(at, {"field": "nothing"}, headers=HX).status_code == 404


def test_the_record_as_it_was(cast: Any, acting: Any, visiting: Any, ali: Any) -> None:
    person = object_named("person")
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        events = EventRow.objects.filter(object="person", object_id=ali.id)
        EventRow.objects.filter(id__in=events.values("id"), wire="objects.record_created.v1").update(
            recorded_at=clock.now() - timedelta(days=10)
        )
        now = fetch_row(person, ctx.actor, ali.id).values
        then = as_of(ctx, person, ali.id, now, clock.now() - timedelta(days=5))
        assert then is not None
        assert (then["about"], then["company"].title) == ("first words", "Avand")
        assert as_of(ctx, person, ali.id, now, clock.now() - timedelta(days=20)) is None
        changed = fetch_history(ctx, person, ali.id, "about", limit=1).revisions[0]
        assert (changed.who, changed.cause.kind, changed.kind) == ("Sara Moini", "web", "updated")
    on = (clock.now() - timedelta(days=5)).date().isoformat()
    shown = visiting(cast.sara).get(f"/w/arman/people/{ali.id}/?tab=history&on={on}").content.decode()
    assert "first words" in shown
    assert "differs" in shown


def test_the_bin_restores_and_removes(cast: Any, acting: Any, visiting: Any, ali: Any) -> None:
    person, company = object_named("person"), object_named("company")
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        firm = create_record(ctx, company, {"name": "Cyan"})
        delete_records(ctx, person, [ali])
        delete_records(ctx, company, [firm])
    sara = visiting(cast.sara)
    page = sara.get("/w/arman/bin").content.decode()
    assert "Ali Karimi" in page
    assert "Cyan" in page
    assert "Sara Moini" in page
    assert "Cyan" not in sara.get("/w/arman/bin?object=person").content.decode()
    answer = sara.post("/w/arman/bin/restore", {"ref": [f"person:{ali.id}"]}, headers=HX)
    assert "1 record restored" in json.loads(answer["HX-Trigger"])["toast"]["text"]
    mina = visiting(cast.mina)
    mina.post("/w/arman/bin/purge", {"ref": [f"company:{firm.id}"]}, headers=HX)
    with workspace_scope(cast.arman.id):
        assert company.rows.filter(id=firm.id).exists()
    sara.post("/w/arman/bin/purge", {"ref": [f"company:{firm.id}", f"person:{ali.id}"]}, headers=HX)
    with workspace_scope(cast.arman.id):
        assert not company.rows.filter(id=firm.id).exists()
        assert person.rows.filter(id=ali.id, deleted_at=None).exists()
    assert visiting(cast.cyrus).get("/w/arman/bin").status_code == 404


def test_a_move_and_an_edit_are_taken_back_from_their_toast(
    cast: Any, acting: Any, visiting: Any, ali: Any
) -> None:
    deal, person = object_named("deal"), object_named("person")
    with workspace_scope(cast.arman.id):
        one = create_record(acting(cast.sara), deal, {"name": "CRM"})
        stage = one.stage_id
    sara = visiting(cast.sara)
    answer = sara.post(f"/w/arman/deals/{one.id}/do/win", {"asked": "closed_on"}, headers=HX)
    undo = json.loads(answer["HX-Trigger"])["toast"]["undo"]
    with workspace_scope(cast.arman.id):
        assert deal.rows.get(id=one.id).status == "won"
    assert sara.post(undo, headers=HX).status_code == 200
    with workspace_scope(cast.arman.id):
        back = deal.rows.get(id=one.id)
        assert (back.status, back.stage_id, back.closed_on) == ("open", stage, None)
    assert sara.post(undo, headers=HX).status_code == 409
    words = {"about": "by the form", "family_name": "Karimi", "given_name": "Ali"}
    answer = sara.post(f"/w/arman/people/{ali.id}/edit", words, headers=HX)
    undo = json.loads(answer["HX-Trigger"])["toast"]["undo"]
    assert sara.post(undo, headers=HX).status_code == 200
    with workspace_scope(cast.arman.id):
        assert person.rows.get(id=ali.id).about == "second words"
