"""Find the Chromium that browser tests drive."""

import os
import shutil
import subprocess

NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)


def chromium() -> "str | None":
    """The path of a Chromium that really starts (`PEYVAND_CHROMIUM` goes first), or None."""
    for name in (os.environ.get("PEYVAND_CHROMIUM", ""), *NAMES):
        path = shutil.which(name) if name else None
        # Ubuntu's chromium-browser may be only a note that points to a snap.
        if path and subprocess.run([path, "--version"], capture_output=True, check=False).returncode == 0:
            return path
    return None
