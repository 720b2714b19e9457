"""Rules of the tree that no import contract can say: what is declared where, who writes, what templates hold."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "peyvand"
SLICES = [
    folder
    for layer in ("operational", "collaborative", "processes", "administration", "integrations")
    for folder in sorted((PACKAGE / layer).iterdir())
    if (folder / "__init__.py").exists()
]
DOCUMENTED = [
    *SLICES,
    *(folder for folder in sorted((PACKAGE / "platform").iterdir()) if (folder / "__init__.py").exists()),
    *(PACKAGE / name for name in ("kernel", "api", "web/components", "web/objects", "web/shell")),
]
# What a slice declares is found where everybody looks for it.
PLACES = {"fact": "events.py", "reaction": "reactions.py", "job": "jobs.py"}
TABLES = {"models.Model", "WorkspaceModel", "Record", "OwnedRecord"}
WRITES = re.compile(r"\.objects\.(create|bulk_\w+|update\w*|get_or_create)$|\.(save|delete)$")
PRESENT = {"timezone.now", "datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time"}
BY_SLICE = pytest.mark.parametrize("folder", SLICES, ids=lambda folder: folder.name)


@cache
def _tree(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


def _sources(folder: Path) -> Iterator[Path]:
    return (file for file in sorted(folder.rglob("*.py")) if "migrations" not in file.parts)


@cache
def _imports() -> list[tuple[Path, str]]:
    """What each file of the package imports by name, as `module` and `module.name`."""
    return [
        (file, name)
        for file in _sources(PACKAGE)
        for node in ast.walk(_tree(file))
        if isinstance(node, ast.ImportFrom) and node.module
        for name in (node.module, *(f"{node.module}.{each.name}" for each in node.names))
    ]


def _short(file: Path) -> str:
    return str(file.relative_to(PACKAGE))


def _module(file: Path) -> str:
    return ".".join(file.relative_to(PACKAGE.parent).with_suffix("").parts)


@pytest.mark.parametrize("folder", DOCUMENTED, ids=_short)
def test_it_says_on_one_screen_what_it_is(folder: Path) -> None:
    text = (folder / "README.md").read_text(encoding="utf-8")
    assert text.startswith("# ")
    assert 2 <= len(text.splitlines()) <= 60


@BY_SLICE
def test_what_it_declares_is_where_everybody_looks(folder: Path) -> None:
    astray = []
    for file in _sources(folder):
        for node in ast.walk(_tree(file)):
            if isinstance(node, ast.ClassDef) and TABLES & {ast.unparse(base) for base in node.bases}:
                astray += [] if file.name == "models.py" else [f"{_short(file)}: table {node.name}"]
            if isinstance(node, ast.ClassDef | ast.FunctionDef):
                for decorator in node.decorator_list:
                    name = ast.unparse(getattr(decorator, "func", decorator)).rpartition(".")[2]
                    if PLACES.get(name, file.name) != file.name:
                        astray.append(f"{_short(file)}: {name} {node.name}")
            if (
                isinstance(node, ast.Call)
                and ast.unparse(node.func) == "ObjectSpec"
                and file.name != "objects.py"
            ):
                astray.append(f"{_short(file)}: an object")
    assert astray == []


@BY_SLICE
def test_its_readme_names_its_objects(folder: Path) -> None:
    if not (folder / "objects.py").exists():
        return
    keys = [
        ast.literal_eval(keyword.value)
        for node in ast.walk(_tree(folder / "objects.py"))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "ObjectSpec"
        for keyword in node.keywords
        if keyword.arg == "key"
    ]
    text = (folder / "README.md").read_text(encoding="utf-8").lower()
    assert [key for key in keys if key.replace("_", " ") not in text and key not in text] == []


@BY_SLICE
def test_others_come_in_by_its_door(folder: Path) -> None:
    """`config` puts everything together and `testing` sets scenes; all others use `public` and `events`."""
    inside = f"{_module(folder)}."
    doors = (f"{inside}public", f"{inside}events")
    found = [
        f"{_short(file)} imports {name}"
        for file, name in _imports()
        if name.startswith(inside) and not any(name == door or name.startswith(f"{door}.") for door in doors)
        if not file.is_relative_to(folder) and file.relative_to(PACKAGE).parts[0] not in ("config", "testing")
    ]
    assert found == []


def test_pages_write_through_actions_alone() -> None:
    found = [
        f"{_short(file)}:{node.lineno}: {ast.unparse(node.func)}"
        for file in _sources(PACKAGE)
        if "web" in file.parts or file.name.endswith("views.py")
        if not file.is_relative_to(PACKAGE / "platform")
        for node in ast.walk(_tree(file))
        if isinstance(node, ast.Call) and WRITES.search(ast.unparse(node.func))
    ]
    assert found == []


def test_one_clock() -> None:
    found = [
        f"{_short(file)}:{node.lineno}"
        for file in _sources(PACKAGE)
        if file != PACKAGE / "kernel" / "clock.py"
        for node in ast.walk(_tree(file))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in PRESENT
    ]
    assert found == []


def test_templates_hold_no_script_and_no_style() -> None:
    forbidden = re.compile(
        r"""\sstyle\s*=|\son[a-z]+\s*=|<style|<script(?![^>]*\b(src|type="application/json"))"""
    )
    found = [
        f"{_short(file)}: {hit[0]}"
        for file in sorted(PACKAGE.rglob("templates/**/*.html"))
        for hit in forbidden.finditer(file.read_text(encoding="utf-8"))
    ]
    assert found == []


def test_styles_know_no_left_and_right() -> None:
    physical = re.compile(
        r"(?<![\w-])((margin|padding|border|scroll-margin|scroll-padding)-(left|right)\b|(left|right)\s*:"
        r"|text-align\s*:\s*(left|right)|float\s*:\s*(left|right)|border-(top|bottom)-(left|right)-radius)"
    )
    sheets = sorted((ROOT / "frontend" / "src").rglob("*.css"))
    assert sheets
    found = [
        f"{file.name}:{number}: {line.strip()}"
        for file in sheets
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
        if physical.search(line)
    ]
    assert found == []


def test_every_setting_of_the_environment_is_described() -> None:
    asked = {
        name
        for folder in (PACKAGE, ROOT / "tools")
        for file in _sources(folder)
        if not file.is_relative_to(PACKAGE / "testing")
        for name in re.findall(
            r"""environ(?:\.\w+)?[\[(]\s*"((?:PEYVAND|DATABASE)_\w+|PORT)\"|envvar="(\w+)\"""",
            file.read_text("utf-8"),
        )
        for name in name
        if name
    }
    text = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    assert len(asked) > 10
    assert sorted(name for name in asked if f"`{name}`" not in text) == []
