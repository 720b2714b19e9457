"""A file of people through `peyvand import`, and the same taken back: read, checked, written, with events and search."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from resource import struct_rusage

from benchmarks import names
from benchmarks.generate import LARGE, SLUG
from benchmarks.installed import Measured
from benchmarks.report import Report

MANY, FEW = 1_000_000, 100_000
# How long a row may take before it is taken for stuck.
PATIENCE = 0.003
HEADS = ("نام", "نام خانوادگی", "موبایل", "رایانامه", "شرکت", "شهر", "سمت")
# Companies that only one record is called; several share a name in the filled workspace, as they do in life.
EMPLOYERS = "select min(name) from company group by name having count(*) = 1 order by 1 limit 5000"
UNDO = """
import json
from peyvand.administration.members.actions import add_user
from peyvand.integrations.transfer.jobs import undo
from peyvand.integrations.transfer.models import ImportChange, ImportRun
from peyvand.platform.actions.context import job_context
from peyvand.platform.identity.actor import tenant_by
from peyvand.platform.workspaces.scope import workspace_scope
tenant = tenant_by(slug={slug!r})
with workspace_scope(tenant.id):
    run = ImportRun.objects.latest("id")
    by = add_user(job_context(tenant), name="صاحب", role="owner").id
    ImportRun.objects.filter(id=run.id).update(state="undoing", undoing={{"by": by}}, rows=0)
undo(tenant, run.id)
with workspace_scope(tenant.id):
    print(json.dumps(ImportRun.objects.get(id=run.id).undoing["removed"]))
"""


def run(measured: Measured, report: Report, rows: int = 0) -> None:
    """Import a file of new people with phone, mail and company into the filled workspace, then undo it.

    ``rows``: how many; 0: a million into the large workspace, else a tenth of that.
    """
    rows = rows or (MANY if report.size.people >= LARGE.people else FEW)
    mark = int(time.time())
    file = measured.data / "people.csv"
    with measured.rows() as connection:
        employers = [row[0] for row in connection.execute(EMPLOYERS)]
    _write(file, mark, rows, employers)
    events = "select max(id) from event"
    before = measured.value(events)
    postmaster = int((measured.database.cluster / "postmaster.pid").read_text().split()[0])
    database = measured.spent_by(postmaster)
    begun = time.monotonic()
    came, process = _import(measured, file, rows)
    seconds = time.monotonic() - begun
    database = measured.spent_by(postmaster) - database
    report.figures["import"] = {
        "rows": rows,
        "seconds": round(seconds, 1),
        "rows a second": round(rows / seconds),
        "peak MB": process.ru_maxrss // 1024,
        "Python, CPU µs a row": round(1e6 * (process.ru_utime + process.ru_stime) / rows, 1),
        "PostgreSQL, CPU µs a row": round(1e6 * database / rows, 1),
        "load": round(os.getloadavg()[0], 1),
        "events written": measured.value(events) - before,
        "files": [{k: v for k, v in f.items() if isinstance(v, int)} for f in came.get("files", ())],
    }
    report.say(f"import: {report.figures['import']}")
    file.unlink()
    begun = time.monotonic()
    removed = measured.script(UNDO.format(slug=SLUG), patience=rows * PATIENCE)
    seconds = time.monotonic() - begun
    report.figures["undo"] = {
        "records": removed, "seconds": round(seconds, 1), "records a second": round(removed / seconds)
    }  # fmt: skip
    report.say(f"undo: {report.figures['undo']}")


def _import(
    measured: Measured, file: Path, rows: int
) -> tuple[dict[str, list[dict[str, object]]], struct_rusage]:
    """What the command says, and what its process took."""
    command = [sys.executable, "-m", "peyvand.config.cli", "import", str(file), "--workspace", SLUG, "--json"]
    out = measured.data / "import.json"
    with out.open("w") as said:
        process = subprocess.Popen(command, env=measured.environ, stdout=said)
        deadline = time.monotonic() + rows * PATIENCE
        ended = 0
        while not ended:
            ended, status, spent = os.wait4(process.pid, os.WNOHANG)
            if not ended and time.monotonic() > deadline:
                process.kill()
                raise RuntimeError("the import takes too long")
            time.sleep(0.05)
    if os.waitstatus_to_exitcode(status):
        raise RuntimeError(out.read_text()[:2000])
    process.returncode = 0
    came: dict[str, list[dict[str, object]]] = json.loads(out.read_text())
    out.unlink()
    return came, spent


def _write(file: Path, mark: int, rows: int, employers: Sequence[str]) -> None:
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(HEADS)
        for n in range(rows):
            writer.writerow((
                names.GIVEN[n % len(names.GIVEN)],
                names.FAMILY_ROOTS[n // 7 % len(names.FAMILY_ROOTS)] + names.FAMILY_ENDINGS[n % len(names.FAMILY_ENDINGS)],
                f"0990{(mark * 31 + n) % 10_000_000:07}", f"i{mark}.{n}@example.ir", employers[n % len(employers)],
                names.CITIES[n % len(names.CITIES)], names.JOBS[n % len(names.JOBS)],
            ))  # fmt: skip
