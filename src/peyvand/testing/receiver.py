"""A receiver of what leaves: a web server in a process of its own (`listener.py`)."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from peyvand.testing.installation import eventually


@dataclass(frozen=True)
class Receiver:
    """A process that takes requests, and remembers them in a folder."""

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


@contextmanager
def receiving(folder: Path) -> Iterator[Receiver]:
    """A receiver that listens meanwhile on this machine."""
    process = subprocess.Popen([sys.executable, "-m", "peyvand.testing.listener", str(folder)])
    try:
        if not eventually((folder / "port").exists):
            raise TimeoutError("the receiver did not start")
        yield Receiver(folder)
    finally:
        process.kill()
        process.wait()
