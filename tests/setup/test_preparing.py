"""Set-up does again only what changed: what it makes itself is no change."""

import importlib.util
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def test_only_what_people_write_has_the_front_end_built_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the build leaves among its sources did once, so that every second start built it again."""
    monkeypatch.syspath_prepend(ROOT / "tools")
    spec = importlib.util.spec_from_file_location("preparing", ROOT / "tools" / "setup.py")
    assert spec
    assert spec.loader
    preparing = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(preparing)
    listing = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "frontend"]
    shown = subprocess.run(listing, cwd=ROOT, capture_output=True, text=True, check=True).stdout

    assert set(preparing._frontend_sources()) == {ROOT / line for line in shown.splitlines()}
