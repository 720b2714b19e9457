"""How an analysis stands for the pages that show what it found."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from peyvand.analytical.analyses.models import ModelCard
from peyvand.analytical.analyses.public import standing_of
from peyvand.kernel import clock
from peyvand.platform.workspaces.scope import workspace_scope

FEW = [
    "Not enough %(what)s yet: %(has)s so far, %(needs)s needed.",
    {"needs": 12, "what": {"text": "orders"}, "has": 3},
]


@pytest.mark.parametrize(
    ("states", "found", "refuses", "failed", "running"),
    [
        ((), None, False, False, False),
        (("ready",), 1, False, False, False),
        (("ready", "failed"), 1, False, True, False),
        (("ready", "refused"), None, True, False, False),
        (("ready", "refused", "failed"), None, True, True, False),
        (("ready", "refused", "failed", "running"), None, True, True, True),
        (("refused", "ready", "running"), 2, False, False, True),
    ],
    ids=lambda value: "-".join(value) or "never" if isinstance(value, tuple) else None,
)
def test_a_refusal_holds_until_there_is_another_answer(
    cast: Any, acting: Any, states: Any, found: Any, refuses: bool, failed: bool, running: bool
) -> None:
    with workspace_scope(cast.arman.id):
        for number, state in enumerate(states, 1):
            ModelCard.objects.create(
                analysis="rfm", number=number, as_of=date(2026, 11, 1), started_at=clock.now(), state=state, more={"n": number},
                refusal=FEW if state == "refused" else [],
            )  # fmt: skip
        standing = standing_of(acting(cast.sara), "rfm")
        assert standing.more == ({"n": found} if found else {})
        assert (bool(standing.refusal), standing.has_failed, standing.is_running) == (
            refuses,
            failed,
            running,
        )
        assert (standing.told_by is None) == (found is None and not refuses)
