"""The front end's own tests, as a part of all tests: set-up installed what they need when it built the front end."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

FRONTEND = Path(__file__).resolve().parents[2] / "frontend"


@pytest.mark.slow
def test_the_scripts_of_the_pages_do_what_their_tests_say() -> None:
    # Where the machine had no Node, set-up laid one beside our Python.
    found = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    done = subprocess.run(
        [FRONTEND / "node_modules" / ".bin" / "vitest", "run"],
        cwd=FRONTEND,
        env={**os.environ, "PATH": found, "CI": "1", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stdout + done.stderr
