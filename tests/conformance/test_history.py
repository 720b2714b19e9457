"""Every change of every field stands in the record's history, whichever door it came by."""

from __future__ import annotations

from typing import Any

import pytest

from peyvand.kernel.errors import PeyvandError
from peyvand.platform.actions.action import all_actions
from peyvand.platform.objects.bulk import Order, begin
from peyvand.platform.objects.history import fetch_history
from peyvand.platform.objects.queries import load_record
from peyvand.platform.objects.spec import ObjectSpec, all_objects, find_object
from peyvand.platform.workspaces.scope import workspace_scope

OBJECTS = all_objects()
CREATABLE = [o for o in OBJECTS if o.creatable and o.changeable]
# Move with every write, and are no values of anybody's.
ALWAYS = {"updated_at", "health"}


def values_of(spec: ObjectSpec, id: int) -> dict[str, Any]:
    record = spec.rows.get(id=id)
    values = {f.key: f.to_json(f.read(record)) for f in spec.stored_fields if f.key not in ALWAYS}
    return values | {f.key: f.load([id]).get(id, f.empty()) for f in spec.compound_fields}


def in_history(ctx: Any, spec: ObjectSpec, id: int) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for revision in fetch_history(ctx, spec, id, limit=500).revisions:
        for change in revision.changes:
            found.setdefault(change.field.key, []).append(change)
    return found


def told_of(ctx: Any, spec: ObjectSpec, id: int, before: dict[str, Any]) -> set[str]:
    """Fields that differ from before; asserts that the history tells each."""
    now = values_of(spec, id)
    differing = {key for key in now if now[key] != before[key]}
    missing = differing - in_history(ctx, spec, id).keys()
    assert not missing, f"{spec.key}: the history does not tell of {sorted(missing)}"
    return differing


@pytest.mark.parametrize("spec", CREATABLE, ids=lambda s: s.key)
def test_a_change_by_the_api_and_by_a_bulk_run(spec: ObjectSpec, arman: Any, acting: Any) -> None:
    ctx = acting(arman.owner)
    made = arman.program.post(spec.plural, arman.maker.body(spec)).json
    told: set[str] = set()
    for key, value in arman.maker.body(spec).items():
        with workspace_scope(arman.tenant.id):
            before = values_of(spec, made["id"])
        answer = arman.program.patch(f"{spec.plural}/{made['id']}", {key: value})
        if answer.status != 200:
            # A rule of the object forbids this change by itself (another parent of the same tree).
            continue
        with workspace_scope(arman.tenant.id):
            told |= told_of(ctx, spec, made["id"], before)
    assert told, "nothing was changed, so nothing was tried"
    with workspace_scope(arman.tenant.id):
        title = next(
            (f for f in spec.fields if f.key == spec.title and not f.readonly and f.type == "text"), None
        )
        if title is not None:
            before = values_of(spec, made["id"])
            begin(ctx, Order(spec.key, "update", {title.key: "نام تازه"}, ids=(made["id"],)))
            assert title.key in told_of(ctx, spec, made["id"], before)
            assert fetch_history(ctx, spec, made["id"]).revisions[0].cause.kind == "bulk"
        assert fetch_history(ctx, spec, made["id"]).revisions[-1].kind == "created"


# Of whom everything is forgotten, no history is kept.
ON_ONE = [a for a in all_actions() if a.on == "one" and find_object(a.object_key) and a.key != "person.erase"]


@pytest.mark.parametrize("action", ON_ONE, ids=lambda a: a.key)
def test_a_change_by_an_action(action: Any, arman: Any, acting: Any, cast: Any) -> None:
    spec = find_object(action.object_key)
    assert spec is not None
    ctx = acting(arman.owner)
    id = cast.mina.id if spec.key == "user" else arman.make(spec) if spec.creatable else None
    if id is None:
        pytest.skip("no such record can be made here")
    with workspace_scope(arman.tenant.id):
        before = values_of(spec, id)
        given = {f.key: arman.maker.value(f, spec) for f in action.inputs}
        record = load_record(spec, ctx.actor, id)
        try:
            action.function(
                ctx,
                record,
                **{
                    f.key: f.parse(given[f.key], ctx.reader)
                    for f in action.inputs
                    if given[f.key] is not None
                },
            )
        except (PeyvandError, TypeError) as error:
            reason = str(error)
        else:
            told_of(ctx, spec, id, before)
            return
    pytest.skip(f"needs more than made-up values: {reason}")


def test_deals_tell_of_every_field_that_a_move_changes(arman: Any, acting: Any) -> None:
    from peyvand.operational.sales.actions import lose_deal, win_deal
    from peyvand.operational.sales.models import LostReason

    spec, ctx = next(o for o in OBJECTS if o.key == "deal"), acting(arman.owner)
    id = arman.make(spec)
    with workspace_scope(arman.tenant.id):
        before = values_of(spec, id)
        win_deal(ctx, load_record(spec, ctx.actor, id))
        assert {"stage", "status", "probability", "closed_on"} <= told_of(ctx, spec, id, before)
        [stage, *_] = in_history(ctx, spec, id)["stage"]
        assert stage.old.title
        assert stage.new.title
        assert stage.old.id != stage.new.id
        reason = LostReason.objects.filter(deleted_at=None).first()
        before = values_of(spec, id)
        lose_deal(ctx, load_record(spec, ctx.actor, id), lost_reason=reason.id, lost_note="گران بود")
        assert {"lost_reason", "lost_note"} <= told_of(ctx, spec, id, before)
