"""What README.md tells a stranger to type works: its commands are run as they stand there, on a demonstration."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from peyvand.administration.demo.login import LOGIN, PASSWORD
from peyvand.testing.installation import Installation

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```sh\n(.*?)```", README, re.DOTALL)


def test_the_way_in_is_the_demonstrations() -> None:
    assert f"`{LOGIN}`" in README
    assert f"`{PASSWORD}`" in README


def test_what_it_links_to_is_there() -> None:
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", README) if "://" not in link]
    assert len(links) > 5
    assert [link for link in links if not (ROOT / link).exists()] == []


@pytest.fixture
def installed(tmp_path: Path) -> Iterator[Installation]:
    installation = Installation(tmp_path / "data", {})
    installation.open()
    try:
        installation.command("demo")
        installation.serve(1)
        yield installation
    finally:
        installation.close()


@pytest.mark.slow
@pytest.mark.timeout(400)
@pytest.mark.skipif(shutil.which("curl") is None, reason="the examples use curl")
def test_its_commands_do_what_they_say(installed: Installation, tmp_path: Path) -> None:
    (tmp_path / "companies.csv").write_text("company name,city\nآوند طب,تهران\n", encoding="utf-8")
    workspaces, imports, programs = (_block(word) for word in ("workspace create", "--dry-run", "curl"))
    _run(workspaces, installed, tmp_path)
    _run(imports.replace(" deals.xlsx", ""), installed, tmp_path)
    listed, created = (json.loads(line) for line in _run(programs, installed, tmp_path).splitlines() if line)
    assert len(listed["items"]) == 3
    assert {"name", "amount", "stage"} <= listed["items"][0].keys()
    assert created["title"] == "ندا کریمی"


def _block(word: str) -> str:
    [block] = [block for block in BLOCKS if word in block]
    return str(block)


def _run(block: str, installed: Installation, folder: Path) -> str:
    """What the lines print, run by a shell; only the command's place and the port are of this test."""
    script = block.replace(".venv/bin/peyvand", f"{sys.executable} -m peyvand.config.cli")
    script = script.replace("127.0.0.1:8000", f"127.0.0.1:{installed.port}")
    done = subprocess.run(
        ["sh", "-euc", 'curl() { command curl -sS "$@"; echo; }\n' + script],
        cwd=folder,
        env=installed.environ,
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_decision_is_in_the_index() -> None:
    folder = ROOT / "docs" / "decisions"
    index = (folder / "README.md").read_text(encoding="utf-8")
    for page in sorted(folder.glob("0*.md")):
        title, tags = page.read_text(encoding="utf-8").splitlines()[:2]
        assert title.startswith(f"# {int(page.name[:4])}. "), page.name
        assert tags.startswith("Tags: "), page.name
        assert f"| [{title[2:]}]({page.name}) |" in index, page.name
