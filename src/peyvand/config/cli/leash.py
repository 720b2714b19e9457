"""Between the supervisor and its children: when it dies in any way, they end too; what they wait for, it lets happen."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Mapping

VARIABLE = "PEYVAND_LEASH"
GATE = "PEYVAND_GATE"


class Leash:
    """The supervisor's end: a pipe that is never written to and closes when the process is gone."""

    def __init__(self) -> None:
        self.child_end, self._own_end = os.pipe()

    def environment(self) -> Mapping[str, str]:
        """What a child must find in its environment to hold on (pass `child_end` to it as well)."""
        return {VARIABLE: str(self.child_end)}


class Gate:
    """A pipe that is never written to: children wait at it until the supervisor opens it, by closing its own end."""

    def __init__(self) -> None:
        self.child_end, self._own_end = os.pipe()

    def environment(self) -> Mapping[str, str]:
        """What a child must find in its environment to wait (pass `child_end` to it as well)."""
        return {GATE: str(self.child_end)}

    def open(self) -> None:
        """Let children pass, those that come later too."""
        os.close(self._own_end)


def wait_at_gate() -> None:
    """In a child: go on when the supervisor has opened its gate, if there is one."""
    text = os.environ.pop(GATE, "")
    if text:
        os.read(int(text), 1)
        os.close(int(text))


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
