"""Writing in sets: many rows that share most of their values are kept as a few of them are."""

from __future__ import annotations

from datetime import UTC, datetime

from peyvand.integrations.transfer.models import ImportRun
from peyvand.platform.database.bulk import MANY, insert_rows
from peyvand.platform.search.models import SearchWord
from peyvand.platform.workspaces.scope import workspace_scope

COLUMNS = (
    "workspace_id", "state", "dry_run", "user_id", "via", "names", "mapping", "total", "rows", "created", "updated", "unchanged",
    "refused", "report", "undoing", "started_at", "ended_at",
)  # fmt: skip


MOMENT = datetime(2026, 3, 21, 8, 30, tzinfo=UTC)


def run_of(workspace):
    nothing = {}
    return (
        workspace, "done", True, None, 'a"\\', ["آ'\"\\.csv", "ب"], nothing, 2**40, 0, 1, 1, 1, 0, nothing, nothing, MOMENT, None,
    )  # fmt: skip


def test_many_rows_are_kept_as_a_few_are(cast):
    workspace = cast.arman.id
    same = run_of(workspace)
    differing = [(*same[:8], n, *same[9:13], {"n": n}, *same[14:]) for n in range(MANY)]
    # Each has an empty object of its own, as new records have; in the other column not all that is empty is an object.
    empty = [(*same[:8], n, *same[9:13], {}, [] if n == 7 else {}, *same[15:]) for n in range(MANY)]
    with workspace_scope(workspace):
        for rows in ([same] * MANY, differing, empty, [same] * 3, differing[:3], empty[:9]):
            assert insert_rows(ImportRun, COLUMNS, rows) == len(rows)
            assert list(ImportRun.objects.order_by("id").values_list(*COLUMNS)) == list(rows)
            ImportRun.objects.all().delete()


def test_another_statement_goes_along(cast):
    workspace = cast.arman.id
    beside = "insert into search_word (workspace_id, word, writer) select %s::bigint, unnest(%s::text[]), 0"
    for count in (2, MANY):
        word = f"beside{count}"
        with workspace_scope(workspace):
            insert_rows(
                ImportRun, COLUMNS, [run_of(workspace)] * count, beside=beside, told=[workspace, [word]]
            )
            assert ImportRun.objects.count() == count
            assert SearchWord.objects.filter(word=word).count() == 1
            ImportRun.objects.all().delete()
