"""Every registered object keeps the promises that its declaration makes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import groupby
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from peyvand.kernel.conditions import MAX_NODES, FieldType
from peyvand.kernel.conditions.tree import OPERATORS, Takes
from peyvand.platform.fields.types import Link
from peyvand.platform.identity.grants import Grants, Scope
from peyvand.platform.identity.roles import BUILTIN_ROLES, VIEWER
from peyvand.platform.objects.spec import ObjectSpec, all_objects, find_object
from peyvand.platform.workspaces.scope import workspace_scope

OBJECTS = all_objects()
CREATABLE = [o for o in OBJECTS if o.creatable]
every_creatable = pytest.mark.parametrize("spec", CREATABLE, ids=lambda s: s.key)


def counts(superuser: Any) -> dict[str, int]:
    """Rows of the tables that a change leaves its marks in, past row security."""
    tables = ("event", "audit_entry", "timeline_entry", "search_entry", "procrastinate_jobs")
    with connection.cursor() as cursor:
        out = {}
        for table in tables:
            cursor.execute(f"select count(*) from {table}")
            out[table] = cursor.fetchone()[0]
        return out


@every_creatable
def test_a_record_is_created_read_listed_changed_deleted_and_restored(spec: ObjectSpec, arman: Any) -> None:
    api = arman.program
    body = arman.maker.body(spec)
    made = api.post(spec.plural, body)
    assert made.status == 201, made.json
    at = f"{spec.plural}/{made.json['id']}"
    read = api.get(at)
    assert read.json == made.json
    for key, sent in body.items():
        got = read.json[key]
        if isinstance(spec.field(key), Link):
            assert got["id"] == sent, key
        elif isinstance(sent, int | bool):
            assert got == sent, key
        else:
            assert got or not sent, key
    assert made.json["id"] in [i["id"] for i in api.get(spec.plural).json["items"]]

    again = arman.maker.body(spec)
    change = {
        key: again[key]
        for key in body
        if key in again and key not in ("stage", "pipeline", "kind", "external_id")
    }
    changed = api.patch(at, change, If_Match=made.headers["ETag"])
    if spec.changeable:
        assert changed.status == 200, changed.json
        assert api.get(at).json == changed.json
    else:
        assert changed.status == 405
        assert api.post(f"{spec.plural}/batch", {"update": [{"id": made.json["id"], **change}]}).status == 405
        assert api.get(at).json == made.json
    if spec.has_bin:
        assert api.delete(at).status == 204, spec.key
        assert api.get(at).status == 404
        assert made.json["id"] not in [i["id"] for i in api.get(spec.plural).json["items"]]
        assert api.post(f"{at}/restore").status == 200
        assert api.get(at).status == 200
    else:
        assert api.delete(at).status == 405
    wires = [e["type"] for e in api.get(f"{at}/timeline").json["items"]]
    assert wires, "a change left nothing on the timeline"


def test_whoever_may_not_leaves_no_trace(arman: Any, viewer: Any, superuser: Any, subtests: Any) -> None:
    for spec in CREATABLE:
        with subtests.test(spec.key):
            whoever_may_not_leaves_no_trace(spec, arman, viewer, superuser)


def whoever_may_not_leaves_no_trace(spec: ObjectSpec, arman: Any, viewer: Any, superuser: Any) -> None:
    id = arman.make(spec)
    body = arman.maker.body(spec)
    before = counts(superuser)
    at = f"{spec.plural}/{id}"
    # Of what administers the workspace, a viewer sees only what all need to read their records by: stages, products.
    sees = Grants.from_json(BUILTIN_ROLES[VIEWER][1], {}).scope(spec.permission("view"))
    assert viewer.get(at).status == (403 if sees is Scope.NONE else 200)
    version = arman.program.get(at).json["version"]
    assert viewer.post(spec.plural, body).status == 403
    assert viewer.post(f"{spec.plural}/batch", {"create": [body]}).status == 403
    assert viewer.patch(at, body).status == (403 if spec.changeable else 405)
    if spec.has_bin:
        assert viewer.delete(at).status == 403
        assert viewer.post(f"{at}/restore").status == 403
    assert counts(superuser) == before
    assert arman.program.get(at).json["version"] == version


def test_another_workspaces_records_do_not_exist(
    arman: Any, rival: Any, superuser: Any, subtests: Any
) -> None:
    for spec in CREATABLE:
        with subtests.test(spec.key):
            another_workspaces_records_do_not_exist(spec, arman, rival, superuser)


def another_workspaces_records_do_not_exist(spec: ObjectSpec, arman: Any, rival: Any, superuser: Any) -> None:
    id = arman.make(spec)
    at, api = f"{spec.plural}/{id}", rival.program
    whole = arman.program.get(at).json
    assert api.get(at).status == 404
    assert api.patch(at, {"external_id": "x"}).status == (404 if spec.changeable else 405)
    assert api.get(f"{at}/timeline").status == 404
    assert api.get(at, deleted="true").status == 404
    if spec.has_bin:
        assert api.delete(at).status == 404
        assert api.post(f"{at}/restore").status == 404
    for listed in (
        api.get(spec.plural, filter=json.dumps({"field": "id", "op": "is", "value": id})),
        api.get(spec.plural, filter=json.dumps({"field": "id", "op": "gt", "value": 0}), limit=200),
    ):
        assert id not in [i["id"] for i in listed.json["items"]]
    assert arman.program.get(at).json == whole


def test_links_to_another_workspace_are_refused(arman: Any, rival: Any, subtests: Any) -> None:
    for spec in CREATABLE:
        with subtests.test(spec.key):
            links_to_another_workspace_are_refused(spec, arman, rival)


def links_to_another_workspace_are_refused(spec: ObjectSpec, arman: Any, rival: Any) -> None:
    body = rival.maker.body(spec)
    for field in spec.all_fields.values():
        if not isinstance(field, Link) or field.readonly:
            continue
        linked = find_object(field.to)
        foreign = (
            arman.owner.id
            if field.to == "user"
            else arman.make(linked)
            if linked and linked.creatable
            else None
        )
        if foreign is None:
            continue
        refused = rival.program.post(spec.plural, body | {field.key: foreign})
        assert refused.status == 422, (field.key, refused.json)
        assert field.key in [e["field"] for e in refused.json["errors"]]
        rows = rival.program.get(
            spec.plural, filter=json.dumps({"field": field.key, "op": "is", "value": foreign})
        )
        assert rows.json["items"] == []


@every_creatable
def test_a_list_costs_the_same_for_any_number_of_rows(spec: ObjectSpec, arman: Any) -> None:
    api = arman.program
    asked = ",".join(spec.all_fields)

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert api.get(spec.plural, fields=asked, limit=200).status == 200
        return len(queries)

    for _ in range(3):
        assert api.post(spec.plural, arman.maker.body(spec)).status == 201
    cost()
    few = cost()
    for _ in range(12):
        assert api.post(spec.plural, arman.maker.body(spec)).status == 201
    cost()
    assert cost() == few


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("spec", OBJECTS, ids=lambda spec: spec.key)
def test_every_field_filters_with_every_operator_and_sorts(spec: ObjectSpec, arman: Any) -> None:
    api = arman.program
    if spec.creatable:
        arman.make(spec)
    for paths in together(spec):
        asked = [
            [
                {"field": path, "op": operator.name}
                | ({"value": v} if (v := sample(kind, operator.takes)) is not None else {})
                for operator in OPERATORS[kind]
            ]
            for path, kind in paths
        ]
        # All of a field at once: where the one question ends at the first that holds, the other goes on. Not all of them
        # hold of a field and one of them always does, so of several fields each question goes on to the next.
        for each, all_of_them in (("and", "or"), ("or", "and")):
            question = {all_of_them: [{each: of_field} for of_field in asked]}
            answer = api.get(spec.plural, filter=json.dumps(question))
            assert answer.status == 200, (paths, answer.json)
    keys = [key for key, field in spec.all_fields.items() if field.sortable]
    # As many at once as a list takes, in both directions.
    for some in (keys[n : n + 4] for n in range(0, len(keys), 4)):
        for sort in (",".join(some), ",".join(f"-{key}" for key in some)):
            first = api.get(spec.plural, sort=sort, limit=1)
            assert first.status == 200, (sort, first.json)
            if first.json["next"]:
                assert api.get(spec.plural, sort=sort, limit=1, after=first.json["next"]).status == 200, sort
    for key, field in spec.all_fields.items():
        if not field.sortable:
            assert api.get(spec.plural, sort=key).status == 422, key


def together(spec: ObjectSpec) -> Iterator[list[tuple[str, FieldType]]]:
    """What an object is filtered by, as much of what is reached over the same link at once as a question may have parts."""
    for _, reached in groupby(
        sorted(spec.condition_schema.items()), key=lambda pair: pair[0].rpartition(".")[0]
    ):
        parts, some = 1, list[tuple[str, FieldType]]()
        for path, kind in reached:
            parts += 1 + len(OPERATORS[kind])
            if parts > MAX_NODES:
                yield some
                parts, some = 2 + len(OPERATORS[kind]), []
            some.append((path, kind))
        yield some


def test_the_declaration_holds_together(arman: Any, subtests: Any) -> None:
    for spec in OBJECTS:
        with subtests.test(spec.key):
            the_declaration_holds_together(spec, arman)


def the_declaration_holds_together(spec: ObjectSpec, arman: Any) -> None:
    assert spec.plural.replace("-", "_").isidentifier()
    assert str(spec.label)
    for key in (
        *spec.columns,
        *(k for s in spec.form_sections for k in s.fields),
        *filter(None, [spec.subtitle]),
    ):
        assert key in spec.all_fields, key
    for related in spec.related:
        other = find_object(related.object)
        if other is not None:
            assert related.via in other.all_fields, related
    assert {
        f.key
        for f in spec.all_fields.values()
        if isinstance(f, Link) and f.to != "role" and find_object(f.to) is None
    } == set()
    if spec.base is not None:
        with workspace_scope(arman.tenant.id):
            spec.model.objects.filter(spec.base).exists()  # a base that names no column raises


ONE = {
    FieldType.text: "علي", FieldType.number: 5, FieldType.money: 5_000, FieldType.choice: "x", FieldType.date: "2026-11-21",
    FieldType.instant: "2026-11-21", FieldType.flag: True, FieldType.link: "7", FieldType.links: "7", FieldType.user: "me",
}  # fmt: skip


def sample(kind: FieldType, takes: Takes) -> Any:
    match takes:
        case Takes.nothing:
            return None
        case Takes.one:
            return ONE[kind]
        case Takes.many:
            return [ONE[kind], "no number"] if kind not in (FieldType.number, FieldType.money) else [5, 6]
        case Takes.pair:
            return [ONE[kind], ONE[kind]]
        case Takes.range:
            return {"last": 3, "unit": "month"}
        case Takes.age:
            return {"n": 3, "unit": "month"}
