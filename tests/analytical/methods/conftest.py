"""Where the public data sets are whose results are published: the folder that PEYVAND_DATASETS names, or `../shared/data`."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

HERE = Path(__file__).parents[3].parent / "shared" / "data"


@pytest.fixture(scope="session")
def dataset() -> Callable[[str], Path]:
    """The path of a file of the data sets; the test is skipped where there is none."""
    folder = Path(os.environ.get("PEYVAND_DATASETS") or HERE)

    def path(name: str) -> Path:
        file = folder / name
        if not file.exists():
            pytest.skip(f"{name} is not here: PEYVAND_DATASETS names the folder of the public data sets")
        return file

    return path
