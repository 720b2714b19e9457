"""Everything kept of a person goes along; the page asks before it forgets."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest

from peyvand.administration.members.actions import create_token
from peyvand.operational.contacts.models import Person
from peyvand.platform.actions.context import job_context
from peyvand.platform.audit.models import AuditEntry
from peyvand.platform.files.actions import attach_file
from peyvand.platform.objects.records import create_record, delete_records
from peyvand.platform.objects.spec import object_named
from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.testing.programs import Program

PERSON, DEAL, NOTE = map(object_named, ("person", "deal", "note"))


@pytest.fixture
def person(cast: Any, acting: Any, settings: Any, tmp_path: Any) -> Person:
    settings.MEDIA_ROOT = tmp_path / "media"
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        made = create_record(
            ctx, PERSON, {"given_name": "مریم", "family_name": "رضایی", "phones": "09121119977"}
        )
        create_record(ctx, NOTE, {"text": "<b>نزدیک</b>", "about": f"person:{made.id}"})
        create_record(ctx, NOTE, {"text": "از آنِ دیگری"})
        binned = create_record(ctx, NOTE, {"text": "پیش از این", "about": f"person:{made.id}"})
        delete_records(ctx, NOTE, [binned])
        create_record(ctx, DEAL, {"name": "فروش بزرگ", "person": made.id})
        attach_file(ctx, "person", made, "نامه.txt", [b"a letter"])
    return made  # type: ignore[no-any-return]


def page(person: Person, last: str) -> str:
    return f"/w/arman/settings/personal-data/{person.id}/{last}"


@pytest.mark.django_db
def test_all_of_it_goes_along(cast: Any, browse: Any, person: Person) -> None:
    answer = browse(cast.sara).get(page(person, "data.zip"))
    with zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as zip:
        told, shown = json.loads(zip.read("data.json")), zip.read("index.html").decode()
        (letter,) = [name for name in zip.namelist() if name.startswith("files/")]
        assert zip.read(letter) == b"a letter"
    tables = told["tables"]
    assert [row["name"] for row in tables["person"]] == ["مریم رضایی"]
    assert [row["text"] for row in tables["note"]] == ["<b>نزدیک</b>", "پیش از این"]
    assert [row["value"] for row in tables["contact_point"]] == ["+989121119977"]
    assert [row["name"] for row in tables["deal"]] == ["فروش بزرگ"]
    assert {row["wire"] for row in tables["event"]} >= {"objects.record_created.v1"}
    assert 'dir="rtl"' in shown
    for words in ("مریم رضایی", "&lt;b&gt;نزدیک", "فروش بزرگ", "نامه.txt", "پیش از این"):
        assert words in shown
    assert "دیگری" not in shown
    with workspace_scope(cast.arman.id):
        assert AuditEntry.objects.filter(action="person.hand_over").count() == 1


@pytest.mark.django_db
def test_the_page_of_who_was_forgotten_is_left(cast: Any, browse: Any, person: Person) -> None:
    answer = browse(cast.sara).post(
        page(person, "erase"), {"name": "مریم رضایی"}, headers={"HX-Request": "true"}
    )
    body = answer.content.decode()
    assert '"path": "/w/arman/people/"' in answer["HX-Location"]
    assert "closeDialog" in answer["HX-Trigger"]
    assert "مریم" not in body + answer.get("HX-Trigger", "")


@pytest.mark.django_db
def test_forgetting_asks_for_the_name(cast: Any, browse: Any, person: Person) -> None:
    sara = browse(cast.sara)
    assert "مریم رضایی" in sara.get(page(person, "erase")).content.decode()
    assert sara.post(page(person, "erase"), {"name": "مریم"}).status_code == 422
    with workspace_scope(cast.arman.id):
        assert Person.objects.filter(id=person.id).exists()
    assert sara.post(page(person, "erase"), {"name": "مريم رضايي"}).status_code == 200
    with workspace_scope(cast.arman.id):
        assert not Person.objects.filter(id=person.id).exists()
    assert sara.get(page(person, "erase")).status_code == 404


@pytest.mark.django_db
def test_a_key_forgets_only_whom_it_names_that_for(cast: Any, person: Person) -> None:
    def program(*scopes: str) -> Program:
        with workspace_scope(cast.arman.id):
            return Program(create_token(job_context(cast.arman), cast.sara, scopes=scopes))

    for scopes in ((), ("*",), ("person.*",)):
        assert program(*scopes).post(f"people/{person.id}/erase", {}).status == 403, scopes
    both = program("*", "person.erase", "deal.view")
    assert both.get("me").json["scopes"] == ["*", "person.erase"]
    assert both.post("people", {"given_name": "Nasim"}).status == 201
    assert both.post(f"people/{person.id}/erase", {}).status == 200
    with workspace_scope(cast.arman.id):
        assert not Person.objects.filter(id=person.id).exists()


@pytest.mark.django_db
def test_only_who_may(cast: Any, browse: Any, person: Person) -> None:
    shown = browse(cast.sara).get(f"/w/arman/people/{person.id}/").content.decode()
    assert page(person, "erase") in shown
    for user in (cast.mina, cast.babak, cast.viewer):
        each = browse(user)
        assert "personal-data" not in each.get(f"/w/arman/people/{person.id}/").content.decode()
        assert each.get(page(person, "data.zip")).status_code in (403, 404)
        assert each.post(page(person, "erase"), {"name": person.name}).status_code in (403, 404)
    assert browse(cast.cyrus).get(page(person, "erase")).status_code == 404
