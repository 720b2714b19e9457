"""A pytest plugin, loaded before Django reads its settings: nothing of a test may touch the user's own data.

Use it by ``-p peyvand.testing.environment``; add-ons' tests may too.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

# One folder for each process of the run: pytest-xdist's workers inherit the environment of the one that made theirs.
HOME = Path(tempfile.mkdtemp(prefix="peyvand-test-"))
atexit.register(shutil.rmtree, HOME, ignore_errors=True)

os.environ["PEYVAND_DATA"] = str(HOME)
os.environ["PEYVAND_SECRET_KEY"] = "only for tests"
# Tests ask more in a minute than programs do; those about limits set their own.
os.environ["PEYVAND_API_PER_MINUTE"] = "0"
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "peyvand.config.settings")
# Tests drive a browser from the same thread as the ORM; Django takes its event loop for an async caller.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
for name in ("DATABASE_URL", "DATABASE_OWNER_URL"):
    os.environ.pop(name, None)


def pytest_configure(config: pytest.Config) -> None:
    """Migrated databases are kept from run to run where pytest keeps such things, unless somebody says where."""
    os.environ.setdefault(
        "PEYVAND_TEMPLATES", str(config.cache.mkdir("peyvand-templates") if config.cache else HOME)
    )


def lay_database(data: Path) -> None:
    """Put a migrated cluster into a data folder that has none yet."""
    from peyvand.testing.template import lay

    lay(data, Path(os.environ.get("PEYVAND_TEMPLATES", HOME)))
