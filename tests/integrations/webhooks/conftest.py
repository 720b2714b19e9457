from __future__ import annotations

from typing import Any

import pytest
from django.db.models import Q
from procrastinate.contrib.django.models import ProcrastinateJob as Ready

from peyvand.integrations.webhooks import outcomes
from peyvand.kernel import clock
from peyvand.testing.programs import Program, program_of
from peyvand.testing.queue import drain


def work() -> None:
    """Run what is ready, and all that it leads to: log, message, notice."""
    while (
        Ready.objects.filter(status="todo")
        .filter(Q(scheduled_at=None) | Q(scheduled_at__lte=clock.now()))
        .exists()
    ):
        drain()


@pytest.fixture
def sara(committed: Any, near: None, monkeypatch: pytest.MonkeyPatch) -> Program:
    """Arman's owner, with everything really committed. What failed is not tried again before the test is over."""
    monkeypatch.setattr(outcomes, "PAUSES", (600, *outcomes.PAUSES[1:]))
    return program_of(committed.sara, committed.arman)
