"""What a workspace made for itself keeps the promises of every object: the same tests, over a field of every kind."""

from __future__ import annotations

from typing import Any

import pytest

from peyvand.platform.objects.spec import ObjectSpec, object_named
from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.testing.schema import define_fields, define_object

from . import test_conditions, test_objects

OBJECTS = ("deal", "own")
every_one = pytest.mark.parametrize("which", OBJECTS)


@pytest.fixture
def spec(which: str, arman: Any, rival: Any, acting: Any) -> ObjectSpec:
    """An object with a field of every kind: a declared one, or one that the workspace made. The rival has the same."""
    found = None
    for side in (rival, arman):
        with workspace_scope(side.tenant.id):
            ctx = acting(side.owner)
            if which == "own":
                found = object_named(define_object(ctx))
            else:
                define_fields(ctx, which)
                found = object_named(which)
    assert found is not None
    return found


@pytest.fixture
def inside(arman: Any, spec: ObjectSpec) -> Any:
    """The scope of the workspace whose object it is: its fields are known nowhere else."""
    with workspace_scope(arman.tenant.id):
        yield


@every_one
def test_a_record_lives_a_whole_life(spec: ObjectSpec, arman: Any, inside: Any) -> None:
    test_objects.test_a_record_is_created_read_listed_changed_deleted_and_restored(spec, arman)


@every_one
def test_whoever_may_not_leaves_no_trace(
    spec: ObjectSpec, arman: Any, viewer: Any, superuser: Any, inside: Any
) -> None:
    test_objects.whoever_may_not_leaves_no_trace(spec, arman, viewer, superuser)


@every_one
def test_a_list_costs_the_same_for_any_number_of_rows(spec: ObjectSpec, arman: Any, inside: Any) -> None:
    test_objects.test_a_list_costs_the_same_for_any_number_of_rows(spec, arman)


@pytest.mark.slow
@pytest.mark.timeout(300)
@every_one
def test_every_field_filters_with_every_operator_and_sorts(spec: ObjectSpec, arman: Any, inside: Any) -> None:
    test_objects.test_every_field_filters_with_every_operator_and_sorts(spec, arman)


@every_one
def test_the_declaration_holds_together(spec: ObjectSpec, arman: Any, inside: Any) -> None:
    test_objects.the_declaration_holds_together(spec, arman)


@every_one
def test_sql_and_python_agree(spec: ObjectSpec, arman: Any, inside: Any) -> None:
    test_conditions.test_sql_and_python_agree(spec, arman)


@every_one
def test_another_workspaces_records_do_not_exist(spec: ObjectSpec, arman: Any, rival: Any) -> None:
    with workspace_scope(arman.tenant.id):
        id = arman.make(spec)
        plural = spec.plural
    for answer in (
        rival.program.get(f"{plural}/{id}"),
        rival.program.patch(f"{plural}/{id}", {"external_id": "x"}),
        rival.program.delete(f"{plural}/{id}"),
    ):
        assert answer.status == 404
    assert id not in [item["id"] for item in rival.program.get(plural, limit=200).json["items"]]
