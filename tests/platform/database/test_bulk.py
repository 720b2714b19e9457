"""Writing in sets: many rows that share most of their values are kept as a few of them are."""

from __future__ import annotations

from datetime import UTC, datetime

from peyvand.integrations.transfer.models import ImportRun
from peyvand.platform.database.bulk import MANY, insert_rows
from peyvand.platform.workspaces.scope import workspace_scope

COLUMNS = (
    "workspace_id", "state", "dry_run", "user_id", "via", "names", "mapping", "total", "rows", "created", "updated", "unchanged",
    "refused", "report", "undoing", "started_at", "ended_at",
)  # fmt: skip


def test_many_rows_are_kept_as_a_few_are(cast):
    workspace, moment = cast.arman.id, datetime(2026, 3, 21, 8, 30, tzinfo=UTC)
    names, nothing = ["آ'\"\\.csv", "ب"], {}
    same = (
        workspace,
        "done",
        True,
        None,
        'a"\\',
        names,
        nothing,
        2**40,
        0,
        1,
        1,
        1,
        0,
        nothing,
        nothing,
        moment,
        None,
    )
    differing = [(*same[:8], n, *same[9:13], {"n": n}, *same[14:]) for n in range(MANY)]
    with workspace_scope(workspace):
        for rows in ([same] * MANY, differing, [same] * 3, differing[:3]):
            assert insert_rows(ImportRun, COLUMNS, rows) == len(rows)
            assert list(ImportRun.objects.order_by("id").values_list(*COLUMNS)) == list(rows)
            ImportRun.objects.all().delete()
