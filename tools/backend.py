"""The build backend: setuptools, after making sure that built assets and compiled catalogues are inside."""

import json
from pathlib import Path
from typing import Any

from setuptools import build_meta
from setuptools.build_meta import (
    build_editable,
    get_requires_for_build_editable,
    get_requires_for_build_sdist,
    get_requires_for_build_wheel,
    prepare_metadata_for_build_editable,
    prepare_metadata_for_build_wheel,
)

import catalogues

__all__ = [
    "build_editable",
    "build_sdist",
    "build_wheel",
    "get_requires_for_build_editable",
    "get_requires_for_build_sdist",
    "get_requires_for_build_wheel",
    "prepare_metadata_for_build_editable",
    "prepare_metadata_for_build_wheel",
]

ASSETS = Path(__file__).resolve().parent.parent / "src" / "peyvand" / "web" / "static" / "peyvand"


def build_wheel(directory: str, settings: Any = None, metadata: str | None = None) -> str:
    """A wheel that needs no Node where it is installed."""
    _complete()
    return build_meta.build_wheel(directory, settings, metadata)


def build_sdist(directory: str, settings: Any = None) -> str:
    """A source archive from which the same wheel can be made."""
    _complete()
    return build_meta.build_sdist(directory, settings)


def _complete() -> None:
    catalogues.compile_stale()
    manifest = ASSETS / "manifest.json"
    if not manifest.is_file():
        raise SystemExit(f"The front end is not built ({manifest} is missing); run `make build` first.")
    named = [entry["file"] for entry in json.loads(manifest.read_text(encoding="utf-8")).values()]
    missing = [name for name in named if not (ASSETS / name).is_file()]
    if missing:
        raise SystemExit(f"The built front end lacks {missing[0]}; run `make build` again.")
