"""Work in the background gives way to people: of the processor and of the disk it takes what they leave.

Whoever answers a page then goes first, at once; where nobody waits nothing is slower. Processes that the worker starts inherit
it. A PostgreSQL works for the worker as for anybody, unless it is the embedded one, whose processes are ours.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from django.db.backends.signals import connection_created

from peyvand.platform.database.programs import is_postgres
from peyvand.platform.database.urls import socket_folder

# A quarter of the time where somebody else wants all of it: pages wait hardly longer than behind 10, and jobs get on.
# By this number Linux orders the disk's work, too.
NICE: Final = 5
_SESSION: Final = Path("/proc/self/autogroup")


def leave_cores() -> None:
    """Let mathematics use half of this machine's cores at once, unless the environment says otherwise. To be called before
    anything is loaded that reads it once: the settings, NumPy's BLAS, Arrow, scikit-learn."""
    os.environ.setdefault("PEYVAND_CORES", str(max(1, (os.cpu_count() or 1) // 2)))
    os.environ.setdefault("OMP_NUM_THREADS", os.environ["PEYVAND_CORES"])


def give_way(data: Path) -> None:
    """Let everybody else go first from now on, in this process, in those it starts and in those that an embedded server in
    the folder ``data`` has for its connections. To be called once, before threads are started: each has its own number."""
    os.setpriority(os.PRIO_PROCESS, 0, NICE)
    if os.getsid(0) == os.getpid():
        # Linux may weigh sessions instead (autogroup); the supervisor gives the worker one of its own.
        with suppress(OSError):
            _SESSION.write_text(str(NICE))
    socket = str(socket_folder(data))

    def lower(connection: Any, **_: Any) -> None:
        if connection.settings_dict["HOST"] == socket:
            slow_down(connection.connection.info.backend_pid)

    connection_created.connect(lower, weak=False, dispatch_uid=give_way)


def slow_down(backend: int) -> None:
    """The same for a process of the embedded server; one that has ended, or is another user's, is left as it is."""
    if is_postgres(backend):
        with suppress(ProcessLookupError, PermissionError):
            os.setpriority(os.PRIO_PROCESS, backend, NICE)
