"""Live updates: what changed is told to every process by NOTIFY in the same transaction; ids only, readers refetch."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from peyvand.platform.database.bulk import array
from peyvand.platform.database.prepared import fetch
from peyvand.platform.workspaces.scope import current_workspace_id

CHANNEL = "peyvand_live"
# More than this at once is told as "many": the reader reloads what it shows.
MANY = 50
_TELL = "select pg_notify(%s::text, notice)::text from unnest(%s::text[]) notice"


def notices(changed: Mapping[str, Sequence[int]]) -> list[str]:
    """What everyone who watches this workspace is told of changed records, one notice for each object."""
    workspace_id = current_workspace_id()
    return [
        json.dumps({"workspace": workspace_id, "object": key, "ids": list(ids) if len(ids) <= MANY else None})
        for key, ids in changed.items()
    ]


def tell(changed: Mapping[str, Sequence[int]]) -> None:
    """Have the open pages of this workspace look again, once this is committed. What goes through an action is told by itself; a
    name that no object has ("warehouse") tells of something else that pages show."""
    fetch(_TELL, [CHANNEL, array(notices(changed), "text")])
