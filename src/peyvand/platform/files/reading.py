"""What files say, for the search: read once, beside the web server, within limits of time, memory, pages and length."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from peyvand.kernel import clock
from peyvand.platform.actions.action import listeners
from peyvand.platform.actions.context import job_context
from peyvand.platform.files import extraction, storage
from peyvand.platform.files.models import File, FileText
from peyvand.platform.files.sniffing import PICTURES
from peyvand.platform.identity.actor import Tenant
from peyvand.platform.workspaces.scope import workspace_scope

SECONDS = 30
MOST_CHARACTERS = 200_000
MOST_PAGES = 300
_PROBLEMS = {extraction.LOCKED: "locked", extraction.TOO_LARGE: "too_large"}


@dataclass(frozen=True)
class Reading:
    """The text of a file, empty where it has none; ``problem`` says why it could not be read."""

    text: str
    problem: str = ""


def read_text(path: Path) -> Reading:
    """The text of a PDF, DOCX, XLSX or plain text file. Never raises for what is in the file."""
    command = [sys.executable, "-I", extraction.__file__, str(path), str(MOST_CHARACTERS), str(MOST_PAGES)]
    try:
        # No environment: whatever the file might talk its reader into has no secrets to find there.
        done = subprocess.run(command, capture_output=True, timeout=SECONDS, env={}, check=False)
    except subprocess.TimeoutExpired:
        return Reading("", "too_slow")
    if done.returncode:
        # Killed by its own limit of processor time, it ends with the signal's number.
        problem = "too_slow" if done.returncode in (-24, -9) else _PROBLEMS.get(done.returncode, "unreadable")
        return Reading("", problem)
    return Reading(done.stdout.decode("utf-8", "ignore").replace("\x00", "").strip())


def read_file(tenant: Tenant, file_id: int) -> None:
    """Read a file and make its record findable by it. Outside any scope; does nothing where it was read already."""
    with workspace_scope(tenant.id):
        file = File.objects.filter(id=file_id).first()
        known = FileText.objects.filter(file_id=file_id).exists()
    if file is None or known:
        return
    if file.media_type in PICTURES:
        found = Reading("")
    else:
        found = read_text(storage.path_of(tenant.id, file.sha256))
    with workspace_scope(tenant.id):
        if not File.objects.filter(id=file_id).exists():
            return
        FileText.objects.update_or_create(
            file_id=file_id,
            defaults={"text": found.text, "problem": found.problem, "read_at": clock.now()},
        )
        for listener in listeners():
            listener(job_context(tenant), file.object, [file.object_id])
