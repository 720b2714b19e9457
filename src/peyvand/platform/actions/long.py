"""Work too long for one transaction: many actions, one line of audit.

The line's number is taken at the beginning, so that the events of all the actions name it, and written at the end.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from peyvand.kernel import clock
from peyvand.platform.actions.context import Context
from peyvand.platform.audit.models import AuditEntry
from peyvand.platform.database.bulk import insert_rows, next_ids

_COLUMNS = (
    "id", "workspace_id", "action", "object", "object_id", "count", "actor_kind", "actor_id", "actor_name", "via", "request_id", "ip",
    "at", "detail",
)  # fmt: skip


def begin_work(ctx: Context) -> Context:
    """The context of the work's actions: they write no audit of their own. Inside the workspace's scope."""
    return replace(fresh(ctx), audit_id=next_ids(AuditEntry, 1)[0])


def fresh(ctx: Context) -> Context:
    """The same context for another transaction: what the one has recorded so far is not the other's."""
    known = Context(ctx.actor, ctx.via, ctx.request_id, ctx.ip, ctx.cause_id, ctx.depth, ctx.audit_id)
    return replace(known, silent=ctx.silent)


def end_work(ctx: Context, key: str, object_key: str, count: int, detail: dict[str, Any]) -> None:
    """Write the one line: ``count`` records were touched. Inside the workspace's scope."""
    actor = ctx.actor
    if actor.raised is not None:
        detail = {**detail, "elevation": actor.raised.id}
    row = (
        ctx.audit_id, actor.workspace_id, key, object_key, None, count, actor.kind.value, actor.user_id, actor.name, ctx.via,
        ctx.request_id, ctx.ip, clock.now(), detail,
    )  # fmt: skip
    insert_rows(AuditEntry, _COLUMNS, [row])
