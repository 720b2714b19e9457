"""Fields of a workspace's own are like any other: written, read, filtered, sorted, unique, and gone for others."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from peyvand.administration.schema.actions import (
    add_field,
    archive_field,
    change_field,
    load_field,
    restore_field,
)
from peyvand.kernel.errors import Invalid, RuleViolation
from peyvand.platform.objects.queries import ListQuery, fetch_page, parse_sort
from peyvand.platform.objects.records import create_record, delete_records, update_record
from peyvand.platform.objects.spec import object_named
from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.testing.programs import Program, program_of
from peyvand.testing.schema import OPTIONS, define_fields


@pytest.fixture
def api(cast: Any) -> Program:
    return program_of(cast.sara, cast.arman)


@pytest.fixture
def keys(cast: Any, acting: Callable[..., Any]) -> dict[str, str]:
    with workspace_scope(cast.arman.id):
        return define_fields(acting(cast.sara), "person")


def make(api: Program, name: str, **values: Any) -> int:
    answer = api.post("people", {"given_name": name, **values})
    assert answer.status == 201, answer.json
    return int(answer.json["id"])


def listed(api: Program, asked: Any, **query: Any) -> list[str]:
    answer = api.get("people", filter=json.dumps(asked), sort="id", fields="name", **query)
    assert answer.status == 200, answer.json
    return [item["name"] for item in answer.json["items"]]


def test_a_value_of_every_kind_comes_back_as_it_was_sent(
    api: Program, keys: dict[str, str], cast: Any
) -> None:
    company = api.post("companies", {"name": "آوند"}).json["id"]
    sent = {
        "text": "کد الف", "long_text": "یک\nدو", "number": 12.75, "percent": 40, "money": 5_000_000, "date": "2026-03-21",
        "instant": "2026-03-21T08:30:00Z", "choice": "gold", "choices": ["gold", "bronze"], "flag": True, "link": company,
        "user": cast.babak.id, "phone": "+989121234567", "email": "a@b.ir", "url": "https://example.com",
    }  # fmt: skip
    id = make(api, "Ali", **{keys[kind]: value for kind, value in sent.items()})
    item = api.get(f"people/{id}").json
    got = {kind: item[keys[kind]] for kind in sent}
    assert got == sent | {
        "link": {"id": company, "title": "آوند"},
        "user": {"id": cast.babak.id, "title": "Babak Naderi"},
    }
    assert item[keys["formula"]] == 65.5
    assert api.get("people", fields=keys["link"]).json["items"][0][keys["link"]]["title"] == "آوند"


def test_what_is_wrong_is_refused_with_its_reason(api: Program, keys: dict[str, str]) -> None:
    wrong = {"number": 1.234, "choice": "platinum", "date": "x", "link": 999_999, "formula": 3}
    refused = api.post(
        "people", {"given_name": "Ali", **{keys[k]: v for k, v in wrong.items() if k != "link"}}
    )
    assert refused.status == 422
    assert {e["field"] for e in refused.json["errors"]} == {keys[k] for k in wrong if k != "link"}
    refused = api.post("people", {"given_name": "Ali", keys["link"]: 999_999})
    assert [e["code"] for e in refused.json["errors"]] == ["missing"]


def test_lists_filter_and_sort_and_page_by_them(api: Program, keys: dict[str, str]) -> None:
    for name, number, choice, text in (
        ("A", 3.5, "bronze", "پروین"),
        ("B", -1, "gold", "آوا"),
        ("C", None, None, None),
        ("D", 3.25, "silver", "ب"),
    ):
        own = {keys["number"]: number, keys["choice"]: choice, keys["text"]: text}
        make(api, name, **{k: v for k, v in own.items() if v is not None})
    number, choice, text = keys["number"], keys["choice"], keys["text"]
    assert listed(api, {"field": number, "op": "gt", "value": 3.3}) == ["A"]
    assert listed(api, {"field": number, "op": "between", "value": [-1, 3.25]}) == ["B", "D"]
    assert listed(api, {"field": number, "op": "empty"}) == ["C"]
    assert listed(api, {"field": text, "op": "contains", "value": "رو"}) == ["A"]
    assert listed(api, {"field": text, "op": "starts_with", "value": "ا"}) == ["B"]
    assert listed(api, {"field": choice, "op": "not_in", "value": ["gold"]}) == ["A", "C", "D"]

    def walked(sort: str) -> list[str]:
        names, after = [], None
        while True:
            page = api.get(
                "people", sort=sort, limit=1, fields="name", **({"after": after} if after else {})
            ).json
            names += [item["name"] for item in page["items"]]
            after = page["next"]
            if after is None:
                return names

    assert walked(number) == ["B", "D", "A", "C"]
    assert walked(f"-{number}") == ["A", "D", "B", "C"]
    assert walked(choice) == ["B", "D", "A", "C"], "options in their own order"
    assert walked(text) == ["B", "D", "A", "C"], "the Persian alphabet: آ, ب, پ"


def test_filters_reach_one_link_away(api: Program, cast: Any, acting: Callable[..., Any]) -> None:
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        grade = add_field(ctx, "company", "choice", labels={"en": "Grade"}, options=OPTIONS).key
        rival = add_field(ctx, "person", "link", labels={"en": "Works against"}, to="company").key
    gold = api.post("companies", {"name": "Gold Co", grade: "gold"}).json["id"]
    plain = api.post("companies", {"name": "Plain Co"}).json["id"]
    for name, company, other in (("A", gold, None), ("B", plain, gold), ("C", None, None)):
        make(api, name, **{k: v for k, v in (("company", company), (rival, other)) if v})
    assert listed(api, {"field": f"company.{grade}", "op": "is", "value": "gold"}) == ["A"]
    assert listed(api, {"field": f"company.{grade}", "op": "empty"}) == ["B", "C"]
    assert listed(api, {"field": f"{rival}.name", "op": "starts_with", "value": "gold"}) == ["B"]
    assert listed(api, {"field": f"{rival}.{grade}", "op": "is_not", "value": "gold"}) == ["A", "C"]
    assert listed(api, {"field": rival, "op": "is", "value": str(gold)}) == ["B"]


def test_unique_values_name_who_has_them(api: Program, cast: Any, acting: Callable[..., Any]) -> None:
    with workspace_scope(cast.arman.id):
        code = add_field(acting(cast.sara), "person", "text", labels={"en": "Code"}, is_unique=True)
    first = make(api, "First", **{code.key: "علي ۱"})
    refused = api.post("people", {"given_name": "Second", code.key: "علی 1"})
    assert refused.status == 422
    assert refused.json["errors"][0]["field"] == code.key
    assert "First" in refused.json["errors"][0]["message"]
    batch = api.post("people/batch", {"create": [{"given_name": n, code.key: "same"} for n in "AB"]}).json
    assert [item["status"] for item in batch["items"]] == [201, 422]
    assert api.patch(f"people/{first}", {code.key: "other"}).status == 200
    make(api, "Second", **{code.key: "علی 1"})
    with workspace_scope(cast.arman.id), pytest.raises(RuleViolation):
        ctx = acting(cast.sara)
        change_field(ctx, load_field(code.id), is_unique=False)
        create_record(ctx, object_named("person"), {"given_name": "Third", code.key: "other"})
        change_field(ctx, load_field(code.id), is_unique=True)


def test_required_default_and_renaming(api: Program, cast: Any, acting: Callable[..., Any]) -> None:
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        grade = add_field(ctx, "person", "choice", labels={"en": "Grade"}, options=OPTIONS, is_required=True)
        shelf = add_field(ctx, "person", "number", labels={"en": "Shelf"}, default=4)
    refused = api.post("people", {"given_name": "A"})
    assert [(e["field"], e["code"]) for e in refused.json["errors"]] == [(grade.key, "required")]
    id = make(api, "A", **{grade.key: "gold"})
    assert api.get(f"people/{id}").json[shelf.key] == 4
    with workspace_scope(cast.arman.id):
        change_field(acting(cast.sara), load_field(grade.id), labels={"en": "Rank", "fa": "رتبه"})
    assert api.get(f"people/{id}").json[grade.key] == "gold"


def test_an_archived_field_comes_back_with_its_values(
    api: Program, cast: Any, acting: Callable[..., Any]
) -> None:
    with workspace_scope(cast.arman.id):
        code = add_field(acting(cast.sara), "person", "text", labels={"en": "Code"})
    id = make(api, "A", **{code.key: "x1"})
    with workspace_scope(cast.arman.id):
        archive_field(acting(cast.sara), load_field(code.id))
    assert code.key not in api.get(f"people/{id}").json
    assert api.patch(f"people/{id}", {code.key: "y"}).status == 422
    assert api.patch(f"people/{id}", {"job_title": "x"}).status == 200
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        assert add_field(ctx, "person", "number", labels={"en": "Code"}).key != code.key
        restore_field(ctx, load_field(code.id, archived=True))
    assert api.get(f"people/{id}").json[code.key] == "x1"
    assert listed(api, {"field": code.key, "op": "is", "value": "X1"}) == ["A"]


def test_another_workspace_knows_nothing_of_them(api: Program, keys: dict[str, str], cast: Any) -> None:
    rival = program_of(cast.cyrus, cast.rival)
    assert rival.post("people", {"given_name": "X", keys["text"]: "y"}).status == 422
    assert keys["text"] not in rival.get("people").json
    assert rival.get("people", filter=json.dumps({"field": keys["text"], "op": "filled"})).status == 422


def test_a_definition_that_is_taken_back_is_known_to_nobody(
    cast: Any, acting: Callable[..., Any], api: Program
) -> None:
    class Stop(Exception):
        pass

    with pytest.raises(Stop), workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        key = add_field(ctx, "person", "text", labels={"en": "Gone"}).key
        assert key in object_named("person").all_fields
        raise Stop
    with workspace_scope(cast.arman.id):
        add_field(acting(cast.sara), "person", "number", labels={"en": "Other"})
        assert key not in object_named("person").all_fields
    assert api.post("people", {"given_name": "A", key: "x"}).status == 422


def test_only_those_who_may_change_the_workspace_define(cast: Any, acting: Callable[..., Any]) -> None:
    from peyvand.kernel.errors import NotAllowed

    for user in (cast.mina, cast.babak, cast.viewer):
        with pytest.raises(NotAllowed), workspace_scope(cast.arman.id):
            add_field(acting(user), "person", "text", labels={"en": "Mine"})


def test_history_says_what_became_of_a_value(api: Program, keys: dict[str, str], cast: Any) -> None:
    id = make(api, "A", **{keys["number"]: 1.5})
    api.patch(f"people/{id}", {keys["number"]: 2})
    newest = api.get(f"people/{id}/timeline").json["items"][0]
    assert newest["data"]["changes"][keys["number"]] == [1.5, 2.0]


def test_titles_that_may_not_be_seen_are_not_told(api: Program, keys: dict[str, str], cast: Any) -> None:
    hidden = api.post("companies", {"name": "Secret", "owner": cast.sara.id}).json["id"]
    id = make(api, "A", owner=cast.babak.id, **{keys["link"]: hidden})
    babak = program_of(cast.babak, cast.arman)
    assert "Secret" not in json.dumps(babak.get(f"people/{id}").json)
    assert "Secret" not in json.dumps(babak.get("people", fields=keys["link"]).json)


def test_a_deleted_record_is_purged_with_its_typed_rows(
    cast: Any, acting: Callable[..., Any], keys: dict[str, str]
) -> None:
    from datetime import timedelta

    from peyvand.kernel import clock
    from peyvand.platform.objects.purge import purge
    from peyvand.platform.schema.models import CustomValue

    with workspace_scope(cast.arman.id):
        ctx, spec = acting(cast.sara), object_named("person")
        record = create_record(ctx, spec, {"given_name": "A", keys["text"]: "x"})
        assert CustomValue.objects.filter(object_id=record.id).exists()
        delete_records(ctx, spec, [record])
        purge(ctx, spec, clock.now() + timedelta(days=1))
        assert not CustomValue.objects.filter(object_id=record.id).exists()


def test_a_page_of_a_list_carries_them(cast: Any, acting: Callable[..., Any], keys: dict[str, str]) -> None:
    with workspace_scope(cast.arman.id):
        ctx, spec = acting(cast.sara), object_named("person")
        record = create_record(ctx, spec, {"given_name": "A", keys["money"]: 700, keys["flag"]: "1"})
        update_record(ctx, spec, record, {keys["flag"]: "0"})
        page = fetch_page(
            ListQuery(
                spec, ctx.actor, (keys["money"], keys["flag"]), None, parse_sort(f"-{keys['money']}", spec)
            )
        )
        assert page.rows[0].values == {keys["money"]: 700, keys["flag"]: False}


def test_what_is_no_definition_is_refused(cast: Any, acting: Callable[..., Any]) -> None:
    cases: list[tuple[str, dict[str, Any], str]] = [
        ("nonsense", {"labels": {"en": "X"}}, "kind"),
        ("text", {}, "labels"),
        ("choice", {"labels": {"en": "X"}, "options": []}, "options"),
        ("link", {"labels": {"en": "X"}, "to": "nothing"}, "to"),
        ("number", {"labels": {"en": "X"}, "min": 5, "max": 1}, "min"),
        ("flag", {"labels": {"en": "X"}, "is_unique": True}, "is_unique"),
        ("formula", {"labels": {"en": "X"}, "formula": "1 +", "result": "number"}, "formula"),
        ("formula", {"labels": {"en": "X"}, "formula": "nothing * 2", "result": "number"}, "formula"),
        ("formula", {"labels": {"en": "X"}, "formula": "'a'", "result": "number"}, "formula"),
        (
            "rollup",
            {"labels": {"en": "X"}, "of": "deal", "via": "person", "how": "sum", "field": "title"},
            "field",
        ),
    ]
    for kind, raw, wrong in cases:
        with pytest.raises(Invalid) as refusal, workspace_scope(cast.arman.id):
            add_field(acting(cast.sara), "person", kind, **raw)
        assert wrong in [p.field for p in refusal.value.problems], (kind, raw)


def test_the_api_describes_them_to_their_workspace_alone(
    api: Program, keys: dict[str, str], cast: Any
) -> None:
    assert api.get("openapi.json").json["components"]["schemas"]["PersonCreate"]["properties"][
        keys["number"]
    ]["type"] == ["number", "null"]
    told = program_of(cast.cyrus, cast.rival).get("openapi.json")
    assert keys["number"] not in told.json["components"]["schemas"]["PersonCreate"]["properties"]
    assert Program("wrong").get("openapi.json").status == 401


def test_a_file_is_one_of_the_records_own(
    api: Program, cast: Any, acting: Callable[..., Any], browse: Callable[..., Any]
) -> None:
    from peyvand.kernel import clock
    from peyvand.platform.files.models import File

    with workspace_scope(cast.arman.id):
        key = add_field(acting(cast.sara), "person", "file", labels={"en": "Contract"}).key
    one, other = make(api, "A"), make(api, "B")
    with workspace_scope(cast.arman.id):
        file = File.objects.create(
            object="person",
            object_id=one,
            name="قرارداد.txt",
            size=5,
            media_type="text/plain",
            sha256="0" * 64,
            uploaded_at=clock.now(),
        ).id
    page = browse(cast.sara)
    assert api.patch(f"people/{other}", {key: file}).status == 422
    assert "قرارداد.txt" in page.get(f"/w/arman/people/{one}/field/{key}").content.decode()
    assert api.patch(f"people/{one}", {key: file}).json[key] == {"id": file, "name": "قرارداد.txt"}
    assert f"files/{file}" in page.get(f"/w/arman/people/{one}/").content.decode()
    assert listed(api, {"field": key, "op": "filled"}) == ["A"]
