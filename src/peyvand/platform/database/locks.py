"""Names that one transaction at a time may hold: what two at once would do wrong though each is right by itself."""

from __future__ import annotations

from peyvand.platform.database.prepared import fetch

# In the order of the numbers, so that two who hold several of the same names never wait for each other.
_HOLD = "select pg_advisory_xact_lock(n) from (select hashtextextended(t, 0) n from unnest(%s::text[]) t order by 1) locks"


def hold(workspace_id: int, *names: str) -> None:
    """Hold these names of a workspace until the transaction ends; whoever else wants one of them waits for it."""
    if names:
        fetch(_HOLD, [sorted({f"{workspace_id}:{name}" for name in names})])
