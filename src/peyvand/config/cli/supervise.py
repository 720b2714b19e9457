"""Child processes that live and end together; one that dies is started again."""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from types import FrameType

from peyvand.config.cli.leash import Gate, Leash

STOP_SECONDS = 8.0
STABLE_SECONDS = 10.0
LONGEST_PAUSE = 10.0
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Child:
    """One `peyvand` command kept running as a process group of its own."""

    def __init__(
        self, title: str, arguments: Sequence[str], environ: Mapping[str, str], *ties: Leash | Gate
    ) -> None:
        self.title = title
        self._arguments = [sys.executable, "-m", "peyvand.config.cli", *arguments]
        self._environ = dict(environ)
        for tie in ties:
            self._environ |= tie.environment()
        self._ends = [tie.child_end for tie in ties]
        self._process: subprocess.Popen[bytes] | None = None
        self._started = 0.0
        self._due = 0.0
        self._pause = 0.0
        self.crashes = 0

    def start(self) -> None:
        """Start the process. Its own group: Ctrl-C in the terminal reaches the supervisor alone."""
        self._started = time.monotonic()
        self._process = subprocess.Popen(
            self._arguments,
            env=self._environ,
            stdin=subprocess.DEVNULL,
            pass_fds=self._ends,
            start_new_session=True,
        )

    def tend(self) -> str | None:
        """Start the process again if it died; returns the message about a death just noticed."""
        if self._process is None:
            if time.monotonic() >= self._due:
                self.start()
            return None
        code = self._process.poll()
        if code is None:
            return None
        self._signal(signal.SIGKILL)  # what the dead process may have left of its group
        stable = time.monotonic() - self._started > STABLE_SECONDS
        self._pause = 0.0 if stable else self._pause
        self._due = time.monotonic() + self._pause
        self._pause = min(max(0.5, self._pause * 2), LONGEST_PAUSE)
        self._process = None
        self.crashes += 1
        return f"The {self.title} ended ({_cause(code)}); starting it again."

    @property
    def is_running(self) -> bool:
        """Whether the process lives."""
        return self._process is not None and self._process.poll() is None

    def ask_to_end(self) -> None:
        """Let the process finish what it is doing."""
        if self.is_running:
            self._signal(signal.SIGTERM, group=False)

    def end(self) -> None:
        """End the whole process group now."""
        self._signal(signal.SIGKILL)
        if self._process is not None:
            self._process.wait()

    def _signal(self, number: signal.Signals, *, group: bool = True) -> None:
        if self._process is None:
            return
        try:
            (os.killpg if group else os.kill)(self._process.pid, number)
        except (ProcessLookupError, PermissionError):
            return  # gone already (macOS says "not permitted" of a group of zombies)


class Supervisor:
    """Keeps children running until it is asked to end; use as a context manager."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self.leash, self.gate = Leash(), Gate()
        self._ending = False
        self._say = say
        self._children: list[Child] = []
        self._wake_read, self._wake_write = socket.socketpair()
        for end in (self._wake_read, self._wake_write):
            end.setblocking(False)

    def __enter__(self) -> Supervisor:
        for number in ENDING:
            signal.signal(number, self._on_signal)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._wake_write.fileno(), warn_on_full_buffer=False)
        return self

    def __exit__(self, *_: object) -> None:
        self.end()
        signal.set_wakeup_fd(-1)

    def asked_to_end(self) -> bool:
        """Whether a signal asked for the end (or the end has begun)."""
        return self._ending

    def add(self, title: str, arguments: Sequence[str], environ: Mapping[str, str]) -> Child:
        """Start a `peyvand` command and keep it running; what it must not do yet it does when `gate` is opened."""
        child = Child(title, arguments, environ, self.leash, self.gate)
        child.start()
        self._children.append(child)
        return child

    def tend(self, seconds: float) -> None:
        """Wait up to `seconds` for something to happen, then bring back what died."""
        self.wait(seconds)
        for child in self._children:
            if not self._ending and (message := child.tend()):
                self._say(message)

    def wait(self, seconds: float) -> None:
        """Sleep, but wake at once when a signal comes or a child ends."""
        if not self._ending and select.select([self._wake_read], [], [], seconds)[0]:
            self._wake_read.recv(4096)

    def end(self) -> None:
        """End all children: first by asking, after some seconds by force. Further signals change nothing."""
        self._ending = True
        for child in self._children:
            child.ask_to_end()
        deadline = time.monotonic() + STOP_SECONDS
        while any(child.is_running for child in self._children) and time.monotonic() < deadline:
            time.sleep(0.02)
        for child in self._children:
            child.end()

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._ending = True


def _cause(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
