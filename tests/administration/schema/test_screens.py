"""The settings where a workspace says what it keeps."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from peyvand.administration.schema.actions import add_field, load_field
from peyvand.administration.schema.jobs import forget_archived, forget_field, forget_object
from peyvand.platform.events.facts import RecordPurged
from peyvand.platform.events.models import EventRow, TimelineEntry
from peyvand.platform.files.actions import attach_file
from peyvand.platform.files.models import File
from peyvand.platform.objects.models import SavedView
from peyvand.platform.objects.spec import find_object, object_named
from peyvand.platform.schema.models import CustomField, CustomObject, CustomRecord, CustomValue, Layout
from peyvand.platform.search.models import SearchEntry
from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.testing.programs import program_of
from peyvand.testing.schema import OPTIONS, define_object

AT = "/w/arman/settings/"


@pytest.fixture
def page(browse: Callable[..., Any], cast: Any) -> Any:
    return browse(cast.sara)


def text(answer: Any) -> str:
    return str(answer.content.decode())


def field_named(cast: Any, label: str) -> Any:
    with workspace_scope(cast.arman.id):
        return next(f for f in CustomField.objects.all() if label in f.labels.values())


def test_every_kind_has_a_dialog_that_adds_it(page: Any, cast: Any) -> None:
    assert "data-sort-url" not in text(page.get(f"{AT}objects/company/"))
    kinds = text(page.get(f"{AT}objects/company/kinds"))
    for kind in ("text", "number", "choice", "link", "formula"):
        assert f"kind={kind}" in kinds
    sent: dict[str, dict[str, str]] = {
        "text": {"is_unique": "1", "search": "1", "help_fa": "راهنما"},
        "number": {"decimals": "2", "min": "۱۰", "max": "۲۰٫۵", "default": "۱۲٫۵"},
        "choice": {
            "option-count": "2",
            "option-0-fa": "طلایی",
            "option-0-tone": "warn",
            "option-1-fa": "نقره‌ای",
        },
        "link": {"to": "person"},
        "formula": {"formula": "revenue * 2", "result": "money", "decimals": "0"},
        "flag": {"default": "1"},
    }
    for kind, values in sent.items():
        url = f"{AT}objects/company/new?kind={kind}"
        assert page.get(url).status_code == 200
        answer = page.post(url, {"label_fa": f"فیلد {kind}", **values}, headers={"HX-Request": "true"})
        assert answer.status_code == 200, text(answer)
        assert answer["HX-Redirect"] == f"{AT}objects/company/"
    shown = text(page.get(f"{AT}objects/company/"))
    assert all(f"فیلد {kind}" in shown for kind in sent)
    number = field_named(cast, "فیلد number")
    assert (number.config, number.default) == ({"decimals": 2, "min": 10, "max": 20.5}, 1250)
    kept = {"label_fa": "فیلد number", "min": "", "max": "۲۰", "default": "۱۲٫۵"}
    assert page.post(f"{AT}fields/{number.id}/edit", kept).status_code == 302
    assert field_named(cast, "فیلد number").config == {"decimals": 2, "max": 20}
    assert [o["key"] for o in field_named(cast, "فیلد choice").config["options"]] == ["tlaii", "nghrh_ai"]


def test_a_roll_up_asks_first_what_it_counts(page: Any, cast: Any) -> None:
    assert "source=deal.company" in text(page.get(f"{AT}objects/company/kinds?kind=rollup"))
    url = f"{AT}objects/company/new?kind=rollup&source=deal.company"
    condition = json.dumps({"and": [{"field": "status", "op": "is", "value": "won"}]})
    assert 'name="condition"' in text(page.get(url))
    refused = page.post(url, {"label_fa": "فروش", "how": "sum", "field": "name"})
    assert refused.status_code == 422
    assert (
        page.post(
            url, {"label_fa": "فروش", "how": "sum", "field": "amount", "condition": condition}
        ).status_code
        == 302
    )
    assert field_named(cast, "فروش").config["condition"] == json.loads(condition)


def test_what_is_wrong_is_said_at_its_field_and_kept(page: Any) -> None:
    answer = page.post(
        f"{AT}objects/company/new?kind=formula",
        {"label_fa": "مالیات", "formula": "nothing + 1", "result": "number"},
    )
    assert answer.status_code == 422
    assert "nothing + 1" in text(answer)
    assert "مالیات" in text(answer)
    assert 'aria-invalid="true"' in text(answer)


def test_options_in_use_stay(page: Any, cast: Any, acting: Callable[..., Any]) -> None:
    with workspace_scope(cast.arman.id):
        field = add_field(acting(cast.sara), "company", "choice", labels={"en": "Grade"}, options=OPTIONS)
    api = program_of(cast.sara, cast.arman)
    api.post("companies", {"name": "C", field.key: "gold"})
    kept = {"label_en": "Rank", "option-count": "1", "option-0-key": "silver", "option-0-en": "Argent"}
    refused = page.post(f"{AT}fields/{field.id}/edit", kept)
    assert refused.status_code == 422
    more = kept | {"option-count": "2", "option-1-key": "gold", "option-1-en": "Or"}
    assert page.post(f"{AT}fields/{field.id}/edit", more).status_code == 302
    with workspace_scope(cast.arman.id):
        assert [(o["key"], o["labels"]["en"]) for o in load_field(field.id).config["options"]] == [
            ("silver", "Argent"),
            ("gold", "Or"),
        ]


def test_fields_are_ordered_archived_and_restored(page: Any, cast: Any, acting: Callable[..., Any]) -> None:
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        one, two = (add_field(ctx, "company", "text", labels={"en": name}) for name in ("One", "Two"))
    assert page.post(f"{AT}objects/company/order", {"order": f"{two.id},{one.id}"}).status_code == 204
    with workspace_scope(cast.arman.id):
        assert [f.key for f in object_named("company").custom_fields] == ["c_two", "c_one"]
    assert page.post(f"{AT}fields/{one.id}/archive").status_code == 302
    with workspace_scope(cast.arman.id):
        assert [f.key for f in object_named("company").custom_fields] == ["c_two"]
    assert page.post(f"{AT}fields/{one.id}/restore").status_code == 302
    with workspace_scope(cast.arman.id):
        assert len(object_named("company").custom_fields) == 2


def test_an_object_is_made_used_and_archived(page: Any, cast: Any, acting: Callable[..., Any]) -> None:
    answer = page.post(f"{AT}objects/new", {"label_fa": "قرارداد", "plural_fa": "قراردادها", "icon": "file"})
    assert answer.status_code == 302
    key = answer["Location"].rstrip("/").rpartition("/")[2]
    with workspace_scope(cast.arman.id):
        own = CustomObject.objects.get(key=key)
        grade = add_field(acting(cast.sara), key, "choice", labels={"fa": "درجه"}, options=OPTIONS)
        money = add_field(acting(cast.sara), key, "money", labels={"fa": "ارزش"})
    assert (
        page.post(
            f"{AT}objects/{own.key}/edit",
            {"label_fa": "قرارداد", "plural_fa": "قراردادها", "board_by": grade.key},
        ).status_code
        == 302
    )
    at = f"/w/arman/{own.plural}"
    made = page.post(f"{at}/new", {"name": "قرارداد آوند", grade.key: "gold", money.key: "۵۰۰٬۰۰۰"})
    assert made.status_code == 302, text(made)
    record = made["Location"]
    listed = text(page.get(f"{at}/"))
    assert "قرارداد آوند" in listed
    assert "قراردادها" in listed
    assert "طلایی" in listed
    assert "قرارداد آوند" in text(page.get(record))
    board = text(page.get(f"{at}/board"))
    assert "قرارداد آوند" in board
    assert "نقره‌ای" in board
    assert f"{at}/" in text(page.get("/w/arman/")), "the sidebar leads there"
    id = record.rstrip("/").rpartition("/")[2]
    moved = page.post(
        f"{at}/board/move", {"card": id, "stage": "silver", "from": "gold", "before": "", "after": ""}
    )
    assert moved.status_code in (200, 204), text(moved)
    with workspace_scope(cast.arman.id):
        assert object_named(key).rows.get(id=id).custom[grade.key] == "silver"
    assert page.post(f"{AT}objects/{own.key}/archive").status_code == 302
    assert page.get(f"{at}/").status_code == 404
    assert page.post(f"{AT}objects/{own.key}/restore").status_code == 302
    assert "قرارداد آوند" in text(page.get(f"{at}/"))


def test_a_layout_is_kept_for_a_role(
    page: Any, cast: Any, acting: Callable[..., Any], browse: Callable[..., Any]
) -> None:
    with workspace_scope(cast.arman.id):
        key = add_field(acting(cast.sara), "company", "text", labels={"fa": "کد اشتراک"}).key
    assert page.get(f"{AT}objects/company/layout?role=member").status_code == 200
    sections = json.dumps([["نشانه‌ها", [key, "name"]]])
    assert page.post(f"{AT}objects/company/layout?role=member", {"sections": sections}).status_code == 302
    with workspace_scope(cast.arman.id):
        assert Layout.objects.get().role == "member"
    assert "نشانه‌ها" in text(browse(cast.babak).get("/w/arman/companies/new"))
    assert "نشانه‌ها" not in text(page.get("/w/arman/companies/new"))
    for wrong in ([["A", ["name", "name"]]], [["", ["name"]]], [["A", []]], [], {"A": "name"}, "none"):
        sent = {"sections": json.dumps(wrong)}
        assert page.post(f"{AT}objects/company/layout", sent).status_code == 422, wrong
    assert page.post(f"{AT}objects/company/layout?role=member", {"reset": "1"}).status_code == 302
    assert "نشانه‌ها" not in text(browse(cast.babak).get("/w/arman/companies/new"))


def test_a_hidden_field_is_neither_asked_for_nor_emptied(
    page: Any, cast: Any, acting: Callable[..., Any]
) -> None:
    when = {"field": "kind", "op": "is", "value": "supplier"}
    with workspace_scope(cast.arman.id):
        key = add_field(
            acting(cast.sara),
            "company",
            "text",
            labels={"fa": "کد تأمین"},
            is_required=True,
            visible_when=when,
        ).key
    assert "data-when" in text(page.get("/w/arman/companies/new"))
    api = program_of(cast.sara, cast.arman)
    assert api.post("companies", {"name": "Customer", "kind": "customer", key: "x"}).json[key] == ""
    assert api.post("companies", {"name": "Supplier", "kind": "supplier"}).status == 422
    made = api.post("companies", {"name": "Supplier", "kind": "supplier", key: "S1"}).json
    at = f"/w/arman/companies/{made['id']}"
    assert "کد تأمین" in text(page.get(f"{at}/"))
    changed = api.patch(f"companies/{made['id']}", {"kind": "customer", key: ""})
    assert changed.json[key] == "S1", "what it held stays"
    assert "کد تأمین" not in text(page.get(f"{at}/"))


def test_only_who_may_change_the_workspace_comes_here(browse: Callable[..., Any], cast: Any) -> None:
    for user in (cast.mina, cast.babak, cast.viewer):
        assert browse(user).get(f"{AT}objects").status_code in (403, 404)
        assert browse(user).post(f"{AT}objects/company/new?kind=text", {"label_fa": "x"}).status_code in (
            403,
            404,
        )


def test_what_was_archived_goes_after_a_month(
    page: Any, cast: Any, acting: Callable[..., Any], settings: Any, tmp_path: Any
) -> None:
    from peyvand.platform.objects.records import create_record

    settings.MEDIA_ROOT = tmp_path
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        field = add_field(ctx, "company", "text", labels={"en": "Old"})
        company = create_record(ctx, object_named("company"), {"name": "C", field.key: "x"})
        key = define_object(ctx)
        record = create_record(ctx, object_named(key), {"name": "Kept"})
        attach_file(ctx, key, record, "terms.txt", [b"all of it"])
        note = create_record(ctx, object_named("note"), {"text": "Signed", "about": f"{key}:{record.id}"})
        SavedView.objects.create(object=key, name="Mine", owner=cast.sara)
        own = CustomObject.objects.get(key=key)
        long_ago = "2020-01-01T00:00:00Z"
        CustomField.objects.filter(id=field.id).update(archived_at=long_ago)
        CustomObject.objects.filter(id=own.id).update(archived_at=long_ago)
        forget_archived(cast.arman)
        forget_field(cast.arman, field.id)
        forget_object(cast.arman, own.id)
        forget_object(cast.arman, own.id)
        company.refresh_from_db()
        assert company.custom == {}
        assert not CustomField.objects.filter(id=field.id).exists()
        assert not CustomObject.objects.exists()
        assert not CustomRecord.objects.exists()
        assert not CustomValue.objects.exists()
        assert not CustomField.objects.filter(object=key).exists()
        # What hung on its records went with them; what was about them stays, and is about nothing now.
        assert not File.objects.exists()
        assert not SavedView.objects.filter(object=key).exists()
        told = TimelineEntry.objects.filter(object=key).values("event_id")
        assert set(EventRow.objects.filter(id__in=told).values_list("wire", flat=True)) == {RecordPurged.wire}
        assert not SearchEntry.objects.filter(object=key).exists()
        note.refresh_from_db()
        assert note.about_object == ""
    with workspace_scope(cast.arman.id):
        assert find_object(key) is None
