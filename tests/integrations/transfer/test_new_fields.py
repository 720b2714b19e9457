"""A column that has no field yet becomes one on the way: looked at, checked, made when the import begins."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from peyvand.integrations.transfer.jobs import undo, work
from peyvand.integrations.transfer.mapping import MappingFile
from peyvand.integrations.transfer.models import ImportRun
from peyvand.integrations.transfer.own import KINDS, kind_of
from peyvand.integrations.transfer.running import Wish, run_import
from peyvand.kernel.errors import Invalid, NotAllowed
from peyvand.operational.contacts.models import Company, Person
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.reader import Reader
from peyvand.platform.identity.actor import access_changed, user_actor
from peyvand.platform.identity.models import Role, User
from peyvand.platform.schema.models import CustomField
from peyvand.platform.workspaces.scope import workspace_scope

CSV = "نام;نام خانوادگی;موبایل;ایمیل;شهر;رنگ محبوب\nعلی;کریمی;09124382217;ali@example.ir;یزد;آبی\nندا;راد;09124382218;;قم;سبز\n"


def upload(client, name: str, text: str) -> str:
    sent = client.post("/w/arman/import/", {"files": [SimpleUploadedFile(name, text.encode())]})
    assert sent.status_code == 302, sent.content.decode()
    return sent.url


def worked(cast) -> ImportRun:
    with workspace_scope(cast.arman.id):
        run = ImportRun.objects.latest("id")
    work(cast.arman, run.id)
    with workspace_scope(cast.arman.id):
        return ImportRun.objects.get(id=run.id)


def made(cast) -> list[tuple[str, str, dict[str, str]]]:
    with workspace_scope(cast.arman.id):
        return list(CustomField.objects.order_by("id").values_list("object", "kind", "labels"))


def test_a_column_becomes_a_field_that_outlives_the_undoing(cast, browse):
    client = browse(cast.sara)
    here = upload(client, "people.csv", CSV)
    page = client.get(here).content.decode()
    # Common words tell no other product, and mean what they mean all the same.
    assert "bdg info" not in page
    for target in ("given_name", "family_name", "phones.mobile", "emails", "city"):
        assert f'<option value="{target}" selected>' in page, target
    assert '<option value="+text">' in page
    form = {"object-0": "person", "column-0-5": "+choice", "label-0-5": "رنگ"}
    assert client.post(here, {**form, "look": "1"}).status_code == 302
    page = client.get(here).content.decode()
    assert '<option value="+choice" selected>' in page
    assert 'name="label-0-5" value="رنگ"' in page
    assert made(cast) == []
    client.post(here, {**form, "check": "1"})
    run = worked(cast)
    assert (run.state, run.created, run.refused) == ("checked", 2, 0)
    assert made(cast) == []
    client.post(here, {**form, "import": "1"})
    run = worked(cast)
    assert (run.state, run.created, run.report["files"][0]["fields"]) == ("done", 2, ["رنگ"])
    [(_object, kind, labels)] = made(cast)
    assert (kind, list(labels.values())) == ("choice", ["رنگ"])
    with workspace_scope(cast.arman.id):
        field = CustomField.objects.get()
        words = {o["key"]: next(iter(o["labels"].values())) for o in field.config["options"]}
        custom = {p.given_name: words[p.custom[field.key]] for p in Person.objects.all()}
        assert custom == {"علی": "آبی", "ندا": "سبز"}
    # By which key programs know it, and where it is looked after.
    told = client.get(here).content.decode()
    assert f'<code class="ltr">{field.key}</code>' in told
    assert 'href="/w/arman/settings/objects/person/"' in told
    client.post(f"{here}/undo")
    undo(cast.arman, run.id)
    with workspace_scope(cast.arman.id):
        assert not Person.objects.exists()
    assert len(made(cast)) == 1


def test_numbers_keep_their_decimals_and_signs_tell_options_apart(cast, tmp_path):
    path = tmp_path / "companies.csv"
    path.write_text(
        "company id,name,share,language\n1,A,12,C\n2,B,۷٫۲۵,C++\n3,D,,c\n4,E,many,C\n", encoding="utf-8"
    )
    told = {"object": "company", "columns": {"share": {"new": "number"}, "language": {"new": "choice"}}}
    with workspace_scope(cast.arman.id):
        ctx = Context(user_actor(cast.arman.id, cast.sara.id), "web")
    wish = Wish(MappingFile({path.name: told}), refused=tmp_path)
    report = run_import(ctx, [path], wish)
    assert [(r.line, r.column) for r in report.files[0].refused] == [(5, "share")]
    with workspace_scope(cast.arman.id):
        share, language = CustomField.objects.order_by("id")
        assert share.config["decimals"] == 2
        rows = {c.name: c.custom for c in Company.objects.all()}
        assert [rows[name].get(share.key) for name in "ABD"] == [1200, 725, None]
        assert rows["A"][language.key] == rows["D"][language.key] != rows["B"][language.key]
    # Once there, the field is found by its name: the same mapping makes no second one.
    assert run_import(ctx, [path], wish).totals.updated == 0
    assert len(made(cast)) == 2
    other = Wish(MappingFile({path.name: {**told, "columns": {"share": {"new": "text"}}}}), refused=tmp_path)
    assert run_import(ctx, [path], other).files[0].problem is not None


def test_fields_are_made_only_by_who_may_define_them(cast, browse, tmp_path):
    with workspace_scope(cast.arman.id):
        role = Role.objects.create(
            key="clerk", name="Clerk", grants={"company.*": "all", "import.run": "all"}
        )
        User.objects.filter(id=cast.babak.id).update(role=role)
        access_changed(cast.arman.id)
        clerk = Context(user_actor(cast.arman.id, cast.babak.id), "web")
    page = browse(cast.babak).get(upload(browse(cast.babak), "c.csv", "company,colour\nAvand,blue\n"))
    assert 'value="+text"' not in page.content.decode()
    path = tmp_path / "c.csv"
    path.write_text("company,colour\nAvand,blue\n")
    told = {"object": "company", "columns": {"colour": {"new": "text"}}}
    with pytest.raises(NotAllowed):
        run_import(clerk, [path], Wish(MappingFile({path.name: told}), refused=tmp_path))
    with workspace_scope(cast.arman.id):
        assert not Company.objects.exists()
    assert made(cast) == []


def test_a_field_that_cannot_be_made_leaves_nothing_behind(cast, tmp_path):
    path = tmp_path / "c.csv"
    path.write_text("company,one,two\n" + "".join(f"C{n},{n},{n}\n" for n in range(300)))
    told = {"object": "company", "columns": {"one": {"new": "text"}, "two": {"new": "choice"}}}
    with workspace_scope(cast.arman.id):
        ctx = Context(user_actor(cast.arman.id, cast.sara.id), "web")
    with pytest.raises(Invalid):
        run_import(ctx, [path], Wish(MappingFile({path.name: told}), refused=tmp_path))
    assert made(cast) == []
    with workspace_scope(cast.arman.id):
        assert not Company.objects.exists()


@pytest.mark.parametrize(("cells", "kind"), [
    (["آبی", "سبز", "آبی", "سبز"], "choice"), (["علی", "ندا"], "text"), (["بله", "خیر"], "flag"), (["12", "۷٫۵"], "number"),
    (["0012", "0013"], "text"), (["1403/02/01", "۱۴۰۲/۱۱/۳۰"], "date"), ([datetime(2024, 5, 1, tzinfo=UTC)], "date"),
    (["09124382217", "+98 21 8877 6655"], "phone"), (["a@example.ir"], "email"), (["https://example.ir"], "url"),
    (["x" * 201], "long_text"), ([], "text"),
])  # fmt: skip
def test_the_kind_is_guessed_from_the_cells(cells, kind):
    assert kind in KINDS
    assert kind_of(cells, Reader()) == kind
