"""Work too long for one transaction: many actions, one line of audit.

The line's number is taken at the beginning, so that the events of all the actions name it, and written at the end.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import Any

from peyvand.kernel import clock
from peyvand.platform.actions.context import Context
from peyvand.platform.actions.recording import AUDIT, audit_line
from peyvand.platform.audit.models import AuditEntry
from peyvand.platform.database.bulk import insert_rows, next_ids


def begin_work(ctx: Context) -> Context:
    """The context of the work's actions: they write no audit of their own. Inside the workspace's scope."""
    return replace(fresh(ctx), audit_id=next_ids(AuditEntry, 1)[0])


def fresh(ctx: Context) -> Context:
    """The same context for another transaction: what the one has recorded so far is not the other's."""
    return replace(ctx, facts=[], changed=defaultdict(list), made={}, running=0)


def end_work(ctx: Context, key: str, object_key: str, count: int, detail: dict[str, Any]) -> None:
    """Write the one line: ``count`` records were touched. Inside the workspace's scope."""
    line = audit_line(ctx, key, object_key, None, count, detail, clock.now())
    insert_rows(AuditEntry, ("id", *AUDIT), [(ctx.audit_id, *line)])
