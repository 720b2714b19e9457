"""Papers as PDF."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from django.conf import settings

from peyvand.kernel.errors import RuleViolation, msg
from peyvand.operational.documents import press
from peyvand.operational.documents.composing import composed
from peyvand.operational.documents.paper import Paper
from peyvand.operational.documents.sheet import Sheet

TEMPLATES: Final = Path(__file__).parent / "typst"
# A sheet is set in well under a second; whoever waits in front of a page waits no longer than this.
SECONDS: Final = 15
_SIGNS: Final = {b"\x89PNG\r\n\x1a\n": "png", b"\xff\xd8\xff": "jpg"}
_log = logging.getLogger(__name__)


def pdf(paper: Paper | Sheet, form: str = "pdf") -> bytes:
    """The paper as PDF; ``form`` "png" gives its first page as a picture.

    It is set by a child process with bounds on time and memory, which is given the paper as data and can read nothing else.

    Raises:
        RuleViolation: it could not be set.
    """
    with tempfile.TemporaryDirectory(prefix="paper-") as name:
        folder = Path(name)
        template = "sheet.typ" if isinstance(paper, Sheet) else "paper.typ"
        (folder / "main.typ").write_bytes((TEMPLATES / template).read_bytes())
        (folder / "base.typ").write_bytes((TEMPLATES / "base.typ").read_bytes())
        (folder / "paper.json").write_text(json.dumps(composed(paper)), encoding="utf-8")
        if paper.logo and (kind := picture_kind(paper.logo)):
            (folder / f"logo.{kind}").write_bytes(paper.logo)
        fonts = settings.STATIC_FOLDER / "peyvand" / "print"
        command = [sys.executable, "-m", press.__name__, name, str(fonts), form]
        try:
            done = subprocess.run(
                command, capture_output=True, timeout=SECONDS, check=False, cwd=name, env=_environment()
            )
        except subprocess.TimeoutExpired:
            _log.warning("a paper took longer than %s seconds to set", SECONDS)
            raise RuleViolation(msg("The paper could not be made in time; try again.")) from None
    if done.returncode or not done.stdout:
        _log.error("a paper could not be set: %s", done.stderr.decode(errors="replace")[-2000:])
        raise RuleViolation(msg("The paper could not be made."))
    return done.stdout


def picture_kind(content: bytes) -> str:
    """The ending of a picture that sheets can show; empty for anything else."""
    return next((kind for sign, kind in _SIGNS.items() if content.startswith(sign)), "")


def _environment() -> dict[str, str]:
    """The child gets no secret of ours: only where Python finds its modules."""
    return {
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        "PYTHONUTF8": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
