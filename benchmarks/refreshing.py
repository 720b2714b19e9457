"""What everybody has bought is concluded from anew while fifty people work: scores of a million customers, in the worker.

The people of ``generate`` have orders here, two and a half on average, over two years. What is asked of the screens is
what ``people`` asks of them without it.
"""

from __future__ import annotations

import time
from typing import Any, Final

import psycopg

from benchmarks import people
from benchmarks.generate import SLUG
from benchmarks.installed import Measured
from benchmarks.report import Report

ANALYSES: Final = ("rfm", "churn", "value")
SAID: Final = "refresh: "

# Customer n comes again the more often the smaller a spread number of theirs is; at the pace that is theirs, too.
_ORDERS: Final = """
insert into customer_order (workspace_id, created_at, updated_at, version, number, kind, status, person_id, ordered_at, channel, currency,
    rate, gross, discount, net, tax, total, reason, note, owner_id, created_by_id)
select p.workspace_id, now(), now(), 1, 'O-' || p.id || '-' || k, 'sale', 'fulfilled', p.id,
    now() - make_interval(secs => 63072000.0 * (1 - (p.id %% 9973) / 9973.0) * (1 - k / (times + 1.0))), 'shop', 'IRR', 1,
    worth, 0, worth, 0, worth, '', '', p.owner_id, p.created_by_id
from person p cross join lateral (select 1 + (4 * power(((p.id * 7919) %% 10007) / 10007.0, 2))::int as times) t
cross join lateral generate_series(0, t.times - 1) k
cross join lateral (select 1000000 * (1 + (p.id * 31 + k * 17) %% 90) as worth) w
where p.workspace_id = %s and p.id <= %s
"""
_BEGIN: Final = """
import json
from peyvand.analytical.analyses.jobs import put_to_work
from peyvand.platform.identity.actor import tenant_by
from peyvand.platform.workspaces.scope import workspace_scope
with workspace_scope({workspace}):
    put_to_work(tenant_by(id={workspace}), *{keys})
print(json.dumps(None))
"""
_CARDS: Final = """
select analysis, state, scored, written, extract(epoch from ended_at - started_at)::int from model_card
where workspace_id = %s and started_at >= %s::timestamptz order by id
"""


def run(measured: Measured, report: Report, seconds: float) -> None:
    """Fifty people at work while the worker concludes; then it is let come to its end, at most an hour."""
    workspace = measured.made["workspace"]
    with psycopg.connect(measured.database.superuser_url, autocommit=True) as connection:
        _give_orders(connection, workspace, report)
        begun = connection.execute("select now()").fetchone()
    with report.timed("warehouse brought to the present"):
        measured.command("warehouse", "refresh", "--workspace", SLUG, patience=3600)

    def begin() -> None:
        measured.script(_BEGIN.format(workspace=workspace, keys=ANALYSES), patience=600)

    people.run(measured, report, seconds, SAID, begin)
    report.figures["refreshed"] = _ended(measured, workspace, begun)


def _give_orders(connection: psycopg.Connection[Any], workspace: int, report: Report) -> None:
    """Once for each workspace. The first fill takes everything, so that triggers need not tell of these rows."""
    if connection.execute(
        "select 1 from customer_order where workspace_id = %s limit 1", [workspace]
    ).fetchone():
        return
    connection.execute("set session_replication_role = replica")
    with report.timed("orders given"):
        connection.execute(_ORDERS, [workspace, report.size.people])
    connection.execute("vacuum analyze customer_order")


def _ended(measured: Measured, workspace: int, begun: Any) -> list[dict[str, Any]]:
    """What the runs came to, with a worker that goes on where the one before was stopped."""
    measured.work()
    told: list[Any] = []
    until = time.monotonic() + 3600
    while time.monotonic() < until:
        with measured.rows() as connection:
            told = connection.execute(_CARDS, [workspace, *begun]).fetchall()
        if {row[0] for row in told if row[1] != "running"} >= set(ANALYSES):
            break
        time.sleep(5)
    measured.stop("worker")
    keys = ("analysis", "state", "scored", "written", "seconds")
    return [dict(zip(keys, row, strict=True)) for row in told]
