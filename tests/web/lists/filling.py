"""Records for the tests of lists."""

from __future__ import annotations

from typing import Any

from peyvand.platform.actions.context import Context
from peyvand.platform.identity.actor import user_actor
from peyvand.platform.objects.cleaning import clean
from peyvand.platform.objects.records import create_records
from peyvand.platform.objects.spec import object_named
from peyvand.platform.workspaces.scope import workspace_scope


def context(user: Any) -> Context:
    """The user's context; inside their workspace's scope."""
    return Context(user_actor(user.workspace_id, user.id), "web")


def make(user: Any, key: str, *raws: dict[str, Any]) -> list[int]:
    """Records of an object, made by the user; their ids in order."""
    spec = object_named(key)
    with workspace_scope(user.workspace_id):
        ctx = context(user)
        return [r.id for r in create_records(ctx, spec, [clean(ctx, spec, raw) for raw in raws])]


def people(user: Any, count: int, **values: Any) -> list[int]:
    return make(
        user,
        "person",
        *(
            {"given_name": f"Ali{n:03}", "family_name": "Karimi", "city": "Tehran", **values}
            for n in range(count)
        ),
    )


def value(user: Any, key: str, id: int, attr: str) -> Any:
    """What is stored now."""
    with workspace_scope(user.workspace_id):
        return object_named(key).model.objects.values_list(attr, flat=True).get(id=id)
