"""Live updates: what changed is told to every process by NOTIFY in the same transaction; ids only, readers refetch."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from peyvand.platform.database.prepared import run
from peyvand.platform.workspaces.scope import current_workspace_id

CHANNEL = "peyvand_live"
# More than this at once is told as "many": the reader reloads what it shows.
MANY = 50


def tell_changed(changed: Mapping[str, Sequence[int]]) -> None:
    """Tell everyone who watches this workspace that these records changed, by object, once the transaction commits."""
    if not changed:
        return
    workspace_id = current_workspace_id()
    notices = [
        json.dumps({"workspace": workspace_id, "object": key, "ids": list(ids) if len(ids) <= MANY else None})
        for key, ids in changed.items()
    ]
    run("select pg_notify(%s::text, notice) from unnest(%s::text[]) notice", [CHANNEL, notices])
