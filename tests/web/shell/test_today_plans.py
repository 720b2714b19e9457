"""What Today asks of one's own records begins with what is one's own, however many others have."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.db import connection


def scans(plan: dict[str, Any], is_sorted: bool = False) -> Iterator[tuple[dict[str, Any], bool]]:
    """The nodes of a plan that read a table, each with whether what it reads is sorted afterwards."""
    is_sorted = is_sorted or "Sort" in plan["Node Type"] or plan["Node Type"] == "Aggregate"
    if "Relation Name" in plan:
        yield plan, is_sorted
    for part in plan.get("Plans", ()):
        yield from scans(part, is_sorted)


def test_it_walks_no_index_of_everybodys(cast: Any, browse: Callable[..., Any]) -> None:
    read: list[str] = []
    walked: list[tuple[str, str, str]] = []

    def look(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if "owner_id" in sql and "ORDER BY" in sql and sql.startswith("SELECT"):
            with connection.cursor() as cursor:
                # As PostgreSQL has it where a table is large: whatever can be read in order is.
                cursor.execute("set local enable_sort = off; set local enable_seqscan = off")
                cursor.execute(f"explain (format json) {sql}", params)
                [(plan,)] = cursor.fetchall()
                cursor.execute("set local enable_sort = on; set local enable_seqscan = on")
            for scan, is_sorted in scans(plan[0]["Plan"]):
                read.append(scan["Relation Name"])
                # Between two moments nobody has many.
                if (
                    "owner_id =" in scan.get("Filter", "")
                    and not is_sorted
                    and ">=" not in scan.get("Index Cond", "")
                ):
                    walked.append((scan.get("Index Name", scan["Node Type"]), scan["Filter"], sql))
        return execute(sql, params, many, context)

    client = browse(cast.sara)
    with connection.execute_wrapper(look):
        page = client.get("/w/arman/")
    assert page.status_code == 200
    assert {"task", "deal", "invoice", "meeting"} <= set(read)
    assert not walked
