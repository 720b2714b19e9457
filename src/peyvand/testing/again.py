"""A pytest plugin: a browser's test that fails is tried once more, two of them in a run at most, and the run names them.

Use it by ``-p peyvand.testing.again``. Why, and what keeps it honest: docs/decisions/0024-browsers-try-again.md.
"""

from __future__ import annotations

import pytest

MOST = 2


def pytest_configure(config: pytest.Config) -> None:
    """A third one stays failed, and so does the run; what failed before it passed is told in full."""
    config.option.max_suite_reruns = MOST
    config.option.rerun_show_tracebacks = True


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "chromium" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.flaky(reruns=1))
