"""One search: records stream from PostgreSQL to DuckDB under the workspace's scope, likely pairs come back in sets."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Final

from peyvand.kernel import clock
from peyvand.operational.duplicates.kinds import Kind
from peyvand.operational.duplicates.models import Pair, Search
from peyvand.operational.duplicates.rules import rules_of
from peyvand.platform.database.bulk import insert_rows
from peyvand.platform.workspaces.scope import current_workspace_id, workspace_scope

if TYPE_CHECKING:
    from peyvand.operational.duplicates.matching.engine import Match

MEMORY: Final = "2GB"
# More pairs than this are not looked through by anybody; the surest are kept.
MOST_PAIRS: Final = 100_000
SET: Final = 5000
_COLUMNS = ("workspace_id", "object", "one", "other", "score", "evidence", "state", "search", "found_at")
# What somebody decided stays decided, whatever the figures say now.
_KEEP_DECISIONS = (
    "(workspace_id, object, one, other) do update set score = excluded.score, evidence = excluded.evidence, search = excluded.search, "
    "found_at = excluded.found_at where duplicate_pair.state in ('open', 'later')"
)
Progress = Callable[[str, int], None]


def search(workspace_id: int, kind: Kind, search_id: int, progress: Progress) -> tuple[int, int]:
    """Look through all records of a kind; call it outside any scope. Returns how many records and pairs there are."""
    # Loaded by the worker that searches, not by every web process: together they are 100 MB.
    import duckdb

    from peyvand.operational.duplicates.matching import engine

    with duckdb.connect(config={"memory_limit": MEMORY, "threads": 2}) as memory:
        progress("read", 2)
        with workspace_scope(workspace_id):
            rules = rules_of(kind.spec.key)
            count = engine.load(memory, kind.matching, kind.rows())
        found = engine.find(memory, kind.matching, rules.least / 100, progress)
        with workspace_scope(workspace_id):
            pairs = store(kind.spec.key, search_id, islice(found, MOST_PAIRS))
    return count, pairs


def store(object_key: str, search_id: int, found: Iterable[Match]) -> int:
    """Keep what a search found, in sets; open pairs that it did not find again go. Returns how many it found."""
    count = 0
    for batch in _sets(found):
        now, workspace_id = clock.now(), current_workspace_id()
        count += insert_rows(Pair, _COLUMNS, (
            (workspace_id, object_key, m.left, m.right, round(m.probability * 1000),
             [[e.key, e.says, e.bits] for e in m.evidence], "open", search_id, now)
            for m in batch
        ), on_conflict=_KEEP_DECISIONS)  # fmt: skip
    Pair.objects.filter(object=object_key, state__in=("open", "later")).exclude(search=search_id).delete()
    return count


def note(workspace_id: int, search_id: int, step: str, percent: int) -> None:
    """Tell how far a search is, at once: in a transaction of its own."""
    with workspace_scope(workspace_id):
        Search.objects.filter(id=search_id).update(state="running", step=step, percent=percent)


def _sets(found: Iterable[Match]) -> Iterator[list[Match]]:
    rest = iter(found)
    while batch := list(islice(rest, SET)):
        yield batch
