from __future__ import annotations

from typing import Any

import pytest

from peyvand.testing.programs import Program, program_of


@pytest.fixture
def sara(cast: Any) -> Program:
    """Arman's owner."""
    return program_of(cast.sara, cast.arman)


@pytest.fixture
def viewer(cast: Any) -> Program:
    return program_of(cast.viewer, cast.arman)


@pytest.fixture
def cyrus(cast: Any) -> Program:
    """The owner of another workspace."""
    return program_of(cast.cyrus, cast.rival)
