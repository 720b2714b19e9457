"""Live updates: what changed is told to every process by NOTIFY in the same transaction; ids only, readers refetch."""

from __future__ import annotations

import json
from collections.abc import Sequence

from peyvand.platform.database.prepared import run
from peyvand.platform.workspaces.scope import current_workspace_id

CHANNEL = "peyvand_live"
# More than this at once is told as "many": the reader reloads what it shows.
MANY = 50


def tell_changed(object_key: str, ids: Sequence[int]) -> None:
    """Tell everyone who watches this workspace that these records changed, once the transaction commits."""
    notice = {
        "workspace": current_workspace_id(),
        "object": object_key,
        "ids": list(ids) if len(ids) <= MANY else None,
    }
    run("select pg_notify(%s::text, %s::text)", [CHANNEL, json.dumps(notice)])
