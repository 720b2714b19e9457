"""Work on a hundred thousand records at once, as its job does it: one change of all of them, and their list as a file."""

from __future__ import annotations

from benchmarks.generate import SLUG
from benchmarks.installed import Measured
from benchmarks.report import Report

ROWS = 100_000
PATIENCE = 600

_FRAME = """
import json, time
from pathlib import Path
from peyvand.kernel.conditions import parse
from peyvand.platform.actions.context import job_context
from peyvand.platform.identity.actor import tenant_by
from peyvand.platform.objects.spec import object_named
from peyvand.platform.workspaces.scope import workspace_scope
tenant, person = tenant_by(slug={slug!r}), object_named("person")
"""
# The run is made as the page makes it; then set after set, each in a transaction of its own.
_CHANGE = (
    _FRAME
    + """
from peyvand.platform.objects import bulk
from peyvand.platform.objects.models import BulkRun
begun, more = time.monotonic(), True
with workspace_scope(tenant.id):
    last = person.rows.order_by("id").values_list("id", flat=True)[{rows} - 1]
    order = bulk.Order("person", "update", {{"job_title": f"کارشناس {{time.time()}}"}}, until=last)
    run = BulkRun.objects.create(object="person", verb="update", order=bulk.asdict(order), total={rows})
while more:
    with workspace_scope(tenant.id):
        run.refresh_from_db()
        more = bulk.go_on(job_context(tenant), run)
print(json.dumps([run.done, run.refused, time.monotonic() - begun]))
"""
)
_EXPORT = (
    _FRAME
    + """
from peyvand.integrations.transfer.exporting import export_of, write_list
from dataclasses import replace
path = Path({folder!r}) / "people.{format}"
with workspace_scope(tenant.id):
    last = person.rows.order_by("id").values_list("id", flat=True)[{rows} - 1]
    asked = 'filter={{"field":"id","op":"lte","value":%d}}' % last
    begun = time.monotonic()
    count = write_list(export_of(job_context(tenant), person, asked + "&format={format}"), path)
print(json.dumps([count, path.stat().st_size, time.monotonic() - begun]))
"""
)


def run(measured: Measured, report: Report) -> None:
    """Change a hundred thousand people, and write as many into a CSV and an XLSX."""
    done, refused, seconds = measured.script(_CHANGE.format(slug=SLUG, rows=ROWS), patience=PATIENCE)
    _say(report, "bulk change", done, seconds, refused=refused)
    for format in ("csv", "xlsx"):
        code = _EXPORT.format(slug=SLUG, rows=ROWS, folder=str(measured.data), format=format)
        count, size, seconds = measured.script(code, patience=PATIENCE)
        _say(report, f"export as {format}", count, seconds, MB=round(size / 1e6, 1))


def _say(report: Report, what: str, records: int, seconds: float, **more: float) -> None:
    report.figures[what] = {
        "records": records, "seconds": round(seconds, 1), "records a second": round(records / seconds), **more
    }  # fmt: skip
    report.say(f"{what}: {report.figures[what]}")
