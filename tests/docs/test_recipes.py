"""The recipes in docs/recipes work: each is followed word by word in a copy of the project."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
RECIPES = sorted((ROOT / "docs" / "recipes").glob("*.md"))
FENCE = r"```\w+\n(.*?)```"
STEP = re.compile(
    rf"In `(?P<changed>[^`]+)` change\n{FENCE}\ninto\n{FENCE}"
    rf"|Create `(?P<made>[^`]+)`:\n{FENCE}"
    rf"|At the end of `(?P<extended>[^`]+)` add\n{FENCE}"
    r"|```sh\n(?P<commands>.*?)```",
    re.DOTALL,
)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The project beside the same virtual environment, with what is compiled of it: that holds for files as old."""
    passed_over = shutil.ignore_patterns("node_modules", "docs")
    for folder in ("src", "tests", "tools"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=passed_over)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (tmp_path / ".venv").symlink_to(Path(sys.prefix), target_is_directory=True)
    return tmp_path


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("recipe", RECIPES, ids=lambda path: path.stem)
def test_a_recipe_works_as_it_is_written(recipe: Path, copy: Path) -> None:
    text = recipe.read_text(encoding="utf-8")
    steps = list(STEP.finditer(text))
    fences = sum(2 if step["changed"] else 1 for step in steps)
    assert fences == text.count("```") // 2, "a block of the recipe is not part of a step"
    assert sum(1 for step in steps if step["commands"]) >= 1
    for step in steps:
        _follow(step, copy)


def _follow(step: re.Match[str], copy: Path) -> None:
    blocks = [block for block in step.groups() if block is not None]
    if step["commands"]:
        for command in step["commands"].splitlines():
            _run(command, copy)
    elif step["changed"]:
        file = copy / step["changed"]
        old, new = blocks[1:]
        text = file.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{step['changed']} has not exactly one\n{old}"
        file.write_text(text.replace(old, new), encoding="utf-8")
    elif step["made"]:
        file = copy / step["made"]
        assert not file.exists(), f"{step['made']} is there already"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(blocks[1], encoding="utf-8")
    else:
        with (copy / step["extended"]).open("a", encoding="utf-8") as file:
            file.write("\n" + blocks[1])


def _run(command: str, copy: Path) -> None:
    kept = {
        name: text
        for name, text in os.environ.items()
        if not name.startswith(("PEYVAND", "DATABASE", "DJANGO", "PYTEST", "PYTHON"))
    }
    # Compiling is a step of set-up, not of the recipe.
    if "pytest" in command:
        _run(".venv/bin/python tools/catalogues.py", copy)
    done = subprocess.run(
        command.split(),
        cwd=copy,
        env={
            **kept,
            "PYTHONPATH": "src",
            "PYTHONWARNINGS": "ignore::RuntimeWarning",
            "PEYVAND_DATA": str(copy / "data"),
            # What a recipe adds is migrated upon what our own tests have migrated already.
            "PEYVAND_TEMPLATES": os.environ["PEYVAND_TEMPLATES"],
        },
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
