"""`python -m benchmarks`: fill a workspace, measure everything, print the table and keep it as JSON."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from benchmarks import generate
from benchmarks.installed import Measured
from benchmarks.report import Report


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--small", action="store_true", help="100,000 people instead of a million")
    for name, count in vars(generate.LARGE).items():
        parser.add_argument(f"--{name}", type=int, help=f"{count:,} if not given")
    parser.add_argument("--data", type=Path, help="folder of the database; kept, and used again, if given")
    parser.add_argument("--seconds", type=float, default=4.0, help="for each measurement")
    parser.add_argument("--only", default="", help="measure only what has one of these words in its name")
    parser.add_argument(
        "--parts", default="load,browser,people,refresh,many,import", help="which measurements"
    )
    parser.add_argument(
        "--import-rows",
        type=int,
        default=0,
        help="of the file that is imported; if not given, a million or 100,000",
    )
    given = parser.parse_args()
    base = generate.SMALL if given.small else generate.LARGE
    size = generate.Size(**{k: getattr(given, k) or v for k, v in vars(base).items()})
    if given.data:
        measure(given, size, given.data)
    else:
        with tempfile.TemporaryDirectory(prefix="peyvand-bench-") as folder:
            measure(given, size, Path(folder) / "data")


def measure(given: argparse.Namespace, size: generate.Size, data: Path) -> None:
    # Imported late: they need what only a development set-up has.
    from benchmarks import browser, importing, load, many, people, refreshing

    parts = given.parts.split(",")
    report = Report(size)
    measured = Measured(data.absolute())
    try:
        measured.open()
        with report.timed("fill"):
            measured.fill(size, report.say)
        report.disk = generate.disk(measured.database.superuser_url)
        if "load" in parts:
            load.run(measured, report, given.seconds, given.only.split())
        if "browser" in parts:
            browser.run(measured, report)
        if "people" in parts:
            people.run(measured, report, given.seconds)
        if "refresh" in parts:
            refreshing.run(measured, report, given.seconds)
        if "many" in parts:
            many.run(measured, report)
        if "import" in parts:
            importing.run(measured, report, given.import_rows)
    finally:
        measured.close()
    report.print()
    report.keep(Path(__file__).parent / "results")


if __name__ == "__main__":
    main()
