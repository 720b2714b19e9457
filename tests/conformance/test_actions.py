"""Every registered action keeps its promises: a known permission, and nothing written where it is denied."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from peyvand.api.actions import offered
from peyvand.platform.access.decisions import decide
from peyvand.platform.actions.action import ActionSpec, all_actions
from peyvand.platform.identity.actor import user_actor
from peyvand.platform.objects.spec import all_objects, find_object
from peyvand.platform.workspaces.scope import workspace_scope

from .test_objects import counts

ACTIONS = all_actions()
OFFERED = [a for o in all_objects() for a in offered(o)]
every_action = pytest.mark.parametrize("action", ACTIONS, ids=lambda a: a.key)


@every_action
def test_it_is_declared_whole(action: ActionSpec) -> None:
    assert action.on in ("one", "many", "none")
    assert (action.function.__doc__ or "").strip(), "its first line is its description"
    parameters = inspect.signature(action.function).parameters
    if not any(p.kind is p.VAR_KEYWORD for p in parameters.values()):
        assert {f.key for f in action.inputs} <= parameters.keys()


def test_whoever_may_not_leaves_no_trace(
    arman: Any, viewer: Any, cast: Any, superuser: Any, subtests: Any
) -> None:
    for action in OFFERED:
        with subtests.test(action.key):
            whoever_may_not_leaves_no_trace(action, arman, viewer, cast, superuser)


def whoever_may_not_leaves_no_trace(
    action: ActionSpec, arman: Any, viewer: Any, cast: Any, superuser: Any
) -> None:
    spec = find_object(action.object_key)
    assert spec is not None
    ids = [arman.make(spec)] if spec.creatable else [cast.viewer.id]
    with workspace_scope(cast.arman.id):
        assert not decide(user_actor(cast.arman.id, cast.viewer.id), action.key)
    before = counts(superuser)
    if action.on != "none":
        assert viewer.post(f"{spec.plural}/{ids[0]}/{action.verb}", {}).status == 403
    assert viewer.post(f"{spec.plural}/{action.verb}", {"ids": ids}).status == 403
    assert counts(superuser) == before


def test_another_workspaces_records_cannot_be_reached(
    arman: Any, rival: Any, superuser: Any, subtests: Any
) -> None:
    for action in OFFERED:
        with subtests.test(action.key):
            another_workspaces_records_cannot_be_reached(action, arman, rival, superuser)


def another_workspaces_records_cannot_be_reached(
    action: ActionSpec, arman: Any, rival: Any, superuser: Any
) -> None:
    spec = find_object(action.object_key)
    assert spec is not None
    if action.on == "none":
        return
    id = arman.make(spec) if spec.creatable else arman.owner.id
    values = {f.key: v for f in action.inputs if f.required and (v := rival.maker.value(f, spec)) is not None}
    before = counts(superuser)
    assert rival.program.post(f"{spec.plural}/{id}/{action.verb}", values).status == 404
    assert rival.program.post(f"{spec.plural}/{action.verb}", {"ids": [id], **values}).status == 404
    after = counts(superuser)
    # What rival made for its own inputs is rival's; of arman's nothing may have moved.
    assert after["audit_entry"] == before["audit_entry"]
