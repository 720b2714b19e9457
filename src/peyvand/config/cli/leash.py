"""The leash between the supervisor and its children: when the supervisor dies in any way, they end too."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Mapping

VARIABLE = "PEYVAND_LEASH"


class Leash:
    """The supervisor's end: a pipe that is never written to and closes when the process is gone."""

    def __init__(self) -> None:
        self.child_end, self._own_end = os.pipe()

    def environment(self) -> Mapping[str, str]:
        """What a child must find in its environment to hold on (pass `child_end` to it as well)."""
        return {VARIABLE: str(self.child_end)}


def hold() -> bool:
    """In a child: end with SIGTERM when the supervisor is gone. Returns whether there is a supervisor."""
    text = os.environ.pop(VARIABLE, "")
    if not text:
        return False
    end = int(text)
    os.set_inheritable(end, False)

    def watch() -> None:
        os.read(end, 1)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="leash", daemon=True).start()
    return True
