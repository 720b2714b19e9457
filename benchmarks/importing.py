"""A file of people through `peyvand import`: read, checked, written, with events and search."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
import time
from pathlib import Path

from benchmarks import names
from benchmarks.generate import SLUG
from benchmarks.installed import Measured
from benchmarks.report import Report

ROWS = 100_000
HEADS = ("نام", "نام خانوادگی", "موبایل", "رایانامه", "شهر", "سمت", "شناسه بیرونی")


def run(measured: Measured, report: Report) -> None:
    """Import a file of 100,000 new people into the filled workspace."""
    mark = int(time.time())
    file = measured.data / "people.csv"
    _write(file, mark)
    events = "select max(id) from event"
    before = measured.value(events)
    begun = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "peyvand.config.cli", "import", str(file), "--workspace", SLUG, "--json"],
        env=measured.environ,
        capture_output=True,
        text=True,
        timeout=300,
    )
    seconds = time.monotonic() - begun
    if done.returncode:
        raise RuntimeError(done.stderr + done.stdout[:2000])
    came = json.loads(done.stdout)
    report.figures["import"] = {
        "rows": ROWS,
        "seconds": round(seconds, 1),
        "rows a second": round(ROWS / seconds),
        "events written": measured.value(events) - before,
        "files": [{k: v for k, v in f.items() if isinstance(v, int)} for f in came.get("files", ())],
    }
    report.say(f"import: {report.figures['import']}")
    file.unlink()


def _write(file: Path, mark: int) -> None:
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(HEADS)
        for n in range(ROWS):
            writer.writerow((
                names.GIVEN[n % len(names.GIVEN)],
                names.FAMILY_ROOTS[n // 7 % len(names.FAMILY_ROOTS)] + names.FAMILY_ENDINGS[n % len(names.FAMILY_ENDINGS)],
                f"0990{(mark * 31 + n) % 10_000_000:07}", f"i{mark}.{n}@example.ir", names.CITIES[n % len(names.CITIES)],
                names.JOBS[n % len(names.JOBS)], f"bench-{mark}-{n}",
            ))  # fmt: skip
