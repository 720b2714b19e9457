"""After every change, where there are webhooks: have the event log read on."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache, partial

from django.db import transaction

from peyvand.integrations.webhooks.hooks import FOLLOWED
from peyvand.integrations.webhooks.jobs import wake
from peyvand.platform.actions.action import on_change
from peyvand.platform.actions.context import Context
from peyvand.platform.identity.actor import Actor, ActorKind
from peyvand.platform.workspaces.models import Workspace
from peyvand.platform.workspaces.scope import workspace_scope


@on_change
def read_on(ctx: Context, object_key: str, ids: Sequence[int]) -> None:
    """Wake the reader once the change is committed.

    Not in its transaction: two writers would wait for each other about who wakes it. A process that dies in between
    loses nothing, for the log is read on every minute anyway.
    """
    if _follows(ctx.actor):
        transaction.on_commit(partial(_wake, ctx.actor.workspace_id), robust=True)


def _follows(actor: Actor) -> bool:
    # A user's actor is the same object until webhooks come or go; the product's own is made anew each time.
    return _is_followed(actor.workspace_id) if actor.kind is ActorKind.SYSTEM else _user_follows(actor)


@lru_cache(maxsize=4096)
def _user_follows(actor: Actor) -> bool:
    return _is_followed(actor.workspace_id)


def _is_followed(workspace_id: int) -> bool:
    return Workspace.objects.filter(**{"id": workspace_id, f"settings__{FOLLOWED}": True}).exists()


def _wake(workspace_id: int) -> None:
    with workspace_scope(workspace_id):
        wake(workspace_id)
