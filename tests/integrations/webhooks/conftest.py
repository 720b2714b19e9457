from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.db.models import Q
from procrastinate.contrib.django.models import ProcrastinateJob as Ready

from peyvand.integrations.webhooks import outcomes
from peyvand.kernel import clock
from peyvand.testing.installation import eventually
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


@dataclass(frozen=True)
class Receiver:
    """A process that takes webhooks."""

    folder: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{(self.folder / 'port').read_text()}/hook"

    @property
    def requests(self) -> list[dict[str, Any]]:
        """What it got, in order; each with its message under ``json``."""
        file = self.folder / "requests"
        lines = file.read_text().splitlines() if file.exists() else []
        return [(r := json.loads(line)) | {"json": json.loads(r["body"])} for line in lines]

    def behave(self, how: str | int) -> None:
        (self.folder / "behaviour").write_text(str(how))


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[Receiver]:
    process = subprocess.Popen([sys.executable, str(Path(__file__).with_name("receiver.py")), str(tmp_path)])
    try:
        assert eventually((tmp_path / "port").exists)
        yield Receiver(tmp_path)
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def near(settings: Any) -> None:
    """Messages may go to this machine itself."""
    settings.WEBHOOK_NETWORKS = ["127.0.0.0/8"]


@pytest.fixture
def sara(committed: Any, near: None, monkeypatch: pytest.MonkeyPatch) -> Program:
    """Arman's owner, with everything really committed. What failed is not tried again before the test is over."""
    monkeypatch.setattr(outcomes, "PAUSES", (600, *outcomes.PAUSES[1:]))
    return program_of(committed.sara, committed.arman)
