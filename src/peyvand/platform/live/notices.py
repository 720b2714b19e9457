"""Live updates: what changed is told to every process by NOTIFY in the same transaction; ids only, readers refetch."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from peyvand.platform.workspaces.scope import current_workspace_id

CHANNEL = "peyvand_live"
# More than this at once is told as "many": the reader reloads what it shows.
MANY = 50


def notices(changed: Mapping[str, Sequence[int]]) -> list[str]:
    """What everyone who watches this workspace is told of changed records, one notice for each object."""
    workspace_id = current_workspace_id()
    return [
        json.dumps({"workspace": workspace_id, "object": key, "ids": list(ids) if len(ids) <= MANY else None})
        for key, ids in changed.items()
    ]
