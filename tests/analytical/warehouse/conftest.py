"""Files of this test alone, and somebody who acts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from peyvand.platform.actions.context import Context
from peyvand.platform.workspaces.scope import workspace_scope


@pytest.fixture(autouse=True)
def files(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = str(tmp_path / "files")


@pytest.fixture
def here(cast: Any, acting: Callable[..., Context]) -> Iterator[Context]:
    """Sara, within her workspace."""
    with workspace_scope(cast.arman.id):
        yield acting(cast.sara)
