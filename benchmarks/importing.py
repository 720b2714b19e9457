"""A file of people through `peyvand import`, and the same taken back: read, checked, written, with events and search."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import time
from pathlib import Path

from benchmarks import names
from benchmarks.generate import LARGE, SLUG
from benchmarks.installed import Measured
from benchmarks.report import Report

MANY, FEW = 1_000_000, 100_000
# How long a row may take before it is taken for stuck.
PATIENCE = 0.003
HEADS = ("نام", "نام خانوادگی", "موبایل", "رایانامه", "شهر", "سمت", "شناسه بیرونی")
UNDO = """
import json
from peyvand.integrations.transfer.jobs import undo
from peyvand.integrations.transfer.models import ImportChange, ImportRun
from peyvand.platform.identity.actor import tenant_by
from peyvand.platform.identity.models import User
from peyvand.platform.workspaces.scope import workspace_scope
tenant = tenant_by(slug={slug!r})
with workspace_scope(tenant.id):
    run = ImportRun.objects.latest("id")
    by = User.objects.filter(role__key="owner").first().id
    ImportRun.objects.filter(id=run.id).update(state="undoing", undoing={{"by": by}}, rows=0)
undo(tenant, run.id)
with workspace_scope(tenant.id):
    print(json.dumps(ImportRun.objects.get(id=run.id).undoing["removed"]))
"""


def run(measured: Measured, report: Report) -> None:
    """Import a file of new people into the filled workspace: a million into the large one. Then undo it."""
    rows = MANY if report.size.people >= LARGE.people else FEW
    mark = int(time.time())
    file = measured.data / "people.csv"
    _write(file, mark, rows)
    events = "select max(id) from event"
    before = measured.value(events)
    begun = time.monotonic()
    came, peak = _import(measured, file, rows)
    seconds = time.monotonic() - begun
    report.figures["import"] = {
        "rows": rows,
        "seconds": round(seconds, 1),
        "rows a second": round(rows / seconds),
        "peak MB": peak,
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


def _import(measured: Measured, file: Path, rows: int) -> tuple[dict[str, list[dict[str, object]]], int]:
    """What the command says, and the most memory that its process had, in megabytes."""
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
    return came, spent.ru_maxrss // 1024


def _write(file: Path, mark: int, rows: int) -> None:
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(HEADS)
        for n in range(rows):
            writer.writerow((
                names.GIVEN[n % len(names.GIVEN)],
                names.FAMILY_ROOTS[n // 7 % len(names.FAMILY_ROOTS)] + names.FAMILY_ENDINGS[n % len(names.FAMILY_ENDINGS)],
                f"0990{(mark * 31 + n) % 10_000_000:07}", f"i{mark}.{n}@example.ir", names.CITIES[n % len(names.CITIES)],
                names.JOBS[n % len(names.JOBS)], f"bench-{mark}-{n}",
            ))  # fmt: skip
