"""A pytest plugin, loaded before Django reads its settings: nothing of a test may touch the user's own data.

Use it by ``-p peyvand.testing.environment``; add-ons' tests may too.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path

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
