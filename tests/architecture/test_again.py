"""A browser's test is tried once more, and no other; two of them in a run, over all its processes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

CASES = """
from pathlib import Path
import pytest

@pytest.fixture
def chromium():
    pass

def tries(name):
    with open(name, "a") as log:
        log.write("x")
    return len(Path(name).read_text())

@pytest.mark.parametrize("n", range(4))
def test_luck(chromium, n):
    assert tries(f"luck{n}") > 1, "unlucky"

def test_fault(chromium):
    assert tries("fault") > 9

def test_plain():
    assert tries("plain") > 1
"""


@pytest.mark.parametrize(
    ("chosen", "processes", "code", "outcome"),
    [
        ("luck0 luck1", 2, 0, "2 passed, 2 rerun"),
        ("luck0 luck1 luck2 luck3", 2, 1, "2 failed, 2 passed, 2 rerun"),
        ("fault plain", 0, 1, "2 failed, 1 rerun"),
    ],
)
def test_tried_again(tmp_path: Path, chosen: str, processes: int, code: int, outcome: str) -> None:
    (tmp_path / "test_cases.py").write_text(CASES)
    (tmp_path / "pytest.ini").write_text("[pytest]")
    names = [f"luck[{name[-1]}]" if "luck" in name else name for name in chosen.split()]
    finished = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-ra", "-n", str(processes), "--dist", "worksteal"),
            *("-p", "xdist", "-p", "pytest_rerunfailures", "-p", "peyvand.testing.again"),
            *(f"test_cases.py::test_{name}" for name in names),
        ],
        cwd=tmp_path,
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": ""},
        capture_output=True,
        text=True,
    )
    assert (finished.returncode, outcome in finished.stdout) == (code, True), finished.stdout
    tried = {name: len((tmp_path / name).read_text()) for name in chosen.split()}
    assert sum(tried.values()) == len(tried) + min(2, sum(name != "plain" for name in tried))
    assert tried.get("plain", 1) == 1
    # What was tried again is named, and with it why.
    assert "RERUN test_cases.py" in finished.stdout
    assert "unlucky" in finished.stdout or "luck0" not in tried
